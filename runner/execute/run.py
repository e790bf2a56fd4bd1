"""A run: build what is missing, save, load, judge. Resumable at any point."""

from __future__ import annotations

import platform
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import kmatrix
from runner.builders.locks import read_lock
from runner.execute.batching import load_batches, save_batches
from runner.execute.handling import Evidences
from runner.execute.pool import Pool
from runner.execute.session import now
from runner.judge.assemble import Assembler
from runner.nouns.building import Built, LockState, Unavailable
from runner.nouns.finding import ArtifactStatus, Verdict
from runner.nouns.plan import LoadStep, Plan, Why
from runner.nouns.results import EnvironmentResult, RecipeResult, Results, RunInfo
from runner.plan.keys import environment_digest
from runner.plan.planner import Known, make_plan
from runner.workers.reading import evidence_from_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.builders.nox_builder import NoxBuilder
    from runner.execute.pool import Batch
    from runner.execute.session import Session
    from runner.nouns.building import Lock
    from runner.nouns.plan import Step
    from runner.nouns.spec import Environment, Installation, RecipeInfo, Spec
    from runner.workers.protocol import StartFailed, Worker


class Progress(Protocol):
    """What a person is told while a run goes on. Called from several threads."""

    def phase(self, name: str, total: int) -> None:
        """Begin ``total`` steps of one kind."""

    def step(self, name: str) -> None:
        """One more of them is done."""

    def say(self, text: str) -> None:
        """Something a person should know now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How to run, apart from what."""

    jobs: int
    isolate: bool = False  # a process for every cell, none shared, none forked
    group: bool = True  # harmless cells may share a process
    cells: frozenset[str] | None = None  # only these cell ids
    fresh: bool = False  # forget the evidence of the chosen cells first


