"""The builder ``docker``: an image for each installation, named by all that went into it."""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import filelock

from runner.docker import containers
from runner.docker import image_store as images
from runner.docker.connection import connect
from runner.docker.engine_errors import EngineError
from runner.docker.sandbox import Sandbox
from runner.environments.build_faults import classify, explain
from runner.environments.image_plan import PYTHON, SERVED, ImagePlan, plan_image, with_line
from runner.environments.image_settings import Redactor, host_settings
from runner.environments.image_sidecar import INSIDE, beside, served_files
from runner.environments.layer_libraries import make_wheel
from runner.environments.locks import pins, without_lock
from runner.model.builds import Built, Fault, LockState, Unavailable
from runner.worker_client.container_worker import ContainerWorker
from runner.worker_client.process_worker import ProcessPerCell

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.docker.connection import Engine
    from runner.environments.layer_libraries import Wheel
    from runner.model.builds import Lock
    from runner.model.matrix import Environment, Installation, Limits
    from runner.worker_client.bundle import Bundle
    from runner.worker_client.worker_protocol import Worker

LOG = logging.getLogger("kmatrix")
UNLIMITED = (
    "this Docker Engine sets no limits of %s: its containers are no place for files of strangers "
    "(docs/docker.md, Which Engines)"
)
TRIES = 3
PAUSE = 2.0  # seconds before the network is tried again, doubled each time
SCRATCH_MB = 2048


