"""The host's own settings for indexes, proxies and certificates, made ready for a build.

They reach one step of it and stay nowhere: no layer, no history, no log.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
PASSED = re.compile(
    r"UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|INDEX_STRATEGY|INSECURE_HOST|HTTP_TIMEOUT"
    r"|NATIVE_TLS|INDEX_\w+_(USERNAME|PASSWORD))"
    r"|PIP_(INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|PROXY|DEFAULT_TIMEOUT|TIMEOUT|RETRIES)"
)
BUNDLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
CA, NETRC, UV_TOML = "ca.pem", ".netrc", "uv/uv.toml"
HIDDEN = "<hidden>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """``variables`` as the step sees them; ``paths``: variables that name one of the ``files``."""

    variables: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    paths: tuple[tuple[str, str], ...] = ()

    def served(self, wheels: tuple[str, ...]) -> tuple[tuple[str, bytes], ...]:
        """Return what the container beside the build serves: these files, and a list of them."""
        listing = {
            "variables": dict(self.variables),
            "files": [name for name, _ in self.files],
            "paths": dict(self.paths),
            "wheels": list(wheels),
        }
        return (("settings.json", json.dumps(listing).encode()), *self.files)


def host_settings(environ: Mapping[str, str], home: Path) -> Settings:
    """Collect them. What is a path or a ``file:`` address here means nothing in a build."""
    variables = {
        name: value
        for name, value in environ.items()
        if (PASSED.fullmatch(name) or name.upper() in PROXIES) and not _is_local(value)
    }
    if "PIP_INDEX_URL" not in variables:  # for images that uv does not run in
        named = variables.get("UV_DEFAULT_INDEX") or variables.get("UV_INDEX_URL")
        variables |= {"PIP_INDEX_URL": named} if named else {}
    files: dict[str, bytes] = {}
    paths: dict[str, str] = {}
    bundle = next((environ[name] for name in BUNDLES if _is_file(environ.get(name))), None)
    if bundle:
        files[CA] = Path(bundle).read_bytes()
        paths |= dict.fromkeys(BUNDLES, CA)
    for name, path in (
        (NETRC, Path(environ.get("NETRC") or home / ".netrc")),
        (UV_TOML, Path(environ.get("UV_CONFIG_FILE") or home / ".config" / "uv" / "uv.toml")),
    ):
        if path.is_file():
            files[name] = path.read_bytes()
    return Settings(
        variables=tuple(sorted(variables.items())),
        files=tuple(sorted(files.items())),
        paths=tuple(sorted(paths.items())),
    )


def _is_local(value: str) -> bool:
    return value.startswith(("file:", "/", "."))


def _is_file(path: str | None) -> bool:
    return bool(path) and Path(str(path)).is_file()


class Redactor:
    """Takes addresses and passwords out of what a build prints."""

    def __init__(self, settings: Settings) -> None:
        texts = [value for name, value in settings.variables if name.upper() != "NO_PROXY"]
        netrc = dict(settings.files).get(NETRC, b"").decode("utf-8", "replace")
        toml = dict(settings.files).get(UV_TOML, b"").decode("utf-8", "replace")
        secrets = re.findall(r"(?:password|login)\s+(\S+)", netrc)
        secrets += [value for name, value in settings.variables if name.endswith("_PASSWORD")]
        patterns = [
            pattern
            for text in (*texts, toml)
            for url in re.findall(r"[a-z0-9+]+://[^\s,\"']+", text)
            for pattern in _patterns(url)
        ]
        patterns += [re.escape(secret) for secret in secrets if secret]
        # The longest first: an address before the host in it.
        self._pattern = re.compile("|".join(sorted(set(patterns), key=len, reverse=True)) or r"\Z.")

    def __call__(self, text: str) -> str:
        """Return the text without them."""
        return self._pattern.sub(HIDDEN, text)


def _patterns(url: str) -> list[str]:
    """Yield the address with any user (uv masks passwords its own way), host and password."""
    parts = urlsplit(url)
    host = re.escape(parts.hostname or "")
    if not host:
        return []
    found = [rf"{parts.scheme}://(?:[^/@\s]*@)?{host}(?::\d+)?{re.escape(parts.path)}", host]
    return found + ([re.escape(parts.password)] if parts.password else [])
