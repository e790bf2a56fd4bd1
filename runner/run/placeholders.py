"""Paths of our own folders in what a worker said, replaced by names that are the same in all runs.

``File not found: filepath=/home/me/build/scratch/20260101T000000-abcdef/batch-3/0/model.keras``
names a folder that exists for one run only; two equal failures would differ. Pure.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from runner.docker.sandbox import ROOM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

ARTIFACT, TASK, RUN, CODE = "$ARTIFACT", "$TASK", "$RUN", "$KMATRIX"
TEXTS = ("not_available", "log", "no_inputs")
FAILURES = ("failure", "save_again")
# A batch's folders in a container, see ``ContainerWorker``.
IN_CONTAINER = (
    (re.compile(re.escape(ROOM) + r"/b\d+/\d+/(?:artifact|source)\b"), ARTIFACT),
    (re.compile(re.escape(ROOM) + r"/b\d+/\d+\b"), TASK),
    (re.compile(re.escape(ROOM) + r"/code\b"), CODE),
)


def with_placeholders(data: dict[str, Any], folders: Mapping[Path, str]) -> dict[str, Any]:
    """Return the evidence with ``folders`` replaced, the longest path first, in all that is text.

    folders: absolute paths on this machine, and their placeholders.
    """
    replace = _replacer(folders)
    found = dict(data)
    for name in TEXTS:
        if isinstance(found.get(name), str):
            found[name] = replace(found[name])
    for name in FAILURES:
        if found.get(name):
            found[name] = {key: replace(text) for key, text in found[name].items()}
    found["warnings"] = [replace(text) for text in found.get("warnings") or ()]
    return found


def _replacer(folders: Mapping[Path, str]) -> Callable[[str], str]:
    names = {os.fspath(path): name for path, name in folders.items()}
    longest = sorted(names, key=len, reverse=True)
    own = re.compile("(" + "|".join(re.escape(name) for name in longest) + r")(?![\w.-])")

    def replace(text: str) -> str:
        text = own.sub(lambda found: names[found[1]], text)
        for pattern, name in IN_CONTAINER:
            text = pattern.sub(name, text)
        return text

    return replace
