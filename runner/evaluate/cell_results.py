"""From judged evidence to results: every artifact and every cell of a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runner.evaluate.fallbacks import attempt_result, scenario_steps
from runner.evaluate.round_trips import REMEDIABLE
from runner.model.finding import ArtifactStatus, FindingCode, Verdict
from runner.model.results import ArtifactResult, CellResult, FailureResult
from runner.model.steps import AS_IS, SCENARIO

if TYPE_CHECKING:
    from runner.evaluate.evaluator import AsIs, Evaluator
    from runner.evaluate.fallbacks import Fallbacks
    from runner.evaluate.save_findings import SaveFinding
    from runner.model.evidence import Failure
    from runner.model.finding import Finding
    from runner.model.results import AttemptResult
    from runner.model.steps import LoadStep, Plan, SaveStep, Step

LOG_LIMIT = 2000  # characters of a log that go into results


@dataclass(frozen=True, kw_only=True, slots=True)
class Assembler:
    """Puts together what a ``Evaluator`` says."""

    evaluator: Evaluator

    def assemble(self, plan: Plan) -> tuple[tuple[ArtifactResult, ...], tuple[CellResult, ...]]:
        """Every artifact and every cell of a plan that the evaluator has indexed.

        Controls that nobody asked for are left out.
        """
        artifacts = []
        cells: list[CellResult] = []
        for save in plan.saves:
            if save.control:
                continue
            finding = self.evaluator.evaluate_save(save)
            artifacts.append(self._artifact(save, finding))
            if finding.status is ArtifactStatus.FAILED:
                cells.append(self._never_saved(save, finding))
            elif finding.status is ArtifactStatus.SAVED:
                for loader in self.evaluator.spec.environments:
                    load = self.evaluator.load_of(save, loader)
                    if load is not None:
                        cells.append(self._cell(load))
        cells.extend(
            self._unanswered(save, save, loader.id)
            for save, loader in plan.later
            if not save.control and save.saver.id not in self.evaluator.down
        )
        return tuple(artifacts), tuple(cells)

    def _cell(self, load: LoadStep) -> CellResult:
        if load.loader.id in self.evaluator.down:
            verdict, reason = self.evaluator.down[load.loader.id]
            return _bare_cell(
                load.save, load.loader.id, verdict, reason, code=FindingCode.ENVIRONMENT_DOWN
            )
        as_is = self.evaluator.as_is(load)
        if as_is is None:
            return self._unanswered(load, load.save, load.loader.id)
        return self._answered(load, as_is, self.evaluator.fallbacks(load, as_is))

    def _unanswered(self, step: Step, save: SaveStep, loader: str) -> CellResult:
        """Return a cell without an answer. step: the one that would give it."""
        reason = self.evaluator.why_unanswered(step) or "not run yet"
        return _bare_cell(save, loader, Verdict.MISSING, reason, code=FindingCode.NOT_RUN)

    def _answered(self, load: LoadStep, as_is: AsIs, fallbacks: Fallbacks) -> CellResult:
        evidence, finding = as_is.evidence, self.evaluator.in_its_row(load, as_is.finding)
        # A drift stays one: nobody knows that help is due.
        helped = fallbacks.remedy is not None and as_is.finding.verdict in REMEDIABLE
        remedied = helped and finding.verdict is not Verdict.BROKEN
        if remedied and finding.code is FindingCode.FILE_LACKS_IT:
            finding = as_is.finding
        return CellResult(
            id=load.id,
            artifact=load.save.id,
            loader=load.loader.id,
            verdict=Verdict.REMEDIED if remedied else finding.verdict,
            code=finding.code,
            as_is=finding.verdict,
            reason=finding.reason + self._where_it_begins(load, finding),
            route=fallbacks.remedy if remedied and fallbacks.remedy else AS_IS,
            remedy=fallbacks.remedy,
            attempts=fallbacks.attempts,
            signatures=tuple(item.id for item in self.evaluator.causes(load, as_is, finding)),
            scenarios=self._scenarios(load),
            stage=evidence.stage,
            key=load.key if as_is.own else None,
            failure=_failure(evidence.failure),
            signal=evidence.signal,
            outputs=finding.outputs,
            weights=finding.weights,
            lost=finding.lost,
            warnings=evidence.warnings,
            seconds=evidence.seconds,
            log=evidence.log[-LOG_LIMIT:],
        )

    def _never_saved(self, save: SaveStep, finding: SaveFinding) -> CellResult:
        """Said once, on the diagonal: no other environment had a part in it."""
        cell = _bare_cell(
            save,
            save.saver.id,
            Verdict.REFUSED,
            f"cannot be saved: {finding.reason}",
            code=FindingCode.NOT_SAVED,
        )
        seen = self.evaluator.signatures_of_save(save)
        return replace(cell, signatures=tuple(item.id for item in seen))

    def _where_it_begins(self, load: LoadStep, finding: Finding) -> str:
        """Return the first layer that differs, for a drift that was looked at layer by layer."""
        if finding.outputs is None or finding.outputs.equal:
            return ""
        layer = self.evaluator.first_different_layer(load)
        return f"; it begins in layer {layer.name} ({layer.layer_class})" if layer else ""

    def _scenarios(self, load: LoadStep) -> tuple[AttemptResult, ...]:
        found = []
        for step in scenario_steps(load):
            evidence = self.evaluator.evidence(step.key)
            if evidence is not None:
                finding = self.evaluator.evaluate_load(step, evidence)
                name = step.way.removeprefix(SCENARIO)
                found.append(attempt_result(name, step, evidence, finding))
        return tuple(found)

    def _artifact(self, save: SaveStep, finding: SaveFinding) -> ArtifactResult:
        evidence = self.evaluator.evidence(save.key, keep=True)
        digest = self.evaluator.database.artifact_of(save.key)
        stored = self.evaluator.artifacts.get(digest) if digest else None
        return ArtifactResult(
            id=save.id,
            saver=save.saver.id,
            recipe=save.recipe.name,
            format=str(save.format),
            status=finding.status,
            reason=finding.reason,
            key=save.key,
            digest=f"sha256:{digest}" if digest else None,
            bytes=stored.bytes if stored else None,
            files=stored.files if stored else (),
            oracle=finding.oracle,
            failure=_failure(evidence.failure) if evidence else None,
            warnings=evidence.warnings if evidence else (),
            seconds=evidence.seconds if evidence else 0.0,
            log=evidence.log[-LOG_LIMIT:] if evidence else "",
        )


def _failure(failure: Failure | None) -> FailureResult | None:
    if failure is None:
        return None
    return FailureResult(
        type=failure.type,
        message=failure.message,
        innermost=failure.innermost,
        traceback=failure.traceback,
    )


def _bare_cell(
    save: SaveStep, loader: str, verdict: Verdict, reason: str, *, code: FindingCode
) -> CellResult:
    return CellResult(
        id=str(save.artifact_id.read_by(loader)),
        artifact=save.id,
        loader=loader,
        verdict=verdict,
        code=code,
        reason=reason,
        route=AS_IS,
    )
