"""Load users' files in environments: the engine of the matrix, on artifacts without a saver."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from base64 import b64encode
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from runner.evaluate.file_answer import answer
from runner.evaluate.file_fallbacks import next_way
from runner.evaluate.file_findings import (
    EXPECTED,
    FileEvidence,
    Reference,
    attempt_of,
    cell_of,
    choose_reference,
)
from runner.model.builds import Built, Unavailable
from runner.model.evidence import MalformedEvidenceError
from runner.model.finding import Verdict
from runner.model.keras_identity import KerasIdentity
from runner.model.steps import AS_IS
from runner.model.user_file import FileCell, FileInputs, FileResult
from runner.plan.candidates import by_likelihood
from runner.plan.evidence_keys import environment_digest
from runner.plan.file_steps import file_step
from runner.route_scripts.file_scripts import file_script
from runner.run.file_copy import can_be_copied, copy_file
from runner.run.installations import Installations
from runner.run.pool import Batch, Pool
from runner.run.recorder import EvidenceRecorder
from runner.worker_client.evidence_reader import array_from_json, evidence_from_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from runner.environments.builders import BuilderFor
    from runner.model.builds import Lock
    from runner.model.evidence import Array, Evidence
    from runner.model.inspection import Inspection
    from runner.model.matrix import Environment, Limits, RecipeInfo, Tolerance
    from runner.model.scripts import Script
    from runner.model.steps import FileStep, Step
    from runner.model.user_file import FileAttempt, FileCopy
    from runner.plan.candidates import Candidate
    from runner.run.progress import Progress
    from runner.run.session import Session
    from runner.worker_client.worker_protocol import StartFailed, Worker

SANDBOX = "docker"
NEEDS_SANDBOX = (
    "loading it would run code from the file: start Docker, which runs it in a sandbox, or pass "
    "--trust to run it on this machine ({reason})"
)
MAX_TOGETHER = 8  # loads that share a process at first
MOST_IDLE = 6  # workers that wait for the next route of some file


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """What a user hands over with the files."""

    custom: Path | None = None
    inputs: tuple[Array, ...] | None = None
    expected: tuple[Array, ...] | None = None
    trust: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class FileRunOptions:
    """How to load files. ``jobs``: how many processes at a time.

    ``in_order``: the candidates are in the order in which a reference is chosen among them.
    """

    limits: Limits
    tolerance: Tolerance
    jobs: int
    in_order: bool = False
    fallbacks: bool = True  # try other routes where the first fails


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _File:
    """One file that was asked for. ``copy``: None where no Keras reads its format."""

    path: Path
    inspection: Inspection
    copy: FileCopy | None
    order: tuple[Candidate, ...]
    inputs: FileInputs | None
    expected: Reference | None
    sandbox: bool


@dataclass(slots=True)
class _Followed:
    """How far a file has come with the evidence that there is."""

    answers: dict[str, dict[str, FileEvidence]] = field(default_factory=dict)
    reference: Reference | None = None
    attempts: dict[str, list[FileAttempt]] = field(default_factory=dict)
    due: list[FileStep] = field(default_factory=list)
    unanswered: dict[str, str] = field(default_factory=dict)  # environment to reason


class FileRun:
    """Loads files in environments. ``execute`` is all a caller needs.

    What the store knows of the same file, environment and route is not asked again.
    """

    def __init__(
        self,
        *,
        session: Session,
        builder_for: BuilderFor,
        locks: Mapping[str, Lock],
        control: RecipeInfo,
        given: Given,
        options: FileRunOptions,
        progress: Progress,
    ) -> None:
        self._session = session
        self._builder_for = builder_for
        self._locks = locks
        self._control = control
        self._given = given
        self._options = options
        self._progress = progress
        self._installations: dict[str, Installations] = {}  # by the name of their builder
        self._environments: dict[str, Environment] = {}  # by the name of their lane in the pool
        self._down: dict[str, str] = {}  # lane to reason
        self._broken: set[str] = set()
        self._unanswered: dict[str, str] = {}  # evidence key to reason
        self._known: dict[str, FileEvidence] = {}
        # Attempts by evidence key and reference, which are asked for again as a file goes on.
        self._attempts: dict[tuple[str, Path, str | None], FileAttempt] = {}
        self._sent: set[str] = set()  # evidence keys of the steps that the pool was given
        self._pool: Pool | None = None
        self._waiting: dict[str, list[_File]] = {}  # evidence key to the files that need it
        self._lock = threading.Lock()  # for all of these, while the pool runs
        self.answers: dict[Path, dict[str, dict[str, FileEvidence]]] = {}  # file, loader, route

    def execute(
        self, files: Sequence[tuple[Path, Inspection]], candidates: Sequence[Candidate]
    ) -> tuple[FileResult, ...]:
        """Load every file in every environment. Raises ToolError where a file cannot be copied."""
        todo = [
            self._prepare(number, path, found, candidates)
            for number, (path, found) in enumerate(files)
        ]
        ready = [one for one in todo if one.copy is not None]
        while due := self._due(ready):
            self._build(due)
            due = [step for step in due if _lane(step.loader) not in self._down]
            if due:
                self._work(due)
        return tuple(self._result(one) for one in todo)

    # Preparing

    def _prepare(
        self, number: int, path: Path, inspection: Inspection, candidates: Sequence[Candidate]
    ) -> _File:
        folder = self._session.scratch / "files" / f"{number}-{time.monotonic_ns()}"
        copied = None
        if can_be_copied(inspection):
            copied = copy_file(inspection, path, folder, self._given.custom)
        given = self._given
        runs_code = bool(inspection.code) or given.custom is not None
        return _File(
            path=path,
            inspection=inspection,
            copy=copied,
            order=tuple(candidates)
            if self._options.in_order
            else by_likelihood(inspection, candidates),
            inputs=self._write_inputs(given.inputs) if given.inputs is not None else None,
            expected=None
            if given.expected is None
            else Reference(name=EXPECTED, outputs=given.expected),
            sandbox=runs_code and not given.trust,
        )

    def _write_inputs(self, arrays: Sequence[Array]) -> FileInputs:
        text = json.dumps([_encoded(one) for one in arrays])
        digest = hashlib.sha256(text.encode()).hexdigest()
        path = self._session.scratch / f"inputs-{digest}.json"
        if not path.exists():
            path.write_text(text, "utf-8")
        return FileInputs(path=path, digest=digest)

    def _build(self, steps: Iterable[FileStep]) -> None:
        """Build what the steps need, and note what is unavailable."""
        loaders = {_lane(step.loader): step.loader for step in steps}
        self._environments.update(loaders)
        for name in {one.installation.builder for one in loaders.values()}:
            here = {
                one.installation for one in loaders.values() if one.installation.builder == name
            }
            self._builders(name).build(here, self._options.jobs)
        for lane, environment in loaders.items():
            built = self._built(environment)
            if isinstance(built, Unavailable):
                self._down[lane] = built.reason

    def _builders(self, name: str) -> Installations:
        """Return the installations of one builder; a sandbox has the name of its environment."""
        if name not in self._installations:
            self._installations[name] = Installations(
                builder_for=self._builder_for,
                locks=self._locks,
                limits=self._options.limits,
                progress=self._progress,
            )
        return self._installations[name]

    def _built(self, environment: Environment) -> Built | Unavailable:
        installation = environment.installation
        return self._builders(installation.builder).built[installation.name]

    # Following

    def _due(self, files: Iterable[_File]) -> list[FileStep]:
        """List the steps that these files need next, each once, and note who waits for them."""
        found: dict[str, FileStep] = {}
        for file in files:
            for step in self._follow(file).due:
                found[step.key] = step
                waiting = self._waiting.setdefault(step.key, [])
                if file not in waiting:
                    waiting.append(file)
        return list(found.values())

    def _follow(self, file: _File) -> _Followed:
        """Replay what is known of a file, up to the steps that are due."""
        found = _Followed(reference=file.expected)
        for candidate in file.order:
            self._ask(found, file, candidate, AS_IS)
        if found.due:
            return found  # a reference chosen now might not be the nearest
        found.reference = file.expected or choose_reference(file.order, found.answers)
        for candidate in file.order:
            self._follow_routes(found, file, candidate)
        if file.expected is None and found.reference is None and not found.due:
            found.reference = choose_reference(file.order, found.answers)
            found.attempts.clear()
            for candidate in file.order:
                self._follow_routes(found, file, candidate)
        return found

    def _follow_routes(self, found: _Followed, file: _File, candidate: Candidate) -> None:
        name = candidate.environment.id
        assert file.copy is not None  # noqa: S101 - such files are not followed
        attempts = found.attempts.setdefault(name, [])
        while self._options.fallbacks or not attempts:
            tried = {one.route: one.verdict for one in attempts}
            route = next_way(file.inspection, file.copy, candidate, tried)
            if route is None:
                return
            answer_ = self._ask(found, file, candidate, route)
            if answer_ is None:
                return
            attempts.append(self._attempt(found, file, candidate, route, answer_))

    def _attempt(
        self,
        found: _Followed,
        file: _File,
        candidate: Candidate,
        route: str,
        answer_: FileEvidence,
    ) -> FileAttempt:
        """Return the attempt that evidence makes; each is evaluated once for a reference."""
        assert file.copy is not None  # noqa: S101 - such files are not followed
        reference = found.reference
        key = (answer_.key, file.path, reference.name if reference is not None else None)
        if key not in self._attempts:
            self._attempts[key] = attempt_of(
                route,
                answer_,
                format_=file.copy.format,
                inspection=file.inspection,
                candidate=candidate,
                reference=reference,
                tolerance=self._options.tolerance,
                code=_script(file.copy, candidate, route).text,
            )
        return self._attempts[key]

    def _ask(
        self, found: _Followed, file: _File, candidate: Candidate, route: str
    ) -> FileEvidence | None:
        """Return the evidence of a route, on the reference's inputs.

        None where it is due or missing.
        """
        name = candidate.environment.id
        if name in found.unanswered:
            return None
        known = self._evidence(found, self._step(file, candidate, route, file.inputs))
        if known is not None and _needs_inputs_of(known, found.reference, file):
            assert found.reference is not None  # noqa: S101 - as was just asked
            inputs = self._write_inputs(found.reference.inputs)
            known = self._evidence(found, self._step(file, candidate, route, inputs))
        if known is not None:
            found.answers.setdefault(name, {})[route] = known
        return known

    def _step(
        self, file: _File, candidate: Candidate, route: str, inputs: FileInputs | None
    ) -> FileStep:
        assert file.copy is not None  # noqa: S101 - such files are not followed
        environment = _placed(candidate.environment, sandbox=file.sandbox)
        return file_step(
            file.copy,
            environment,
            digest=self._digest(environment),
            control=self._control,
            worker=self._session.bundle.digest,
            inputs=inputs,
            way=route,
            script=_script(file.copy, candidate, route),
        )

    def _digest(self, environment: Environment) -> str:
        return environment_digest(environment, self._locks[environment.installation.name].digest)

    def _evidence(self, found: _Followed, step: FileStep) -> FileEvidence | None:
        name, lane = step.loader.id, _lane(step.loader)
        known = self._known.get(step.key) or self._stored(step.key)
        if known is not None:
            self._known[step.key] = known
        elif lane in self._down:
            found.unanswered[name] = self._down[lane]
        elif step.key in self._unanswered:
            found.unanswered[name] = self._unanswered[step.key]
        else:
            found.due.append(step)
        return known

    def _stored(self, key: str) -> FileEvidence | None:
        try:
            data: dict[str, Any] | None = self._session.database.get(key)
            return None if data is None else _file_evidence(key, data)
        except MalformedEvidenceError:
            self._session.database.forget([key])
            return None

    # Working

    def _work(self, steps: Sequence[FileStep]) -> None:
        """Run steps, and what each file needs after them, until nothing more can be asked."""
        self._progress.phase("loading", len(steps))
        recorder = EvidenceRecorder(
            self._session,
            self._options.limits,
            trusted=_is_trusted,
            finished=self._finished,
            unanswered=self._leave_unanswered,
        )
        self._sent.update(step.key for step in steps)
        self._pool = Pool(
            jobs=self._options.jobs,
            start=self._start,
            handle=recorder.handle,
            give_up=self._give_up,
            most_idle=MOST_IDLE,
        )
        self._pool.run(self._batches(steps))

    def _batches(self, steps: Sequence[FileStep]) -> dict[str, list[Batch]]:
        return _batches(steps, together=not self._given.custom)

    def _finished(self, step: Step) -> None:
        self._progress.step(step.subject)
        with self._lock:
            self._go_on([step.key])

    def _leave_unanswered(self, step: Step, reason: str) -> None:
        self._progress.step(step.subject)
        with self._lock:
            self._unanswered[step.key] = reason
            self._go_on([step.key])

    def _give_up(self, lane: str, failed: StartFailed) -> None:
        with self._lock:
            self._down[lane] = str(failed)
            if not failed.unavailable:
                self._broken.add(lane)
            self._go_on(list(self._waiting))

    def _go_on(self, keys: Sequence[str]) -> None:
        """Send what the files need next that waited for these. Called under the lock."""
        files = {id(file): file for key in keys for file in self._waiting.pop(key, ())}
        new = [
            step
            for step in self._due(files.values())
            if step.key not in self._sent and _lane(step.loader) in self._environments
        ]
        self._sent.update(step.key for step in new)
        if new and self._pool is not None:
            self._progress.more(len(new))
            self._pool.add(self._batches(new))

    def _start(self, lane: str) -> Worker:
        environment = self._environments[lane]
        built = self._built(environment)
        assert isinstance(built, Built)  # noqa: S101 - what is unavailable has no batches
        return self._builder_for(environment.installation).start(
            environment,
            built,
            bundle=self._session.bundle,
            folder=self._session.scratch / "workers" / f"{environment.id}-{time.monotonic_ns()}",
            limits=self._options.limits,
        )

    # Results

    def _result(self, file: _File) -> FileResult:
        cells: list[FileCell] = []
        reference = None
        if file.copy is not None:
            found = self._follow(file)
            reference = found.reference
            self.answers[file.path] = found.answers
            cells = [self._cell(found, file, candidate) for candidate in file.order]
        return FileResult(
            path=str(file.path),
            inspection=file.inspection,
            answer=answer(file.inspection, cells),
            reference=reference.name if reference is not None else None,
            environments=tuple(cells),
        )

    def _cell(self, found: _Followed, file: _File, candidate: Candidate) -> FileCell:
        name = candidate.environment.id
        attempts = [
            one
            for one in found.attempts.get(name, ())
            if one.route == AS_IS or not found.answers[name][one.route].evidence.not_available
        ]
        if attempts:
            return cell_of(name, attempts, sandbox=file.sandbox)
        lane = _lane(_placed(candidate.environment, sandbox=file.sandbox))
        reason = found.unanswered.get(name, "not asked")
        if lane in self._broken:
            verdict = Verdict.BROKEN
        elif lane in self._down:
            verdict = Verdict.UNAVAILABLE
            reason = NEEDS_SANDBOX.format(reason=reason) if file.sandbox else reason
        else:
            verdict = Verdict.MISSING
        return FileCell(environment=name, verdict=verdict, route=None, reason=reason)


def _script(file: FileCopy, candidate: Candidate, route: str) -> Script:
    environment = candidate.environment
    identity = KerasIdentity(
        version=candidate.keras,
        generation=candidate.generation,
        api=environment.api,
        backend=environment.backend,
        tensorflow=candidate.tensorflow,
    )
    return file_script(route, file, environment, identity)


def _lane(environment: Environment) -> str:
    """Return the name of an environment's lane in the pool: its sandbox is another one."""
    return f"{environment.id} ({environment.installation.builder})"


