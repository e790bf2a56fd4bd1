"""Cells of the atlas as ranges of releases, in the manner of MDN's browser-compat-data. Pure.

A range says: these loaders fail like this with files of those savers. Its ends are releases that
were measured; what lies between and was not measured is listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import Version

from runner.model.atlas_data import AtlasRange, Span
from runner.model.keras_identity import parse_version
from runner.model.matrix import KerasApi

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from runner.model.atlas_data import Atlas, AtlasCell, AtlasEnvironment
    from runner.model.cell_id import CellId

TENSORFLOW, KERAS = "TensorFlow", "Keras"
NOTHING = Version("0")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """An environment on its line of releases."""

    id: str
    line: str
    release: str

    @property
    def order(self) -> Version:
        return parse_version(self.release) or NOTHING


def line_of(environment: AtlasEnvironment) -> str:
    """Return the line of releases that an environment is on."""
    if environment.api == KerasApi.TF_KERAS and environment.generation == 2:
        words = "tf-keras" if environment.legacy_keras else TENSORFLOW
        return words if environment.eager else f"{words} without eager execution"
    return f"{KERAS} {environment.generation} on {environment.backend}"


def release_of(environment: AtlasEnvironment) -> str:
    """Return its release: of TensorFlow where Keras is inside, else of Keras."""
    inside = line_of(environment).startswith(TENSORFLOW)
    return (environment.tensorflow if inside else environment.keras) or ""


def find_ranges(atlas: Atlas, releases: Mapping[str, Sequence[str]]) -> tuple[AtlasRange, ...]:
    """Return all ranges, sorted by reference model, format and signature.

    releases: the known minor releases of TENSORFLOW and of KERAS, to name those not measured.
    """
    places = {
        item.id: _Place(id=item.id, line=line_of(item), release=release_of(item))
        for item in atlas.index.environments
    }
    grouped: dict[tuple[str, str, str, str], dict[CellId, AtlasCell]] = {}
    for saver, cells in atlas.cells.items():
        for cell in cells:
            name = cell.named(saver)
            if saver in places and name.loader in places:
                lines = places[saver].line, places[name.loader].line
                grouped.setdefault((name.recipe, name.format, *lines), {})[name] = cell
    found: list[AtlasRange] = []
    for (model, format_, *_), cells_of in sorted(grouped.items()):
        for signature in sorted({s for cell in cells_of.values() for s in cell.signatures}):
            found += _ranges(model, format_, signature, cells_of, places, releases)
    return tuple(found)


def _ranges(
    model: str,
    format_: str,
    signature: str,
    cells: Mapping[CellId, AtlasCell],
    places: Mapping[str, _Place],
    releases: Mapping[str, Sequence[str]],
) -> Iterator[AtlasRange]:
    showing = {name: cell for name, cell in cells.items() if signature in cell.signatures}
    loaders = sorted({name.loader for name in cells}, key=lambda name: (places[name].order, name))
    for begin, end in _runs([any(one.loader == name for one in showing) for name in loaders]):
        inside = loaders[begin:end]
        shown = {name: cell for name, cell in showing.items() if name.loader in inside}
        savers = sorted({name.saver for name in shown}, key=lambda name: (places[name].order, name))
        before = places[loaders[begin - 1]] if begin else None
        after = places[loaders[end]] if end < len(loaders) else None
        span = _span([places[name] for name in inside])
        yield AtlasRange(
            model=model,
            format=format_,
            signature=signature,
            files_of=_span([places[name] for name in savers]),
            loaders=span,
            verdicts=tuple(sorted({cell.as_is or cell.verdict for cell in shown.values()})),
            remedies=tuple(sorted({r for cell in shown.values() if (r := _remedy(cell))})),
            cells=tuple(sorted(map(str, shown))),
            other=tuple(
                str(name)
                for name in sorted(cells)
                if name.loader in inside and name.saver in savers and name not in shown
            ),
            before=before.release if before is not None else None,
            after=after.release if after is not None else None,
            not_measured=tuple(
                _between(
                    (before.release if before is not None else span.first),
                    (after.release if after is not None else span.last),
                    [places[name].release for name in loaders],
                    _known(releases, span.line),
                )
            ),
        )


def _remedy(cell: AtlasCell) -> str | None:
    return cell.remedy or (cell.route if cell.route != "as-is" else None)


def _runs(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield the begin and end of every run of true flags."""
    begin: int | None = None
    for place, flag in enumerate([*flags, False]):
        if flag and begin is None:
            begin = place
        elif not flag and begin is not None:
            yield begin, place
            begin = None


def _span(places: Sequence[_Place]) -> Span:
    return Span(
        line=places[0].line,
        first=places[0].release,
        last=places[-1].release,
        environments=tuple(place.id for place in places),
    )


def _known(releases: Mapping[str, Sequence[str]], line: str) -> Sequence[str]:
    return releases.get(TENSORFLOW if line.startswith((TENSORFLOW, "tf-keras")) else KERAS, ())


def _between(first: str, last: str, measured: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """Yield the known minor releases between two releases of which none was measured."""
    low, high = _minor(first), _minor(last)
    there = {_minor(release) for release in measured}
    for release in sorted(known, key=Version):
        if low < _minor(release) < high and _minor(release) not in there:
            yield release


def _minor(release: str) -> tuple[int, int]:
    found = parse_version(release) or NOTHING
    return found.major, found.minor


def sentence(found: AtlasRange, title: str) -> str:
    """Return one range in words."""
    verdicts = " or ".join(found.verdicts)
    words = (
        f"{found.model}/{found.format}: {verdicts} by {_words(found.loaders)} for files of "
        f"{_words(found.files_of)}: {title}"
    )
    parts = [words, f"remedy {', '.join(found.remedies)}" if found.remedies else "no remedy found"]
    if found.other:
        parts.append(f"{len(found.other)} of {len(found.other) + len(found.cells)} cells differ")
    if found.not_measured:
        parts.append(f"not measured: {', '.join(found.not_measured)}")
    return "; ".join(parts)


def _words(span: Span) -> str:
    alone = span.first == span.last
    return f"{span.line} {span.first}" + ("" if alone else f" to {span.last}")
