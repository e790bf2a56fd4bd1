"""What an installation's image is made of, and the name that follows from it. Pure."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined

from runner.paths import ENVIRONMENTS

if TYPE_CHECKING:
    from runner.model.builds import Lock
    from runner.model.matrix import Installation

PYTHON = "/opt/kmatrix/venv/bin/python"
TEMPLATE = ENVIRONMENTS / "Dockerfile.j2"
SERVED = "/tmp/kmatrix"  # noqa: S108 - inside the image's build: where inside/install.py puts wheels
OWN = "kmatrix"  # where images without a registry live


@dataclass(frozen=True, kw_only=True, slots=True)
class ImagePlan:
    """``tag`` is the full name with a digest of everything that goes in."""

    tag: str
    base: str
    files: tuple[tuple[str, bytes], ...]  # the build's context

    @property
    def context(self) -> io.BytesIO:
        """The files as a tar that is the same for the same files."""
        return tar_of(self.files)


def plan_image(
    installation: Installation, lock: Lock, *, platform: str, pins: bytes, install: bytes
) -> ImagePlan:
    """Return the image of an installation on a platform (``linux/amd64``); ``pins`` of its lock.

    The installer's version is left out on purpose: it decides how packages get there, the lock
    what they are.
    """
    base = installation.image.base_for(installation.python)
    dockerfile = render(installation, lock, base)
    parts = {
        "dockerfile": dockerfile,
        "install": hashlib.sha256(install).hexdigest(),
        "lock": lock.digest,
        "platform": platform,
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return ImagePlan(
        tag=f"{repository(installation)}:{digest[:16]}",
        base=base,
        files=(
            ("Dockerfile", dockerfile.encode()),
            ("install.py", install),
            ("lock.txt", pins),
        ),
    )


def with_line(plan: ImagePlan, line: str) -> ImagePlan:
    """Return the same image with one more line in its lock.

    The lock's digest speaks for it already.
    """
    files = tuple(
        (name, content + f"\n{line}\n".encode() if name == "lock.txt" else content)
        for name, content in plan.files
    )
    return replace(plan, files=files)


def render(installation: Installation, lock: Lock, base: str) -> str:
    """Return the Dockerfile."""
    template = Environment(undefined=StrictUndefined, keep_trailing_newline=True).from_string(  # noqa: S701 - no HTML
        TEMPLATE.read_text("utf-8")
    )
    return template.render(
        installation=installation.name,
        base=base,
        python=installation.python,
        prerelease=installation.index.prerelease,
        lock=lock.digest,
    )


def repository(installation: Installation) -> str:
    """Return the image's name without a tag: lower case, single separators, as Docker wants it."""
    name = re.sub(r"[^a-z0-9.]+|[^a-z0-9]{2,}", "-", installation.name.lower()).strip("-.")
    return f"{installation.image.registry or OWN}/{name}"


def tar_of(files: tuple[tuple[str, bytes], ...]) -> io.BytesIO:
    """Return a tar without times, owners or anything else that would differ from run to run."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as tar:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mode = 0o644
            tar.addfile(member, io.BytesIO(content))
    sink.seek(0)
    return sink