class DockerBuilder:
    """Images on whatever Engine the docker command would use; logs below ``build/logs``."""

    def __init__(
        self, *, folder: Path, build: Path, engine: Callable[[], Engine] = connect
    ) -> None:
        self._folder = folder  # of matrix.yaml: find-links are relative to it
        self._build = build
        self._connect = engine
        self._connected: Engine | None = None
        self._lock = threading.Lock()

    def engine(self) -> Engine:
        """Return the Engine.

        What an earlier kmatrix left running is removed. Raises EngineError.
        """
        with self._lock:
            if self._connected is None:
                self._connected = self._connect()
                containers.sweep(self._connected)
                if self._connected.unlimited:
                    LOG.warning(UNLIMITED, ", ".join(self._connected.unlimited))
            return self._connected

    def plan(self, installation: Installation, lock: Lock) -> ImagePlan:
        """Return the image of an installation. Raises EngineError without an Engine."""
        return plan_image(
            installation,
            lock,
            platform=self.engine().platform,
            pins=pins(lock),
            install=(INSIDE / "install.py").read_bytes(),
        )

    def find(self, installation: Installation, lock: Lock) -> Built | None:
        """Return the image if the Engine has it."""
        if lock.state is not LockState.FRESH:
            return None
        try:
            plan = self.plan(installation, lock)
            there = images.find(self.engine(), plan.tag)
        except EngineError:
            return None  # said by ``build``, which follows
        return self._built(installation, plan, 0.0) if there else None

    def build(self, installation: Installation, lock: Lock, limits: Limits) -> Built | Unavailable:
        """Build it unless the Engine or its registry has it."""
        if (unlocked := without_lock(installation, lock)) is not None:
            return unlocked
        log = self._log(installation)
        log.parent.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        with filelock.FileLock(log.with_suffix(".image.lock")):
            if (found := self.find(installation, lock)) is not None:
                return found
            wheel = make_wheel(installation, lock, self._build)
            if isinstance(wheel, Unavailable):
                return wheel
            try:
                plan = self.plan(installation, lock)
                if wheel is not None:
                    plan = with_line(plan, wheel.line(SERVED))
                log.write_text(f"{plan.tag} from {plan.base}\n", "utf-8")
                if not self._pulled(installation, plan, log):
                    self._make(installation, lock, plan, limits, log, wheel)
            except EngineError as error:
                return _unavailable(error, log)
        return self._built(installation, plan, time.monotonic() - started)

    def _pulled(self, installation: Installation, plan: ImagePlan, log: Path) -> bool:
        """Whether the registry, where one is named, had it."""
        if installation.image.registry is None:
            return False
        try:
            images.pull(self.engine(), plan.tag)
        except EngineError as error:
            if error.fault is Fault.ENGINE:
                raise
            with log.open("a", encoding="utf-8") as sink:
                sink.write(f"built here, because it is not in a registry: {error}\n")
            return False
        return True

    def _make(
        self,
        installation: Installation,
        lock: Lock,
        plan: ImagePlan,
        limits: Limits,
        log: Path,
        wheel: Wheel | None,
    ) -> None:
        engine = self.engine()
        if images.find(engine, plan.base) is None:
            self._pull_base(plan.base)
        settings = host_settings(os.environ, Path.home())
        files = served_files(
            engine,
            installation,
            lock,
            folder=self._folder,
            settings=settings,
            more=(wheel.path,) if wheel is not None else (),
        )
        redact = Redactor(settings)
        for attempt in range(TRIES):
            try:
                with (
                    beside(engine, plan.base, installation.python, files) as network,
                    log.open("a", encoding="utf-8") as sink,
                ):
                    images.build(
                        engine,
                        plan.context,
                        tag=plan.tag,
                        network=network,
                        seconds=limits.build_seconds,
                        say=lambda text, sink=sink: sink.write(redact(plain(text))),  # type: ignore[misc]
                    )
            except images.BuildFailed as error:
                failed = _explained(error, log, redact)
                if failed.fault is not Fault.NETWORK or attempt == TRIES - 1:
                    raise failed from None
                time.sleep(PAUSE * 2**attempt)
            else:
                return

    def _pull_base(self, base: str) -> None:
        try:
            images.pull(self.engine(), base)
        except EngineError as error:
            if error.fault is Fault.ENGINE:
                raise
            raise EngineError(
                f"the base image {base} is not here and cannot be pulled; name one that can in "
                f"matrix.yaml: docker: {{base: …}} or {{mirror: …}} ({error})",
                error.fault,
            ) from error

    def push(self, installation: Installation, lock: Lock) -> str:
        """Send an image to its registry; its name. Raises EngineError."""
        plan = self.plan(installation, lock)
        images.push(self.engine(), plan.tag)
        return plan.tag

    def pull(self, installation: Installation, lock: Lock) -> str:
        """Fetch an image from its registry; its name. Raises EngineError."""
        plan = self.plan(installation, lock)
        images.pull(self.engine(), plan.tag)
        return plan.tag

    def start(
        self,
        environment: Environment,
        built: Built,
        *,
        bundle: Bundle,
        folder: Path,
        limits: Limits,
        isolate: bool = False,
    ) -> Worker:
        """Return a worker in a sandboxed container. Raises StartFailed.

        ``isolate``: a container for every batch, as files from strangers want it.
        """
        sandbox = self.sandbox(limits)

        def start(_: Path = folder) -> ContainerWorker:
            return ContainerWorker(
                engine=self.engine(),
                environment=environment,
                image=str(built.image),
                python=built.python.as_posix(),
                bundle=bundle,
                limits=limits,
                sandbox=sandbox,
            )

        return ProcessPerCell(start, folder=folder) if isolate else start()

    def sandbox(self, limits: Limits) -> Sandbox:
        """Room for two cells at their limit and for scratch: the zygote watches each by itself."""
        return Sandbox(
            memory_mb=2 * limits.memory_mb + SCRATCH_MB,
            scratch_mb=SCRATCH_MB,
            cpus=min(2, self.engine().cpus),
        )

    def _built(self, installation: Installation, plan: ImagePlan, seconds: float) -> Built:
        log = self._log(installation)
        return Built(python=Path(PYTHON), seconds=seconds, log=log, image=plan.tag)

    def _log(self, installation: Installation) -> Path:
        return self._build / "logs" / f"{installation.name}.image.log"


def plain(text: str) -> str:
    """Without the colours in which the Engine shows what a step wrote to stderr."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _explained(error: images.BuildFailed, log: Path, redact: Redactor) -> images.BuildFailed:
    """Return the same with the fault and the telling lines of the step that failed."""
    printed = log.read_text("utf-8", "replace").rpartition(error.step)[2] if error.step else ""
    fault = error.fault or classify(f"{printed}\n{error}")
    step = redact(error.step.split(" : ", 1)[-1])
    words = (
        str(error) if error.fault is Fault.TIME else explain(redact(plain(printed or str(error))))
    )
    where = f" (at the step {step})" if step else ""
    return images.BuildFailed(f"{words}{where}", step=step, fault=fault)


def _unavailable(error: EngineError, log: Path) -> Unavailable:
    fault = error.fault or classify(str(error))
    return Unavailable(fault=fault, reason=f"{fault}: {error}", log=log if log.exists() else None)
