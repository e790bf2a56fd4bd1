"""``kmatrix check --diff``: an answer for each file whose versions a change moves."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from runner.atlas.atlas_files import read_atlas
from runner.atlas.lookup import PACKAGES
from runner.cli.git_sides import read_sides
from runner.cli.known_upgrade import described_sides, known_answer
from runner.compare.upgrade_text import as_json, as_markdown, as_text
from runner.model.keras_identity import KERAS_PACKAGES, LEGACY_PACKAGES, TENSORFLOW_RELEASES
from runner.model.upgrade import Safety
from runner.scaffold.version_changes import compare_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.cli.commands.check import Options
    from runner.model.upgrade import Answer
    from runner.scaffold.version_changes import Pin, VersionChange

KERAS = frozenset({*TENSORFLOW_RELEASES, *KERAS_PACKAGES, *LEGACY_PACKAGES})
ORDER = (Safety.UNSAFE, Safety.UNKNOWN, Safety.CHANGES)  # the worst first


@dataclass(frozen=True, kw_only=True, slots=True)
class FileAnswer:
    """One changed file. answer: None where both sides are the same for saved models."""

    change: VersionChange
    answer: Answer | None
    same: str = ""  # why there is no answer


@dataclass(frozen=True, kw_only=True, slots=True)
class DiffAnswer:
    """All answers to one change of a repository."""

    since: str
    files: tuple[FileAnswer, ...]
    notes: tuple[str, ...]

    @property
    def safety(self) -> Safety:
        """The worst of all files."""
        found = {item.answer.safety for item in self.files if item.answer is not None}
        return next((safety for safety in ORDER if safety in found), Safety.SAFE)


def answer_diff(options: Options, since: str) -> DiffAnswer:
    """Compare both sides in git, and answer for what changed. Raises ToolError."""
    sides = read_sides(since)
    found = compare_files(sides.before, sides.after)
    return DiffAnswer(
        since=sides.before_name,
        files=tuple(_answer(change, options, sides.before_name) for change in found.changes),
        notes=found.notes,
    )


def _answer(change: VersionChange, options: Options, since: str) -> FileAnswer:
    before, after = requirements_of(change.before), requirements_of(change.after)
    if not all(any(pin.package in KERAS for pin in side) for side in (change.before, change.after)):
        same = "Keras and TensorFlow are not among its packages on both sides"
        return FileAnswer(change=change, answer=None, same=same)
    if not options.asks_more and PACKAGES.issuperset(change.changed):
        names = (since, "now")
        known = described_sides(read_atlas(savers=()), before, after, names=names)
        if known is not None and known.saver.id == known.loader.id:
            same = f"both sides are {known.saver.id} of the atlas"
            return FileAnswer(change=change, answer=None, same=same)
        if known is not None:
            found = known_answer(
                known, formats=options.formats, both_directions=options.both_directions
            )
            if found is not None:
                return FileAnswer(change=change, answer=found)
    return FileAnswer(change=change, answer=_measured(change, options))


def requirements_of(pins: Sequence[Pin]) -> tuple[str, ...]:
    """Return what an environment with these pins is made of.

    TensorFlow once: a lock of all systems names its variants too, most of which are not for this
    one.
    """
    found: dict[str, str] = {}
    for pin in pins:
        if pin.package in TENSORFLOW_RELEASES and pin.package != "tensorflow-cpu":
            found.setdefault("tensorflow", f"tensorflow{pin.specifier}")
        else:
            found[pin.package] = pin.requirement
    if "tensorflow-cpu" in found:
        found.pop("tensorflow", None)
    return tuple(found.values())


def _measured(change: VersionChange, options: Options) -> Answer:
    from runner.cli.check_target import Described, safe_name  # noqa: PLC0415 - the engine
    from runner.cli.measured_upgrade import measured_answer  # noqa: PLC0415
    from runner.cli.project import open_project_or_own  # noqa: PLC0415

    project, _ = open_project_or_own(options)
    name = safe_name(change.path)
    old, new = (
        Described(name=f"{name}-{side}", requirements=requirements_of(pins), python=options.python)
        for side, pins in (("before", change.before), ("after", change.after))
    )
    return measured_answer(project, old, new, replace(options.question, files=options.files))


def as_lines(found: DiffAnswer, form: str) -> Iterator[str]:
    """Yield the answers as text, as Markdown or as JSON."""
    if form == "json":
        yield json.dumps(_plain(found), indent=1, ensure_ascii=False)
        return
    mark = "`" if form == "markdown" else ""
    if not found.files:
        yield f"Nothing that saved models depend on changed since {mark}{found.since}{mark}."
    for item in found.files:
        yield f"{'### ' if mark else ''}{mark}{item.change.path}{mark}: {item.change.words}"
        yield ""
        if item.answer is None:
            yield f"safe: nothing changes for saved models ({item.same})"
        else:
            yield from (as_markdown if mark else as_text)(item.answer)
        yield ""
    yield from (f"note: {note}" for note in found.notes)


def _plain(found: DiffAnswer) -> dict[str, Any]:
    return {
        "schema": 1,
        "since": found.since,
        "safety": found.safety,
        "files": [
            {
                "file": item.change.path,
                "changed": list(item.change.changed),
                "words": item.change.words,
                "same": item.same or None,
                "answer": as_json(item.answer) if item.answer is not None else None,
            }
            for item in found.files
        ],
        "notes": list(found.notes),
    }
