"""One cell as text: what was asked, what happened, why, and what helps. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.compare.upgrade_answer import versions_of
from runner.display_text import one_line
from runner.model.finding import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.model.results import CellResult, Results, ScriptResult


def explain(
    results: Results, cell: CellResult, source: str, *, difference: float | None = None
) -> list[str]:
    """Return lines for a terminal. source: where the answer is from, in words.

    difference: the largest difference of predictions, where the results do not have it.
    """
    return [
        cell.id,
        source,
        "",
        *_question(results, cell),
        "",
        *_evidence(cell),
        *(() if difference is None else (f"  predictions: largest difference {difference:g}",)),
        *_causes(results, cell),
        *_remedy(results, cell),
    ]


def _question(results: Results, cell: CellResult) -> Iterator[str]:
    name = cell.name
    titles = {item.name: item.title for item in results.recipes}
    sides = {item.id: item for item in results.environments}
    yield f"model:   {name.recipe}: {titles.get(name.recipe, name.recipe)}; format {name.format}"
    yield f"saved:   {versions_of(sides[name.saver])}"
    yield f"loaded:  {versions_of(sides[name.loader])}"


def _evidence(cell: CellResult) -> Iterator[str]:
    before = cell.as_is if cell.as_is is not None and cell.as_is is not cell.verdict else None
    yield f"verdict: {cell.verdict}" + (
        f" ({before} as a user would first try it)" if before else ""
    )
    if cell.reason:
        yield f"  {one_line(cell.reason)}"
    if cell.failure is not None:
        yield f"  {cell.failure.type}: {one_line(cell.failure.innermost)}"
    if cell.outputs is not None:
        numbers = cell.outputs
        yield (
            f"  predictions: largest difference {numbers.max_abs:.3g}, {numbers.mismatched} of "
            f"{numbers.elements} elements over the tolerance"
        )
    yield from (f"  lost: {one_line(text)}" for text in cell.lost if text != cell.reason)
    for attempt in cell.attempts:
        word = "works" if attempt.verified else "tried"
        number = (
            f", largest difference {attempt.max_abs:.3g}" if attempt.max_abs is not None else ""
        )
        yield f"  {word}: {attempt.route}: {attempt.verdict}{number}"


def _causes(results: Results, cell: CellResult) -> Iterator[str]:
    known = {item.id: item for item in results.signatures}
    for name in cell.signatures:
        signature = known.get(name)
        yield ""
        if signature is None:
            yield f"cause:   {name}"
            continue
        yield f"cause:   {signature.title} ({name})"
        if signature.cause:
            yield f"  {one_line(signature.cause)}"
        yield from (f"  {link}" for link in signature.links)


def _remedy(results: Results, cell: CellResult) -> Iterator[str]:
    route = cell.remedy or (cell.route if cell.verdict is Verdict.REMEDIED else None)
    if route is None:
        if cell.verdict.failing:
            yield ""
            yield "remedy:  no way of loading that was tried helps"
        return
    titles = {item.id: item.title for item in results.routes}
    title = f": {titles[route]}" if route in titles else ""
    yield ""
    yield f"remedy:  {route}, verified in this environment{title}"
    known = {item.id: item for item in results.scripts}
    attempt = next((item for item in cell.attempts if item.route == route), None)
    for name in attempt.scripts if attempt is not None else ():
        if name in known:
            yield ""
            yield from _script(known[name], known)


def _script(script: ScriptResult, known: Mapping[str, ScriptResult]) -> Iterator[str]:
    """Yield what was executed; the names of the modules that it imports, and their length."""
    yield from (f"    {line}".rstrip() for line in script.code.splitlines())
    for name, id_ in script.files:
        if id_ in known:
            count = len(known[id_].code.splitlines())
            yield f"  with {name}, {count} lines: --format json has its text"