class Run:
    """One run on one open session. ``execute`` is all a caller needs."""

    def __init__(
        self,
        *,
        spec: Spec,
        control: RecipeInfo,
        session: Session,
        builder: NoxBuilder,
        options: Options,
        progress: Progress,
    ) -> None:
        self._spec = spec
        self._control = control
        self._session = session
        self._builder = builder
        self._options = options
        self._progress = progress
        self._environments = {item.id: item for item in spec.environments}
        self._locks = read_locks(spec)
        self._built: dict[str, Built | Unavailable] = {}
        self._down: dict[str, tuple[Verdict, str]] = {}
        self._started = now()
        self._clock = time.monotonic()
        self._ran = 0
        self._judge = self._assembler()

    def execute(self) -> Results:
        """Run to the end. Interrupted, it raises; everything known by then is kept."""
        self._build(self._needed())
        if self._options.fresh:
            self._forget()
        self._save()
        self._load()
        return self.results(complete=True)

    # Building

    def _needed(self) -> tuple[Installation, ...]:
        """Installations that something new has to run in; all where a save is still unknown."""
        plan = self._plan()
        wanted = {step.saver.id for step in plan.saves if step.why is not Why.KNOWN}
        judge = self._assembler()
        judge.index(plan)
        wanted |= {
            step.loader.id
            for step in plan.loads
            if step.why is not Why.KNOWN
            and judge.judge_save(step.save).status is ArtifactStatus.SAVED
            and judge.reader(step) is None
        }
        wanted |= {loader.id for _, loader in plan.later}
        if self._options.fresh:
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

    def _build(self, installations: tuple[Installation, ...]) -> None:
        missing = []
        for installation in installations:
            there = self._builder.find(installation, self._locks[installation.name])
            if there is None:
                missing.append(installation)
            else:
                self._built[installation.name] = there
        if missing:
            self._progress.phase("building environments", len(missing))
            with ThreadPoolExecutor(max_workers=max(2, self._options.jobs)) as threads:
                for _ in threads.map(self._build_one, missing):
                    pass
        for environment in self._spec.environments:
            built = self._built.get(environment.installation.name)
            if isinstance(built, Unavailable):
                self._down[environment.id] = (Verdict.UNAVAILABLE, built.reason)

    def _build_one(self, installation: Installation) -> None:
        lock = self._locks[installation.name]
        built = self._builder.build(installation, lock, self._spec.limits)
        self._built[installation.name] = built
        if isinstance(built, Unavailable):
            self._progress.say(f"{installation.name}: unavailable: {built.reason}")
        self._progress.step(installation.name)

    # Saving and loading

    def _plan(self) -> Plan:
        database = self._session.database
        return make_plan(
            self._spec,
            Known(
                digests=environment_digests(self._spec, self._locks),
                worker=self._session.bundle.digest,
                evidence=self._known(),
                last=database.last_parts(),
            ),
            control=self._control,
            cells=self._options.cells,
        )

    def _known(self) -> dict[str, str | None]:
        """What the store knows; a save whose artifact is gone or damaged is not known."""
        known = self._session.database.known()
        lost = [
            key
            for key, digest in known.items()
            if digest is not None and self._session.artifacts.get(digest) is None
        ]
        self._session.database.forget(lost)
        return {key: digest for key, digest in known.items() if key not in set(lost)}

    def _forget(self) -> None:
        plan = self._plan()
        self._session.database.forget(step.key for step in plan.loads)

    def _save(self) -> None:
        plan = self._plan()
        new = [
            step
            for step in plan.saves
            if step.why is not Why.KNOWN and step.saver.id not in self._down
        ]
        self._work(
            "saving reference models",
            {
                name: save_batches(step for step in new if step.saver.id == name)
                for name in _in_order(step.saver.id for step in new)
            },
        )

    def _load(self) -> None:
        """The control models first: where they find no reader, the others need not knock."""
        for control in (True, False):
            plan = self._plan()
            self._judge = self._assembler()
            self._judge.index(plan)
            new = [
                step
                for step in plan.loads
                if (step.save.recipe.name == self._control.name) is control and self._to_load(step)
            ]
            isolate = self._options.isolate or not self._options.group
            work = {
                name: load_batches(
                    (step for step in new if step.loader.id == name), isolate=isolate
                )
                for name in _in_order(step.loader.id for step in new)
            }
            self._work("asking who reads what" if control else "loading them everywhere", work)

    def _to_load(self, step: LoadStep) -> bool:
        return (
            step.why is not Why.KNOWN
            and step.loader.id not in self._down
            and self._judge.judge_save(step.save).status is ArtifactStatus.SAVED
            and self._judge.reader(step) is None
        )

    def _work(self, phase: str, work: Mapping[str, list[Batch]]) -> None:
        total = sum(len(batch.steps) for batches in work.values() for batch in batches)
        if not total:
            return
        self._progress.phase(phase, total)
        evidences = Evidences(
            self._session,
            self._spec.limits,
            plainly_identical=self._plainly_identical,
            finished=self._finished,
        )
        pool = Pool(
            jobs=self._options.jobs,
            start=self._start,
            handle=evidences.handle,
            give_up=self._give_up,
        )
        pool.run(work)

    def _finished(self, step: Step) -> None:
        self._ran += 1
        self._progress.step(step.id)

    def _start(self, name: str) -> Worker:
        environment = self._environments[name]
        built = self._built[environment.installation.name]
        assert isinstance(built, Built)  # noqa: S101 - what is unavailable has no batches
        worker = self._builder.start(
            environment,
            built,
            bundle=self._session.bundle,
            folder=self._session.scratch / "workers" / f"{name}-{time.monotonic_ns()}",
            limits=self._spec.limits,
            isolate=self._options.isolate,
        )
        facts = {"versions": worker.ready.versions, "packages": worker.ready.packages}
        self._session.database.put_facts(self._digest(environment), facts)
        return worker

    def _give_up(self, name: str, failed: StartFailed) -> None:
        self._down[name] = (Verdict.BROKEN, str(failed))
        self._progress.say(f"{name}: broken: {failed}")

    def _plainly_identical(self, step: Step, data: dict[str, Any]) -> bool:
        if not isinstance(step, LoadStep):
            return False
        finding = self._judge.judge_load(step, evidence_from_json(data))
        return finding.verdict is Verdict.IDENTICAL

    # Results

    def results(self, *, complete: bool) -> Results:
        """What is known now, judged."""
        plan = self._plan()
        artifacts, cells = self._assembler().assemble(plan)
        asked = sum(1 for cell in cells if cell.key is not None) + len(artifacts)
        return Results(
            run=RunInfo(
                id=self._session.run_id,
                started=self._started,
                finished=now() if complete else None,
                profile=self._spec.profile,
                matrix=self._spec.file.name,
                kmatrix=kmatrix.__version__,
                system=f"{platform.system()} {platform.machine()}",
                complete=complete and not any(c.verdict is Verdict.MISSING for c in cells),
                seconds=round(time.monotonic() - self._clock, 1),
                ran=self._ran,
                known=max(0, asked - self._ran),
            ),
            environments=tuple(self._environment(item) for item in self._spec.environments),
            recipes=tuple(_recipe(item) for item in self._spec.recipes),
            formats=tuple(str(item) for item in self._spec.formats),
            artifacts=artifacts,
            cells=cells,
        )

    def _assembler(self) -> Assembler:
        return Assembler(
            spec=self._spec,
            database=self._session.database,
            artifacts=self._session.artifacts,
            control=self._control,
            down=self._down,
        )

    def _digest(self, environment: Environment) -> str:
        return environment_digest(environment, self._locks[environment.installation.name].digest)

    def _environment(self, environment: Environment) -> EnvironmentResult:
        installation = environment.installation
        lock = self._locks[installation.name]
        facts = self._session.database.facts(self._digest(environment)) or {}
        down = self._down.get(environment.id)
        built = self._built.get(installation.name)
        log = built.log if built is not None else None
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
            log=str(log.relative_to(self._session.build)) if log is not None else None,
        )


def read_locks(spec: Spec) -> dict[str, Lock]:
    """The lock of every installation, by its name."""
    folder = spec.file.resolve().parent
    return {
        item.installation.name: read_lock(folder, item.installation) for item in spec.environments
    }


def environment_digests(spec: Spec, locks: Mapping[str, Lock]) -> dict[str, str]:
    """The digest of every environment, by its id."""
    return {
        item.id: environment_digest(item, locks[item.installation.name].digest)
        for item in spec.environments
    }


def _in_order(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _recipe(recipe: RecipeInfo) -> RecipeResult:
    return RecipeResult(
        name=recipe.name,
        title=recipe.title,
        custom=recipe.custom,
        exposes=recipe.exposes,
        file=recipe.path.name,
    )
