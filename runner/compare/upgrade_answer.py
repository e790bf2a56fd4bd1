"""The cells of one pair, and of both sides alone, to the answer whether an upgrade is safe."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from runner.compare.since_when import bisect_command
from runner.display_text import LINE, one_line
from runner.model.cell_id import CellId
from runner.model.finding import EnvironmentStatus, FindingCode, Verdict
from runner.model.upgrade import Answer, Direction, Fate, Group, Safety, Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from runner.model.results import CellResult, EnvironmentResult, Results

NAMES = (
    *(("tensorflow", "TensorFlow"), ("tensorflow-cpu", "TensorFlow"), ("tf-nightly", "nightly")),
    *(("keras", "Keras"), ("tf-keras", "tf-keras"), ("jax", "JAX"), ("torch", "torch")),
    *(("theano", "Theano"), ("numpy", "NumPy")),
)

HELPED = frozenset({Fate.REMEDY, Fate.DRIFTS})  # where another way of loading may be the cure


def answer(results: Results, pairs: Sequence[tuple[str, str]]) -> Answer:
    """Return what ``results`` say about each (saver, loader).

    Controls are the savers' own diagonals.
    """
    return Answer(
        directions=tuple(_direction(results, saver, loader) for saver, loader in pairs),
        models=len(results.recipes),
        formats=results.formats,
        date=results.run.started[:10],
        kmatrix=results.run.kmatrix,
    )


def unbuilt(saver: Side, loader: Side, problem: str, *, date: str, kmatrix: str) -> Answer:
    """Return the answer where one side could not be had, so that nothing was measured."""
    direction = Direction(
        saver=saver, loader=loader, safety=Safety.UNKNOWN, groups=(), problem=problem
    )
    return Answer(directions=(direction,), models=0, formats=(), date=date, kmatrix=kmatrix)


def _direction(results: Results, saver: str, loader: str) -> Direction:
    sides = {item.id: _side(item) for item in results.environments}
    groups: dict[tuple[Fate, str], list[CellResult]] = {}
    for cell, fate in _fates(results, saver, loader):
        groups.setdefault((fate, _cause(results, cell, fate)), []).append(cell)
    found = [_group(results, fate, cause, cells) for (fate, cause), cells in groups.items()]
    found.sort(key=lambda group: (list(Fate).index(group.fate), -len(group.cells)))
    problem = _problem(found, sides[saver], sides[loader])
    return Direction(
        saver=sides[saver],
        loader=sides[loader],
        safety=safety_of(found, problem),
        groups=tuple(found),
        problem=problem,
        since=_since(results, found, saver, loader),
    )


def _since(results: Results, groups: Iterable[Group], saver: str, loader: str) -> str | None:
    """The search for the release of the first cell that fails."""
    environments = {one.id: one for one in results.environments}
    cells = (cell for group in groups if group.fate.unsafe for cell in group.cells)
    first = next((CellId.parse(cell) for cell in cells), None)
    if first is None:
        return None
    return bisect_command(first, environments[saver], environments[loader])


def _fates(results: Results, saver: str, loader: str) -> Iterator[tuple[CellResult, Fate]]:
    """Each artifact of the saver once; one that it could not even save fails before."""
    cells = {name: cell for cell in results.cells if (name := cell.name).saver == saver}
    for name, cell in cells.items():
        control = cells.get(name.control)
        if cell.loader == loader:
            yield cell, fate_of(cell, control)
        elif never_saved(cell) and name.artifact.read_by(loader) not in cells:
            yield cell, Fate.BEFORE


def never_saved(cell: CellResult) -> bool:
    """Whether a cell on the diagonal says that its artifact is missing; 0.1 calls it broken."""
    return cell.code is FindingCode.NOT_SAVED or cell.verdict is Verdict.BROKEN


def fate_of(cell: CellResult, control: CellResult | None) -> Fate:
    """Return what becomes of an artifact.

    ``control``: its own saver reading it, where that was asked.
    """
    own = control.verdict if control is not None else None
    if own is Verdict.BROKEN or (own is not None and own.failing):
        return Fate.BEFORE
    match cell.verdict:
        case Verdict.IDENTICAL:
            return Fate.WORKS
        case Verdict.DEGRADED:
            as_before = control is not None and set(cell.lost) <= set(control.lost)
            return Fate.WORKS if as_before and cell.lost else Fate.LOSES
        case Verdict.REMEDIED:
            same = control is not None and own is Verdict.REMEDIED and control.route == cell.route
            return Fate.WORKS if same else Fate.REMEDY
        case Verdict.REFUSED | Verdict.CRASHED | Verdict.HUNG:
            return Fate.BREAKS
        case Verdict.DRIFTED:
            return Fate.DRIFTS
        case Verdict.UNSUPPORTED:
            read_before = own is not None and (own.safe or own is Verdict.REMEDIED)
            return Fate.GONE if read_before and cell.code is FindingCode.NO_READER else Fate.UNASKED
        case Verdict.BROKEN:
            return Fate.BEFORE
        case Verdict.UNAVAILABLE | Verdict.MISSING:
            return Fate.UNKNOWN
        case _:
            assert_never(cell.verdict)


def _cause(results: Results, cell: CellResult, fate: Fate) -> str:
    match fate:
        case Fate.WORKS:
            return ""
        case Fate.LOSES:
            return one_line(cell.lost[0] if cell.lost else cell.reason, LINE)
        case Fate.REMEDY:
            return _title(results, cell.route)
        case Fate.GONE:
            return f"{cell.name.format} is no longer read"
        case _:
            return _signature(results, cell) or one_line(cell.reason, LINE)


def _signature(results: Results, cell: CellResult) -> str | None:
    if not cell.signatures:
        return None
    for signature in results.signatures:
        if signature.id == cell.signatures[0]:
            return f"{signature.id}: {one_line(signature.title, LINE)}"
    return cell.signatures[0]


def _title(results: Results, route: str) -> str:
    for known in results.routes:
        if known.id == route:
            return f"{route}: {known.title}"
    return route


def _code(results: Results, cells: Sequence[CellResult], route: str | None) -> str | None:
    """What was executed, of the first of the cells; one after the other where it is several."""
    texts = {one.id: one.code for one in results.scripts}
    for attempt in (one for cell in cells for one in cell.attempts):
        if attempt.route == route and attempt.scripts:
            return "\n".join(texts.get(name, "") for name in attempt.scripts)
    return None


def _group(results: Results, fate: Fate, cause: str, cells: Sequence[CellResult]) -> Group:
    names = [cell.name for cell in cells]
    remedies = {cell.remedy or cell.route for cell in cells if fate in HELPED}
    helped = len(remedies) == 1 and all(cell.remedy for cell in cells)
    route = next(iter(remedies)) if helped else None
    return Group(
        fate=fate,
        cause=cause,
        cells=tuple(cell.id for cell in cells),
        models=tuple(dict.fromkeys(name.recipe for name in names)),
        formats=tuple(dict.fromkeys(name.format for name in names)),
        route=route,
        code=_code(results, cells, route),
    )


def _problem(groups: Iterable[Group], saver: Side, loader: Side) -> str | None:
    """Why nothing can be told, where that is so."""
    for side in (saver, loader):
        if side.problem is not None:
            return side.problem
    if not any(group.fate.compared for group in groups):
        return "no reference model was saved on one side and asked on the other"
    return None


def safety_of(groups: Sequence[Group], problem: str | None) -> Safety:
    """Return the worst of all groups; a problem says that nothing can be told."""
    if problem is not None:
        return Safety.UNKNOWN
    fates = {group.fate for group in groups}
    if any(fate.unsafe for fate in fates):
        return Safety.UNSAFE
    if Fate.UNKNOWN in fates:
        return Safety.UNKNOWN
    return Safety.CHANGES if Fate.REMEDY in fates else Safety.SAFE


def _side(environment: EnvironmentResult) -> Side:
    problem = None
    if environment.status is not EnvironmentStatus.READY:
        problem = f"{environment.id} is {environment.status}: {environment.reason}"
    return Side(id=environment.id, words=versions_of(environment), problem=problem)


def versions_of(environment: EnvironmentResult) -> str:
    """``TensorFlow 2.15.1, Keras 2.15.0, NumPy 1.26.4, Python 3.11.9``."""
    packages = {name.lower().replace("_", "-"): item for name, item in environment.packages}
    found = {**dict(environment.versions), **packages}  # a module may call itself "0"
    named: dict[str, str] = {}
    for package, name in NAMES:
        if package in found:
            named.setdefault(name, f"{name} {found[package]}")
    python = dict(environment.versions).get("python", environment.python)
    return ", ".join([*named.values(), f"Python {python}"])
