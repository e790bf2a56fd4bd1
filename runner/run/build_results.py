"""A run's results: what is known now, judged and described."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import kmatrix
from runner.evaluate.cell_results import Assembler
from runner.evaluate.routes import SCENARIOS, Route, find_route
from runner.model.finding import Verdict
from runner.model.results import (
    EnvironmentResult,
    RecipeResult,
    Results,
    RouteResult,
    RunInfo,
    SignatureResult,
)
from runner.run.session import now
from runner.signatures import load_signatures, signature_result

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runner.model.matrix import Environment, RecipeInfo
    from runner.model.results import CellResult
    from runner.run.matrix_run import Run


def results_of(run: Run, *, complete: bool) -> Results:
    """What ``run`` has come to by now."""
    judge = run.new_judge()
    artifacts, cells = Assembler(judge=judge, artifacts=run.session.artifacts).assemble(run.plan())
    asked = sum(1 for cell in cells if cell.key is not None) + len(artifacts)
    return Results(
        run=RunInfo(
            id=run.session.run_id,
            started=run.started,
            finished=now() if complete else None,
            profile=run.spec.profile,
            matrix=run.spec.file.name,
            kmatrix=kmatrix.__version__,
            system=f"{platform.system()} {platform.machine()}",
            complete=complete
            and not (run.unanswered or run.stopped)
            and not any(c.verdict is Verdict.MISSING for c in cells),
            seconds=run.seconds(),
            ran=run.ran,
            known=max(0, asked - run.ran),
        ),
        environments=tuple(_environment(run, item) for item in run.spec.environments),
        recipes=tuple(_recipe(item) for item in run.spec.recipes),
        formats=tuple(str(item) for item in run.spec.formats),
        artifacts=artifacts,
        cells=cells,
        signatures=_signatures(cells),
        routes=_routes(cells),
        scenarios=tuple(_described(item) for item in SCENARIOS if _has_scenarios(cells)),
    )


def _environment(run: Run, environment: Environment) -> EnvironmentResult:
    installation = environment.installation
    lock = run.locks[installation.name]
    facts = run.session.database.facts(run.digest(environment)) or {}
    down = run.down.get(environment.id)
    built = run.installations.built.get(installation.name)
    return EnvironmentResult(
        id=environment.id,
        status="ready" if down is None else str(down[0]),
        reason=down[1] if down is not None else None,
        installation=installation.name,
        builder=installation.builder,
        python=installation.python,
        backend=str(environment.backend),
        api=str(environment.api),
        lock=lock.digest,
        versions=tuple((name, version) for name, version in facts.get("versions", ())),
        packages=lock.packages,
        variables=environment.variables,
        log=_relative(built.log if built is not None else None, run.session.build),
    )


def _relative(log: Path | None, build: Path) -> str | None:
    if log is None:
        return None
    return str(log.relative_to(build) if log.is_relative_to(build) else log)


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


def _has_scenarios(cells: Iterable[CellResult]) -> bool:
    return any(cell.scenarios for cell in cells)


def _described(route: Route) -> RouteResult:
    return RouteResult(id=route.id, title=route.title, code=route.code)
