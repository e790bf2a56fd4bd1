"""Proposals for a person, a program, or the text of a pull request. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.scaffold.new_releases import Release
    from runner.scaffold.proposals import Proposal

FILES = {"catalogue": "environments/catalogue.yaml", "matrix": "matrix.yaml"}

CAUTION = (
    "The Pythons and the Keras of a new TensorFlow are those of the previous minor version; the "
    "run of this pull request shows whether they hold."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """What is new and what to do about it."""

    news: tuple[Release, ...]
    proposals: tuple[Proposal, ...]
    commands: tuple[str, ...]  # in this order, after the lines are there
    written: bool = False
    locked: tuple[str, ...] = ()  # what was locked, a line each
    notes: tuple[str, ...] = ()


def as_json(update: Update) -> str:
    """For programs."""
    releases = [
        {
            "package": release.package,
            "version": release.version,
            "kind": release.kind.name.lower(),
            "known": release.known,
            "lines": [
                {"file": FILES[one.file], "line": one.line}
                for one in update.proposals
                if one.release == release
            ],
        }
        for release in update.news
    ]
    return json.dumps(
        {
            "new": releases,
            "commands": list(update.commands),
            "written": update.written,
            "locked": list(update.locked),
            "notes": list(update.notes),
        },
        indent=2,
    )


def as_text(update: Update) -> str:
    """For a terminal."""
    if not update.news:
        return "nothing new\n"
    lines = []
    for release in update.news:
        lines.append(f"{release.package} {release.version}: {_words(release)}")
        for one in update.proposals:
            if one.release == release:
                lines.append(f"  {FILES[one.file]}:")
                lines += [f"    {line}" for line in one.line.splitlines()]
    if update.written:
        lines += [
            "written. " + ("Locks:" if update.locked else "No lock had to change."),
            *update.locked,
        ]
    else:
        lines += ["", "to take all of this: kmatrix update --write, which does:", *update.commands]
    lines += update.notes
    return "\n".join(lines) + "\n"


def as_markdown(update: Update) -> str:
    """For the text of a pull request."""
    if not update.news:
        return "Nothing new.\n"
    lines = ["| package | new | known before | what it is |", "|---|---|---|---|"]
    lines += [
        f"| {one.package} | {one.version} | {one.known} | {one.kind} |" for one in update.news
    ]
    for name, file in FILES.items():
        block = [one.line for one in update.proposals if one.file == name]
        if block:
            lines += ["", f"`{file}`:", "```yaml", *block, "```"]
    if update.locked:
        lines += ["", "Locks:", *(f"- {line}" for line in update.locked)]
    if update.notes:
        lines += ["", *(f"**{line}**" for line in update.notes)]
    return "\n".join([*lines, "", CAUTION]) + "\n"


def _words(release: Release) -> str:
    return f"{release.kind} (known: {release.known})"