def _placed(environment: Environment, *, sandbox: bool) -> Environment:
    """Return the same environment, in a container if it has to be."""
    installation = environment.installation
    if not sandbox or installation.builder == SANDBOX:
        return environment
    return replace(environment, installation=replace(installation, builder=SANDBOX))


def _batches(steps: Sequence[FileStep], *, together: bool) -> dict[str, list[Batch]]:
    """First loads share a process, which is trusted only where they load; the rest runs alone."""
    lanes: dict[str, list[FileStep]] = {}
    for step in steps:
        lanes.setdefault(_lane(step.loader), []).append(step)
    return {lane: list(_lane_batches(found, together=together)) for lane, found in lanes.items()}


def _lane_batches(steps: Sequence[FileStep], *, together: bool) -> Iterator[Batch]:
    shared = [step for step in steps if together and step.way == AS_IS]
    for start in range(0, len(shared), MAX_TOGETHER):
        yield Batch(steps=tuple(shared[start : start + MAX_TOGETHER]))
    for step in steps:
        if not together or step.way != AS_IS:
            yield Batch(steps=(step,))


def _is_trusted(step: Step, evidence: Evidence) -> bool:
    """Whether evidence from a shared process counts: a failure is asked again, alone."""
    del step
    return evidence.failure is None and evidence.not_available is None


def _each_once(steps: Iterable[FileStep]) -> list[FileStep]:
    return list({step.key: step for step in steps}.values())


def _needs_inputs_of(known: FileEvidence, reference: Reference | None, file: _File) -> bool:
    """Whether a prediction was made from other inputs than the reference's."""
    if reference is None or file.inputs is not None or not known.outputs:
        return False
    return [_encoded(one) for one in known.inputs] != [_encoded(one) for one in reference.inputs]


def _file_evidence(key: str, data: dict[str, Any]) -> FileEvidence:
    return FileEvidence(
        evidence=evidence_from_json(data),
        key=key,
        inputs=tuple(array_from_json(item) for item in data.get("inputs", ())),
    )


def _encoded(array: Array) -> dict[str, Any]:
    plain = array.astype(array.dtype.newbyteorder("<"))
    data = b64encode(plain.tobytes()).decode("ascii")
    return {"dtype": plain.dtype.str, "shape": list(array.shape), "data": data}
