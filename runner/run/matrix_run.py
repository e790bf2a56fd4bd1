"""A run: build what is missing, save, load, climb, explain. Resumable at any point."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from runner.evaluate.evaluator import Judge
from runner.model.builds import Built, LockState
from runner.model.evidence import MalformedEvidenceError
from runner.model.finding import ArtifactStatus, Verdict
from runner.model.matrix import Format
from runner.model.steps import LoadStep, Plan, SaveStep, Why
from runner.plan.evidence_keys import environment_digest
from runner.plan.planner import Known, make_plan
from runner.run.batches import loads_by_environment, saves_by_environment
from runner.run.build_results import results_of
from runner.run.installations import Installations, environment_digests, read_locks
from runner.run.next_steps import further_steps, trusted
from runner.run.pool import Pool
from runner.run.recorder import EvidenceRecorder
from runner.run.session import now
from runner.worker_client.evidence_reader import evidence_from_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.environments.builders import BuilderFor
    from runner.model.matrix import Environment, Installation, RecipeInfo, Spec
    from runner.model.results import Results
    from runner.model.steps import Step
    from runner.run.pool import Batch
    from runner.run.progress import Progress
    from runner.run.session import Session
    from runner.store.evidence_store import Database
    from runner.worker_client.worker_protocol import StartFailed, Worker


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How to run, apart from what."""

    jobs: int
    isolate: bool = False  # a process for every cell, none shared, none forked
    group: bool = True  # harmless cells may share a process
    cells: frozenset[str] | None = None  # only these cell ids
    fresh: bool = False  # forget the evidence of the chosen cells first
    climb: bool = True  # try other routes where the first fails, and scenarios of custom objects


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
    ) -> None:
        self.spec = spec
        self.session = session
        self.started = now()
        self.locks = read_locks(spec)
        self.down: dict[str, tuple[Verdict, str]] = {}
        # What stays without an answer in this run: environments that answered and do not start
        # again, by id, and steps, by key.
        self.stopped: dict[str, str] = {}
        self.unanswered: dict[str, str] = {}
        self.ran = 0
        self.installations = Installations(
            builder_for=builder_for, locks=self.locks, limits=spec.limits, progress=progress
        )
        self._control = control
        self._builder_for = builder_for
        self.options = options
        self._progress = progress
        self._environments = {item.id: item for item in spec.environments}
        self._clock = time.monotonic()
        self._judge = self.new_judge()

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
        self._prepare(self._needed())
        if forget:
            self._forget()
        self._save()
        self._load()
        if self.options.climb:
            self._climb()
        return results_of(self, complete=True)

    def seconds(self) -> float:
        """Since the run began."""
        return round(time.monotonic() - self._clock, 1)

    # What is known

    def digest(self, environment: Environment) -> str:
        """Under which the store keeps what is known of an environment."""
        return environment_digest(environment, self.locks[environment.installation.name].digest)

    def plan(self) -> Plan:
        """Every save and load, as far as artifacts are known."""
        return self._planned(self.spec, self.options.cells)

    def _planned(self, spec: Spec, cells: frozenset[str] | None) -> Plan:
        database = self.session.database
        return make_plan(
            spec,
            Known(
                digests=environment_digests(spec, self.locks),
                worker=self.session.bundle.digest,
                evidence=self._known(),
                last=database.last_parts(),
            ),
            control=self._control,
            cells=cells,
        )

    def _known(self) -> dict[str, str | None]:
        """What the store knows; a save whose artifact is gone or damaged is not known."""
        known = self.session.database.known()
        lost = {
            key
            for key, digest in known.items()
            if digest is not None and not self.session.artifacts.has(digest)
        }
        self.session.database.forget(lost)
        return {key: digest for key, digest in known.items() if key not in lost}

    def new_judge(self) -> Judge:
        """A judge of what the store holds now."""
        judge = Judge(
            spec=self.spec,
            database=self.session.database,
            control=self._control,
            digest=self.digest,
            down=self.down,
            why_unanswered=self.why_unanswered,
        )
        if self.options.climb and self.options.cells is not None:
            # Cells that nobody asked for, in other formats too, may show a bridge.
            judge.look_around(self._planned(replace(self.spec, formats=tuple(Format)), None))
        return judge

    # Building

    def _needed(self) -> tuple[Installation, ...]:
        """Installations that something new has to run in; all where a save is still unknown."""
        plan = self.plan()
        judge = self.new_judge()
        judge.index(plan)
        self._judge = judge
        wanted = {step.saver.id for step in plan.saves if step.why is not Why.KNOWN}
        wanted |= {step.loader.id for step in plan.loads if self._to_load(step)}
        wanted |= {loader.id for _, loader in plan.later}
        if self.options.climb:
            wanted |= {step.loader.id for step in self._further_steps(plan)}
        if self.options.fresh:
            wanted = set(self._environments)
        wanted |= {  # asked for in any case: known answers of a stale lock are no answers now
            item.id
            for item in self.spec.environments
            if self.locks[item.installation.name].state is not LockState.FRESH
        }
        found = {
            self._environments[name].installation.name: self._environments[name].installation
            for name in wanted
        }
        return tuple(found.values())

    def _prepare(self, installations: tuple[Installation, ...]) -> None:
        self.installations.build(installations, self.options.jobs)
        for environment in self.spec.environments:
            reason = self.installations.unavailable(environment)
            if reason is not None:
                self._take_down(environment, Verdict.UNAVAILABLE, reason)

    # Saving and loading

    def _forget_malformed(self) -> bool:
        """Forget stored evidence that cannot be read, so that it is asked anew."""
        database = self.session.database
        malformed = [key for key in database.known() if not _is_readable(database, key)]
        database.forget(malformed)
        if malformed:
            self._progress.say(f"{len(malformed)} damaged answers in the store are asked again")
        return bool(malformed)

    def _forget(self) -> None:
        steps = self.plan().loads
        subjects = tuple(step.id for step in steps)
        self.session.database.forget(step.key for step in steps)
        self.session.database.forget_ways(subjects)

    def _save(self) -> None:
        new = [
            step
            for step in self.plan().saves
            if step.why is not Why.KNOWN and not self._is_down(step.saver)
        ]
        self._work("saving reference models", saves_by_environment(new))

    def _load(self) -> None:
        """The control models first: where they find no reader, the others need not knock."""
        for control in (True, False):
            plan = self._judged_plan()
            new = [
                step
                for step in plan.loads
                if (step.save.recipe.name == self._control.name) is control and self._to_load(step)
            ]
            self._work(
                "asking who reads what" if control else "loading them everywhere",
                self._batches(new),
            )

    def _judged_plan(self) -> Plan:
        plan = self.plan()
        self._judge = self.new_judge()
        self._judge.index(plan)
        return plan

    def _to_load(self, step: LoadStep) -> bool:
        return (
            step.why is not Why.KNOWN
            and not self._is_down(step.loader)
            and self._judge.judge_save(step.save).status is ArtifactStatus.SAVED
            and self._judge.reader(step) is None
        )

    def _batches(self, steps: Sequence[LoadStep]) -> dict[str, list[Batch]]:
        isolate = self.options.isolate or not self.options.group
        return loads_by_environment(steps, isolate=isolate)

    # Climbing

    def _climb(self) -> None:
        """Round after round, the next route of every cell that still fails."""
        plan = self._judged_plan()
        for number in range(1, MOST_ROUNDS + 1):
            steps = self._further_steps(plan)
            if not steps:
                return
            # A bridge may lead through an environment in which nothing else had to run.
            self._prepare(_installations(steps))
            steps = [step for step in steps if not self._is_down(step.loader)]
            name = "trying other routes" if number == 1 else f"trying other routes, round {number}"
            self._work(name, self._batches(steps))

    def _further_steps(self, plan: Plan) -> list[LoadStep]:
        known = self.session.database.known()
        steps = further_steps(plan, self._judge, down=self.down, known=known)
        return [step for step in steps if self.why_unanswered(step) is None]

    # Working

    def _work(self, phase: str, work: Mapping[str, list[Batch]]) -> None:
        total = sum(len(batch.steps) for batches in work.values() for batch in batches)
        if not total:
            return
        self._progress.phase(phase, total)
        recorder = EvidenceRecorder(
            self.session,
            self.spec.limits,
            trusted=partial(trusted, self._judge),
            finished=self._finished,
            unanswered=self._leave_unanswered,
        )
        pool = Pool(
            jobs=self.options.jobs,
            start=self._start,
            handle=recorder.handle,
            give_up=self._give_up,
        )
        pool.run(work)

    def _finished(self, step: Step) -> None:
        self.ran += 1
        self._progress.step(step.subject)

    def _leave_unanswered(self, step: Step, reason: str) -> None:
        self.unanswered[step.key] = reason
        self._progress.step(step.subject)
        self._progress.say(f"{step.subject}: no answer: {reason}")

    def why_unanswered(self, step: Step) -> str | None:
        """Why a step stays without evidence in this run; None where nothing prevents it."""
        environment = step.saver if isinstance(step, SaveStep) else step.loader
        return self.unanswered.get(step.key) or self.stopped.get(environment.id)

    def _is_down(self, environment: Environment) -> bool:
        return environment.id in self.down or environment.id in self.stopped

    def _start(self, name: str) -> Worker:
        environment = self._environments[name]
        built = self.installations.built[environment.installation.name]
        assert isinstance(built, Built)  # noqa: S101 - what is unavailable has no batches
        worker = self._builder_for(environment.installation).start(
            environment,
            built,
            bundle=self.session.bundle,
            folder=self.session.scratch / "workers" / f"{name}-{time.monotonic_ns()}",
            limits=self.spec.limits,
            isolate=self.options.isolate,
        )
        facts = {"versions": worker.ready.versions, "packages": worker.ready.packages}
        self.session.database.put_facts(self.digest(environment), facts)
        return worker

    def _take_down(self, environment: Environment, verdict: Verdict, reason: str) -> None:
        """Ask it nothing more. What it has answered before under the same lock stays valid."""
        fresh = self.locks[environment.installation.name].state is LockState.FRESH
        if fresh and self.session.database.facts(self.digest(environment)) is not None:
            self.stopped[environment.id] = f"the environment could not be started again: {reason}"
        else:
            self.down[environment.id] = (verdict, reason)

    def _give_up(self, name: str, failed: StartFailed) -> None:
        verdict = Verdict.UNAVAILABLE if failed.unavailable else Verdict.BROKEN
        self._take_down(self._environments[name], verdict, str(failed))
        self._progress.say(f"{name}: {verdict}: {failed}")


MOST_ROUNDS = 16  # the longest ladder is shorter


def _installations(steps: Iterable[LoadStep]) -> tuple[Installation, ...]:
    found = {step.loader.installation.name: step.loader.installation for step in steps}
    return tuple(found.values())


def _is_readable(database: Database, key: str) -> bool:
    try:
        data = database.get(key)
        if data is not None:
            evidence_from_json(data)
    except MalformedEvidenceError:
        return False
    return True
