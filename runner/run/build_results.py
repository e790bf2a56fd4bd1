"""A run's results: what is known now, evaluated and described."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from kmatrix._version import __version__
from runner.evaluate.cell_results import Assembler
from runner.model.finding import ArtifactStatus, EnvironmentStatus, Verdict
from runner.model.results import (
    EnvironmentResult,
    RecipeResult,
    Results,
    RouteResult,
    RunInfo,
    ScriptResult,
    SignatureResult,
)
from runner.model.routes import SCENARIOS, Scenario, find_route
from runner.model.scripts import text_id
from runner.run.session import now
from runner.signatures import load_signatures, signature_result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.model.matrix import Environment, RecipeInfo
    from runner.model.results import ArtifactResult, CellResult
    from runner.model.routes import RouteText
    from runner.model.scripts import Script
    from runner.run.run_state import RunState
    from runner.run.snapshot import Snapshot

UNASKED = frozenset({ArtifactStatus.UNAVAILABLE, ArtifactStatus.MISSING})


def results_of(state: RunState, snapshot: Snapshot, *, complete: bool) -> Results:
    """Evaluate and describe what a snapshot knows. complete: the run has finished."""
    spec = state.spec
    artifacts, cells = Assembler(evaluator=snapshot.evaluator).assemble(snapshot.plan)
    missing = any(cell.verdict is Verdict.MISSING for cell in cells)
    return Results(
        run=RunInfo(
            id=state.id,
            started=state.started,
            finished=now() if complete else None,
            profile=spec.profile,
            matrix=spec.file.name,
            kmatrix=__version__,
            system=f"{platform.system()} {platform.machine()}",
            complete=complete and state.whole and not missing,
            seconds=state.seconds,
            ran=len(state.measured),
            known=len(evidence_keys(artifacts, cells) - state.measured),
        ),
        environments=tuple(_environment(state, item) for item in spec.environments),
        recipes=tuple(_recipe(item) for item in spec.recipes),
        formats=tuple(str(item) for item in spec.formats),
        artifacts=artifacts,
        cells=cells,
        signatures=_signatures(cells),
        routes=_routes(cells),
        scripts=script_results(cells, snapshot.evaluator.scripts),
        scenarios=tuple(_described(item) for item in SCENARIOS if _has_scenarios(cells)),
    )


def evidence_keys(
    artifacts: Iterable[ArtifactResult], cells: Iterable[CellResult]
) -> frozenset[str]:
    """Return the keys of all evidence in results: saves, loads, routes, scenarios."""
    asked: set[str | None] = {item.key for item in artifacts if item.status not in UNASKED}
    for cell in cells:
        asked |= {cell.key, *(item.key for item in (*cell.attempts, *cell.scenarios))}
    return frozenset(key for key in asked if key is not None)


def _environment(state: RunState, environment: Environment) -> EnvironmentResult:
    installation = environment.installation
    lock = state.locks[installation.name]
    down = state.down.get(environment.id)
    versions = state.facts[environment.id].get("versions", ())
    return EnvironmentResult(
        id=environment.id,
        status=EnvironmentStatus(str(down[0])) if down else EnvironmentStatus.READY,
        reason=down[1] if down is not None else None,
        installation=installation.name,
        builder=installation.builder,
        python=installation.python,
        backend=str(environment.backend),
        api=str(environment.api),
        lock=lock.digest,
        versions=tuple((name, version) for name, version in versions),
        packages=lock.packages,
        variables=environment.variables,
        log=state.logs.get(installation.name),
    )


def _recipe(recipe: RecipeInfo) -> RecipeResult:
    return RecipeResult(
        name=recipe.name,
        title=recipe.title,
        custom=recipe.custom,
        exposes=recipe.exposes,
        file=recipe.path.name,
    )


def _signatures(cells: Iterable[CellResult]) -> tuple[SignatureResult, ...]:
    shown = {name for cell in cells for name in cell.signatures}
    return tuple(signature_result(item) for item in load_signatures() if item.id in shown)


def _routes(cells: Iterable[CellResult]) -> tuple[RouteResult, ...]:
    tried = {attempt.route for cell in cells for attempt in cell.attempts}
    return tuple(_described(find_route(name)) for name in sorted(tried))


def script_results(
    cells: Iterable[CellResult], known: Mapping[str, Script]
) -> tuple[ScriptResult, ...]:
    """Return the scripts of all attempts, and the modules that they import, each once."""
    found: dict[str, ScriptResult] = {}
    for name in sorted({name for cell in cells for one in cell.attempts for name in one.scripts}):
        script = known[name]
        files = tuple((file, text_id(text)) for file, text in script.files)
        found[name] = ScriptResult(
            id=name, code=script.text, files=files, needs_author=script.needs_author
        )
        for (_, text), (_, id_) in zip(script.files, files, strict=True):
            found[id_] = ScriptResult(id=id_, code=text)
    return tuple(found.values())


def _has_scenarios(cells: Iterable[CellResult]) -> bool:
    return any(cell.scenarios for cell in cells)


def _described(route: RouteText) -> RouteResult:
    return RouteResult(
        id=route.id, title=route.title, code=route.code if isinstance(route, Scenario) else ""
    )
