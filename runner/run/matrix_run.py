"""A run: build what is missing, save, load, try fallbacks, explain. Resumable at any point."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from runner.evaluate.evaluator import Evaluator
from runner.model.builds import Built, LockState
from runner.model.evidence import MalformedEvidenceError
from runner.model.finding import ArtifactStatus, Verdict
from runner.model.matrix import Format
from runner.model.steps import LoadStep, SaveStep, Why
from runner.plan.evidence_keys import environment_digest
from runner.plan.first_part import first_part
from runner.plan.planner import make_plan
from runner.run.batches import loads_by_environment, saves_by_environment
from runner.run.build_results import results_of
from runner.run.installations import Installations, read_locks
from runner.run.next_steps import further_steps, trusted
from runner.run.pool import Pool
from runner.run.recorder import EvidenceRecorder
from runner.run.run_state import RunState
from runner.run.session import now
from runner.run.snapshot import Snapshot, lost_saves, read_known
from runner.worker_client.evidence_reader import evidence_from_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from runner.environments.builders import BuilderFor
    from runner.model.matrix import Environment, Installation, RecipeInfo, Spec
    from runner.model.results import Results
    from runner.model.steps import Step
    from runner.plan.first_part import FirstPart
    from runner.run.early_results import EarlyResults
    from runner.run.pool import Batch
    from runner.run.progress import Progress
    from runner.run.run_state import Options
    from runner.run.session import Session
    from runner.store.evidence_store import Database
    from runner.worker_client.worker_protocol import StartFailed, Worker


class Run:
    """One run on one open session. ``execute`` is all a caller needs."""

    def __init__(
        self,
        *,
        spec: Spec,
        control: RecipeInfo,
        session: Session,
        builder_for: BuilderFor,
        options: Options,
        progress: Progress,
        early: EarlyResults | None = None,
    ) -> None:
        self._early = early
        self.options = options
        self._spec = spec
        self._session = session
        self._started = now()
        self._clock = time.monotonic()
        self._locks = read_locks(spec)
        self._down: dict[str, tuple[Verdict, str]] = {}
        # What stays without an answer in this run: environments that answered and do not start
        # again, by id, and steps, by key.
        self._stopped: dict[str, str] = {}
        self._unanswered: dict[str, str] = {}
        self._measured: set[str] = set()
        self._loaded = 0  # of them loads; several threads count, so that it may be too low
        self._installations = Installations(
            builder_for=builder_for, locks=self._locks, limits=spec.limits, progress=progress
        )
        self._control = control
        self._builder_for = builder_for
        self._progress = progress
        self._environments = {item.id: item for item in spec.environments}

    def execute(self) -> Results:
        """Run to the end. Interrupted, it raises; everything known by then is kept."""
        forgotten = False
        while True:
            try:
                return self._execute(forget=self.options.fresh and not forgotten)
            except MalformedEvidenceError:
                forgotten = True
                if not self._forget_malformed():
                    raise

    def _execute(self, *, forget: bool) -> Results:
        self._forget_lost()
        snapshot = self.snapshot()
        if self._early is not None and not forget:
            snapshot = self._measure_first_part(snapshot, self._early)
        self._prepare(self._needed(snapshot))
        if forget:
            snapshot = self._forget(snapshot)
        snapshot = self._save(snapshot)
        # The control model first: a loader that cannot read its format skips the other cells.
        snapshot = self._load(snapshot, control=True)
        snapshot = self._load(snapshot, control=False)
        if self.options.fallbacks:
            snapshot = self._follow_fallbacks(snapshot)
        return results_of(self.state(), snapshot, complete=True)

    def _measure_first_part(self, snapshot: Snapshot, early: EarlyResults) -> Snapshot:
        """Measure a few environments against each other, and show that, before all others."""
        first = first_part(self._spec, snapshot.plan)
        if first is None:
            return snapshot
        self._prepare(_distinct(self._environments[name] for name in sorted(first.environments)))
        snapshot = self._save(snapshot, first)
        snapshot = self._load(snapshot, control=True, only=first)
        snapshot = self._load(snapshot, control=False, only=first)
        early.show(self._loaded, self._so_far)
        return snapshot

    def _so_far(self) -> Results:
        """Return what is known now, while other things are being asked."""
        return results_of(self.state(), self.snapshot(), complete=False)

    def _show_early(self) -> None:
        if self._early is not None:
            self._early.tick(self._loaded, self._so_far)

    # What is known

    def state(self) -> RunState:
        """Return the state of the run now."""
        database = self._session.database
        logs = {name: built.log for name, built in self._installations.built.items()}
        return RunState(
            id=self._session.run_id,
            started=self._started,
            seconds=round(time.monotonic() - self._clock, 1),
            spec=self._spec,
            locks=self._locks,
            down=dict(self._down),
            facts={
                item.id: database.facts(self._digest(item)) or {}
                for item in self._spec.environments
            },
            logs={name: _relative(log, self._session.build) for name, log in logs.items()},
            measured=frozenset(self._measured),
            whole=not (self._unanswered or self._stopped),
        )

    def snapshot(self) -> Snapshot:
        """Plan from what the store holds now, and evaluate that plan."""
        known = read_known(self._spec, self._locks, self._session)
        plan = make_plan(self._spec, known, control=self._control, cells=self.options.cells)
        evaluator = Evaluator(
            spec=self._spec,
            database=self._session.database,
            artifacts=self._session.artifacts,
            control=self._control,
            digest=self._digest,
            down=self._down,
            why_unanswered=self._why_unanswered,
        )
        if self.options.fallbacks and self.options.cells is not None:
            # Cells that nobody asked for, in other formats too, can show a conversion.
            every = replace(self._spec, formats=tuple(Format))
            evaluator.index_donors(make_plan(every, known, control=self._control))
        evaluator.index(plan)
        return Snapshot(plan=plan, evaluator=evaluator)

    def _digest(self, environment: Environment) -> str:
        """Return the digest under which the store keeps what is known of an environment."""
        return environment_digest(environment, self._locks[environment.installation.name].digest)

    # Building

    def _needed(self, snapshot: Snapshot) -> tuple[Installation, ...]:
        """Installations that something new has to run in; all where a save is still unknown."""
        plan = snapshot.plan
        wanted = {step.saver.id for step in plan.saves if step.why is not Why.KNOWN}
        wanted |= {step.loader.id for step in plan.loads if self._to_load(step, snapshot.evaluator)}
        wanted |= {loader.id for _, loader in plan.later}
        if self.options.fallbacks:
            wanted |= {step.loader.id for step in self._further_steps(snapshot)}
        if self.options.fresh:
            wanted = set(self._environments)
        wanted |= {  # asked for in any case: known answers of a stale lock are no answers now
            item.id
            for item in self._spec.environments
            if self._locks[item.installation.name].state is not LockState.FRESH
        }
        found = {
            self._environments[name].installation.name: self._environments[name].installation
            for name in wanted
        }
        return tuple(found.values())

    def _prepare(self, installations: tuple[Installation, ...]) -> None:
        self._installations.build(installations, self.options.jobs)
        for environment in self._spec.environments:
            reason = self._installations.unavailable(environment)
            if reason is not None:
                self._take_down(environment, Verdict.UNAVAILABLE, reason)

    # Saving and loading

    def _forget_malformed(self) -> bool:
        """Forget stored evidence that cannot be read, so that it is asked anew."""
        database = self._session.database
        malformed = [key for key in database.known() if not _is_readable(database, key)]
        database.forget(malformed)
        if malformed:
            self._progress.say(f"{len(malformed)} damaged answers in the store are asked again")
        return bool(malformed)

    def _forget_lost(self) -> None:
        """Forget saves whose artifact is gone or damaged, so that they are made anew."""
        database = self._session.database
        database.forget(lost_saves(database.known(), self._session))

    def _forget(self, snapshot: Snapshot) -> Snapshot:
        """Forget everything that was asked of the planned cells."""
        steps = snapshot.plan.loads
        self._session.database.forget(step.key for step in steps)
        self._session.database.forget_ways(tuple(step.id for step in steps))
        return self.snapshot()

    def _save(self, snapshot: Snapshot, only: FirstPart | None = None) -> Snapshot:
        """Save what is new. only: of this part."""
        new = [
            step
            for step in snapshot.plan.saves
            if step.why is not Why.KNOWN
            and not self._is_down(step.saver)
            and (only is None or step in only)
        ]
        work = saves_by_environment(new)
        return self._after(
            snapshot, self._work("saving reference models", work, snapshot.evaluator)
        )

    def _load(
        self, snapshot: Snapshot, *, control: bool, only: FirstPart | None = None
    ) -> Snapshot:
        """Load what is new. only: of this part."""
        new = [
            step
            for step in snapshot.plan.loads
            if (step.save.recipe.name == self._control.name) is control
            and self._to_load(step, snapshot.evaluator)
            and (only is None or step in only)
        ]
        phase = "checking format support" if control else "loading models"
        return self._after(snapshot, self._work(phase, self._batches(new), snapshot.evaluator))

    def _after(self, snapshot: Snapshot, worked: bool) -> Snapshot:  # noqa: FBT001 - private
        """Return the snapshot for the next phase: the same one where nothing ran."""
        return self.snapshot() if worked else snapshot

    def _to_load(self, step: LoadStep, evaluator: Evaluator) -> bool:
        return (
            step.why is not Why.KNOWN
            and not self._is_down(step.loader)
            and evaluator.evaluate_save(step.save).status is ArtifactStatus.SAVED
            and evaluator.reader(step) is None
        )

    def _batches(self, steps: Sequence[LoadStep]) -> dict[str, list[Batch]]:
        isolate = self.options.isolate or not self.options.group
        return loads_by_environment(steps, isolate=isolate)

    # Other routes

    def _follow_fallbacks(self, snapshot: Snapshot) -> Snapshot:
        """Round after round, the next route of every cell that still fails.

        The plan of the first round serves all: other routes are no part of it.
        """
        worked = False
        for number in range(1, MOST_ROUNDS + 1):
            steps = self._further_steps(snapshot)
            if not steps:
                break
            # A resave may need an environment in which nothing else had to run.
            self._prepare(_installations(steps))
            steps = [step for step in steps if not self._is_down(step.loader)]
            name = "trying other routes" if number == 1 else f"trying other routes, round {number}"
            worked |= self._work(name, self._batches(steps), snapshot.evaluator)
        return self._after(snapshot, worked)

    def _further_steps(self, snapshot: Snapshot) -> list[LoadStep]:
        known = self._session.database.known()
        steps = further_steps(snapshot.plan, snapshot.evaluator, down=self._down, known=known)
        return [step for step in steps if self._why_unanswered(step) is None]

    # Working

    def _work(self, phase: str, work: Mapping[str, list[Batch]], evaluator: Evaluator) -> bool:
        """Run all batches. Return False if there is none."""
        total = sum(len(batch.steps) for batches in work.values() for batch in batches)
        if not total:
            return False
        self._progress.phase(phase, total)
        recorder = EvidenceRecorder(
            self._session,
            self._spec.limits,
            trusted=partial(trusted, evaluator),
            finished=self._finished,
            unanswered=self._leave_unanswered,
        )
        pool = Pool(
            jobs=self.options.jobs,
            start=self._start,
            handle=recorder.handle,
            give_up=self._give_up,
            meanwhile=self._show_early,
        )
        pool.run(work)
        return True

    def _finished(self, step: Step) -> None:
        self._measured.add(step.key)
        self._loaded += not isinstance(step, SaveStep)
        self._progress.step(step.subject)

    def _leave_unanswered(self, step: Step, reason: str) -> None:
        self._unanswered[step.key] = reason
        self._progress.step(step.subject)
        self._progress.say(f"{step.subject}: no answer: {reason}")

    def _why_unanswered(self, step: Step) -> str | None:
        """Why a step stays without evidence in this run; None where nothing prevents it."""
        environment = step.saver if isinstance(step, SaveStep) else step.loader
        return self._unanswered.get(step.key) or self._stopped.get(environment.id)

    def _is_down(self, environment: Environment) -> bool:
        return environment.id in self._down or environment.id in self._stopped

    def _start(self, name: str) -> Worker:
        environment = self._environments[name]
        built = self._installations.built[environment.installation.name]
        assert isinstance(built, Built)  # noqa: S101 - what is unavailable has no batches
        worker = self._builder_for(environment.installation).start(
            environment,
            built,
            bundle=self._session.bundle,
            folder=self._session.scratch / "workers" / f"{name}-{time.monotonic_ns()}",
            limits=self._spec.limits,
            isolate=self.options.isolate,
        )
        facts = {"versions": worker.ready.versions, "packages": worker.ready.packages}
        self._session.database.put_facts(self._digest(environment), facts)
        return worker

    def _take_down(self, environment: Environment, verdict: Verdict, reason: str) -> None:
        """Ask it nothing more. What it has answered before under the same lock stays valid."""
        fresh = self._locks[environment.installation.name].state is LockState.FRESH
        if fresh and self._session.database.facts(self._digest(environment)) is not None:
            self._stopped[environment.id] = f"the environment could not be started again: {reason}"
        else:
            self._down[environment.id] = (verdict, reason)

    def _give_up(self, name: str, failed: StartFailed) -> None:
        verdict = Verdict.UNAVAILABLE if failed.unavailable else Verdict.BROKEN
        self._take_down(self._environments[name], verdict, str(failed))
        self._progress.say(f"{name}: {verdict}: {failed}")


MOST_ROUNDS = 16  # no cell has as many fallbacks


def _installations(steps: Iterable[LoadStep]) -> tuple[Installation, ...]:
    return _distinct(step.loader for step in steps)


def _distinct(environments: Iterable[Environment]) -> tuple[Installation, ...]:
    found = {one.installation.name: one.installation for one in environments}
    return tuple(found.values())


def _is_readable(database: Database, key: str) -> bool:
    try:
        data = database.get(key)
        if data is not None:
            evidence_from_json(data)
    except MalformedEvidenceError:
        return False
    return True


def _relative(log: Path | None, build: Path) -> str | None:
    if log is None:
        return None
    return str(log.relative_to(build) if log.is_relative_to(build) else log)
