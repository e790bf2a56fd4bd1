"""Where this kmatrix came from, as a workflow names an action: ``owner/name@commit``.

A workflow must name an existing repository. pip and uv record the address that a package was
installed from (PEP 610), and a checkout has a remote; without both, ``--action`` is needed.
"""

from __future__ import annotations

import json
import re

# An action of a repository, or of a folder in it, at a branch, a tag or a commit.
ACTION = re.compile(r"[\w.-]+/[\w.-]+(?:/[\w./-]+)?@[\w./-]+")
UNKNOWN = "OWNER/kmatrix@REF"
_GITHUB = re.compile(
    r"(?:git\+)?(?:https://(?:[^@/]*@)?|ssh://git@|git@|git://)github\.com[/:]"
    r"([\w.-]+/[\w.-]+?)(?:\.git)?/?"
)


def in_folder(action: str, folder: str) -> str:
    """Another action of the same repository: ``owner/name/folder@ref``."""
    repository, _, ref = action.partition("@")
    return f"{repository}/{folder}@{ref}"


def is_action(text: str) -> bool:
    """Whether a workflow can use it."""
    return ACTION.fullmatch(text) is not None


def action_at(address: str, commit: str) -> str | None:
    """``owner/name@ref`` of a repository's address; None if it is not on GitHub."""
    found = _GITHUB.fullmatch(address.strip())
    return f"{found[1]}@{commit.strip()}" if found is not None and commit.strip() else None


def installed_from(direct_url: str | None) -> str | None:
    """From the text of ``direct_url.json``; None if it was not a repository on GitHub."""
    try:
        data = json.loads(direct_url or "{}")
        return action_at(data["url"], data["vcs_info"]["commit_id"])
    except (ValueError, KeyError, TypeError):
        return None


def directory_of(direct_url: str | None) -> str | None:
    """Return the address of the folder that it was installed from; None if it was not a folder."""
    try:
        data = json.loads(direct_url or "{}")
        return str(data["url"]) if "dir_info" in data else None
    except (ValueError, KeyError, TypeError):
        return None
