"""From a spec and the store's evidence to results: every artifact and every cell, judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.judge.saves import SaveFinding, judge_save
from runner.judge.verdict import NO_READER, Question, has_reader, headline, judge
from runner.nouns.finding import ArtifactStatus, Finding, Verdict
from runner.nouns.results import ArtifactResult, CellResult, FailureResult
from runner.plan.keys import AS_IS
from runner.workers.reading import evidence_from_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.nouns.evidence import Evidence, Failure
    from runner.nouns.plan import LoadStep, Plan, SaveStep
    from runner.nouns.spec import RecipeInfo, Spec, Tolerance
    from runner.store.artifacts import ArtifactFolder
    from runner.store.database import Database

LOG_LIMIT = 2000  # characters of a log that go into results


@dataclass(slots=True)
class Assembler:
    """Judges what the store knows. ``down``: environment id to why it could not be asked."""

    spec: Spec
    database: Database
    artifacts: ArtifactFolder
    control: RecipeInfo
    down: Mapping[str, tuple[Verdict, str]] = field(default_factory=dict)
    _evidence: dict[str, Evidence | None] = field(default_factory=dict)
    _saves: dict[tuple[str, str, str], SaveStep] = field(default_factory=dict)
    _loads: dict[tuple[str, str], LoadStep] = field(default_factory=dict)

    def assemble(self, plan: Plan) -> tuple[tuple[ArtifactResult, ...], tuple[CellResult, ...]]:
        """Every artifact and every cell of the plan; controls that nobody asked for stay out."""
        self.index(plan)
        artifacts = []
        cells: list[CellResult] = []
        for save in plan.saves:
            if save.control:
                continue
            finding = self.judge_save(save)
            artifacts.append(self._artifact(save, finding))
            if finding.status is ArtifactStatus.FAILED:
                cells.append(_never_saved(save, finding))
            elif finding.status is ArtifactStatus.SAVED:
                for loader in self.spec.environments:
                    load = self._loads.get((save.key, loader.id))
                    if load is not None:
                        cells.append(self._cell(load))
        cells.extend(
            _unanswered(save, loader.id)
            for save, loader in plan.later
            if not save.control and save.saver.id not in self.down
        )
        return tuple(artifacts), tuple(cells)

    def index(self, plan: Plan) -> None:
        """Take in a plan, to find the controls of its steps."""
        for step in plan.saves:
            self._saves[step.saver.id, step.recipe.name, str(step.format)] = step
        self._loads.update({(step.save.key, step.loader.id): step for step in plan.loads})

    def judge_save(self, save: SaveStep) -> SaveFinding:
        """The status of an artifact."""
        if save.saver.id in self.down:
            return SaveFinding(
                status=ArtifactStatus.UNAVAILABLE, reason=self.down[save.saver.id][1]
            )
        evidence = self._get(save.key)
        if evidence is None:
            return SaveFinding(status=ArtifactStatus.MISSING, reason="not saved yet")
        return judge_save(
            evidence,
            writes_control=self._writes_control(save),
            is_control=save.recipe.name == self.control.name,
            tolerance=self.tolerance(save.recipe),
        )

    def tolerance(self, recipe: RecipeInfo) -> Tolerance:
        """The recipe's own tolerance, else the matrix's."""
        return recipe.tolerance or self.spec.tolerance

    def reader(self, load: LoadStep) -> Evidence | None:
        """The control's refusal where the loader has no reader for this format, else None."""
        own = self._saves.get((load.loader.id, self.control.name, str(load.save.format)))
        asked = self._control_load(load)
        if own is None or has_reader(writes_control=self._writes_control(own), control_load=asked):
            return None
        return asked

    def _control_load(self, load: LoadStep) -> Evidence | None:
        """What the loader made of the same saver's control model in the same format."""
        place = (load.save.saver.id, self.control.name, str(load.save.format))
        save = self._saves.get(place)
        step = self._loads.get((save.key, load.loader.id)) if save is not None else None
        return self._get(step.key) if step is not None else None

    def judge_load(self, load: LoadStep, data: Evidence) -> Finding:
        """The finding for one load."""
        saved = self._get(load.save.key)
        if saved is None:
            return Finding(verdict=Verdict.MISSING, reason="its artifact is gone")
        return judge(
            Question(
                format=load.save.format,
                diagonal=load.save.saver.id == load.loader.id,
                tolerance=self.tolerance(load.save.recipe),
                save=saved,
                load=data,
                reader=self.reader(load) is None,
            )
        )

    def _cell(self, load: LoadStep) -> CellResult:
        if load.loader.id in self.down:
            verdict, reason = self.down[load.loader.id]
            return _bare_cell(load.save, load.loader.id, verdict, reason)
        evidence = self._get(load.key, keep=load.save.recipe.name == self.control.name)
        if evidence is None:
            control = self.reader(load)
            if control is None or control.failure is None:
                return _unanswered(load.save, load.loader.id)
            reason = f"{NO_READER} {load.save.format} here: {headline(control.failure)}"
            return _bare_cell(load.save, load.loader.id, Verdict.UNSUPPORTED, reason)
        finding = self.judge_load(load, evidence)
        return CellResult(
            id=load.id,
            artifact=load.save.id,
            loader=load.loader.id,
            verdict=finding.verdict,
            reason=finding.reason,
            route=AS_IS,
            stage=str(evidence.stage),
            key=load.key,
            failure=_failure(evidence.failure),
            signal=evidence.signal,
            outputs=finding.outputs,
            weights=finding.weights,
            lost=finding.lost,
            warnings=evidence.warnings,
            seconds=evidence.seconds,
            log=evidence.log[-LOG_LIMIT:],
        )

    def _artifact(self, save: SaveStep, finding: SaveFinding) -> ArtifactResult:
        evidence = self._get(save.key)
        digest = self.database.artifact_of(save.key)
        stored = self.artifacts.get(digest) if digest else None
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

    def _writes_control(self, save: SaveStep) -> bool:
        control = self._saves.get((save.saver.id, self.control.name, str(save.format)), save)
        evidence = self._get(control.key)
        return evidence is not None and evidence.failure is None and not evidence.not_available

    def _get(self, key: str, *, keep: bool = True) -> Evidence | None:
        if key in self._evidence:
            return self._evidence[key]
        data: dict[str, Any] | None = self.database.get(key)
        found = evidence_from_json(data) if data is not None else None
        if keep:
            self._evidence[key] = found
        return found


def _failure(failure: Failure | None) -> FailureResult | None:
    if failure is None:
        return None
    return FailureResult(
        type=failure.type,
        message=failure.message,
        innermost=failure.innermost,
        traceback=failure.traceback,
    )


def _bare_cell(save: SaveStep, loader: str, verdict: Verdict, reason: str) -> CellResult:
    return CellResult(
        id=f"{save.id}/{loader}",
        artifact=save.id,
        loader=loader,
        verdict=verdict,
        reason=reason,
        route=AS_IS,
    )


def _never_saved(save: SaveStep, finding: SaveFinding) -> CellResult:
    """Said once, on the diagonal: no other environment had a part in it."""
    reason = f"cannot be saved: {finding.reason}"
    return _bare_cell(save, save.saver.id, Verdict.BROKEN, reason)


def _unanswered(save: SaveStep, loader: str) -> CellResult:
    return _bare_cell(save, loader, Verdict.MISSING, "not run yet")
