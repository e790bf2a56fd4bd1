"""An upgrade answered from the atlas: nothing is measured, and nothing heavy is imported."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from runner.atlas.atlas_files import read_atlas
from runner.atlas.known_results import known_results
from runner.atlas.lookup import find_environment
from runner.compare.requirements_file import read_requirements
from runner.compare.upgrade_answer import answer
from runner.compare.upgrade_target import is_file_name, is_requirement, resolve
from runner.errors import ExitCode, ToolError
from runner.model.upgrade import Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.model.atlas_data import Atlas, AtlasEnvironment
    from runner.model.matrix import Matrix
    from runner.model.upgrade import Answer


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownSides:
    """Two environments of the atlas, and why they are those that were asked for."""

    saver: AtlasEnvironment
    loader: AtlasEnvironment
    taken_as: tuple[str, ...] = ()


def find_sides(
    atlas: Atlas, saver: Sequence[str], loader: Sequence[str], matrix: Matrix | None
) -> KnownSides | None:
    """Return what the words of ``--from`` and ``--to`` mean in the atlas; None if it has not both.

    matrix: the user's, whose ids they are; None: they are those of the atlas. Raises ToolError
    (exit code 2) where one begins several, or where both are the same.
    """
    taken: list[str] = []
    old, new = (_find_side(atlas, words, matrix, taken) for words in (saver, loader))
    if old is None or new is None:
        return None
    if old.id == new.id:
        raise ToolError(f"both sides are {old.id}", exit_code=ExitCode.USAGE)
    return KnownSides(saver=old, loader=new, taken_as=tuple(taken))


def _find_side(
    atlas: Atlas, words: Sequence[str], matrix: Matrix | None, taken: list[str]
) -> AtlasEnvironment | None:
    path = Path(words[0])
    if len(words) > 1 or is_requirement(words[0]):
        return None
    if path.is_file():
        asked = read_requirements(path.name, lambda name: (path.parent / name).read_text("utf-8"))
        found = find_environment(atlas, asked.requirements)
        if found is not None:
            taken.append(f"{path}: {found.id}")
        return found
    if is_file_name(words[0]):
        return None  # which is said where it is to be measured
    if matrix is not None:
        return _of_matrix(atlas, words[0], matrix)
    known = atlas.index.environments
    if not _begins(words[0], known):
        return None
    return resolve(words[0], known, frozenset(atlas.index.everywhere), "the atlas")


def _begins(word: str, known: Iterable[AtlasEnvironment]) -> bool:
    """Return whether it is certain to be one of these: tf2.1 must not be taken for tf2.10."""
    return any(item.id == word or item.id.startswith((f"{word}-", f"{word}.")) for item in known)


def _of_matrix(atlas: Atlas, word: str, matrix: Matrix) -> AtlasEnvironment | None:
    """Return an environment of a matrix that is locked exactly as one that the atlas measured."""
    from runner.cli.check_target import preferred_ids  # noqa: PLC0415 - only with a matrix
    from runner.environments.locks import read_lock  # noqa: PLC0415
    from runner.plan.evidence_keys import environment_digest  # noqa: PLC0415

    item = resolve(word, matrix.environments, preferred_ids(matrix))
    digest = environment_digest(
        item, read_lock(matrix.file.resolve().parent, item.installation).digest
    )
    return next((one for one in atlas.index.environments if one.digest == digest), None)


def described_sides(
    atlas: Atlas,
    saver: Sequence[str],
    loader: Sequence[str],
    *,
    names: tuple[str, str] = ("before", "after"),
) -> KnownSides | None:
    """Return the environments of the atlas that requirements ask for, if it has exactly these."""
    old = find_environment(atlas, saver)
    new = find_environment(atlas, loader)
    if old is None or new is None:
        return None
    taken = tuple(
        f"{name} ({', '.join(sorted(asked))}): {item.id}"
        for name, asked, item in zip(names, (saver, loader), (old, new), strict=True)
    )
    return KnownSides(saver=old, loader=new, taken_as=taken)


def known_answer(
    sides: KnownSides, *, formats: Sequence[str] = (), both_directions: bool = False
) -> Answer | None:
    """Return what the atlas says of two environments; None if it says too little of them."""
    names = sides.saver.id, sides.loader.id
    atlas = read_atlas(savers=names)
    shown = formats_of(atlas, formats)
    if shown is None:
        return None
    pairs = [names, *([(names[1], names[0])] if both_directions else [])]
    found = known_results(atlas, pairs, formats=shown)
    if not found.enough:
        return None
    known = Known(dates=found.dates, not_known=found.gaps, taken_as=sides.taken_as)
    return replace(answer(found.results, pairs), known=known)


def formats_of(atlas: Atlas, globs: Sequence[str]) -> tuple[str, ...] | None:
    """Return the formats of the atlas that globs select; None where one selects none of them."""
    has = atlas.index.formats
    if any(not any(fnmatchcase(name, glob) for name in has) for glob in globs):
        return None
    return tuple(name for name in has if not globs or any(fnmatchcase(name, x) for x in globs))
