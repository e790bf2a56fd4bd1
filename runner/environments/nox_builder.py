"""The builder ``nox``: a virtual environment for each installation, reused by lock digest."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import filelock

from runner import child_processes
from runner.environments.build_faults import classify, explain
from runner.environments.interpreters import find_interpreter
from runner.environments.layer_libraries import make_wheel
from runner.environments.locks import pins, without_lock
from runner.environments.uv import uv_binary, uv_environment
from runner.model.builds import Built, Fault, LockState, Unavailable
from runner.worker_client.local_worker import LocalWorker, can_fork
from runner.worker_client.process_worker import ProcessPerCell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.environments.layer_libraries import Wheel
    from runner.model.builds import Lock
    from runner.model.matrix import Environment, Installation, Limits
    from runner.worker_client.bundle import Bundle
    from runner.worker_client.worker_protocol import Worker

NOXFILE = Path(__file__).with_name("venv_noxfile.py")
MARKER = "kmatrix-built.json"
TRIES = 3
PAUSE = 2.0  # seconds before the network is tried again, doubled each time


class NoxBuilder:
    """Builds below ``build/environments``; logs below ``build/logs``."""

    def __init__(self, *, folder: Path, build: Path) -> None:
        self._folder = folder  # of matrix.yaml: find-links are relative to it
        self._build = build

    def target(self, installation: Installation, lock: Lock) -> Path:
        """Return the folder of an installation with this lock."""
        short = lock.digest.removeprefix("sha256:")[:12]
        return self._build / "environments" / f"{installation.name}-{short}"

    def find(self, installation: Installation, lock: Lock) -> Built | None:
        """Return the installation if it is there and whole."""
        target = self.target(installation, lock)
        python = _python_in(target)
        if lock.state is LockState.FRESH and (target / MARKER).exists() and python.exists():
            return Built(python=python, seconds=0.0, log=self._log(installation))
        return None

    def build(self, installation: Installation, lock: Lock, limits: Limits) -> Built | Unavailable:
        """Build it unless it is there. Another kmatrix on the same folder is waited for."""
        if (unlocked := without_lock(installation, lock)) is not None:
            return unlocked
        target = self.target(installation, lock)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _held(lock_file(target)):
            if (found := self.find(installation, lock)) is not None:
                return found
            wheel = make_wheel(installation, lock, self._build)
            if isinstance(wheel, Unavailable):
                return wheel
            with _lock_with(wheel, lock) as path:
                return self._build_anew(installation, replace(lock, path=path), target, limits)

    def _build_anew(
        self, installation: Installation, lock: Lock, target: Path, limits: Limits
    ) -> Built | Unavailable:
        log = self._log(installation)
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        started = time.monotonic()
        for attempt in range(TRIES):
            # What a killed build left behind; uv would not clear what is no whole environment.
            shutil.rmtree(target, ignore_errors=True)
            output = self._run_nox(installation, lock, target, limits, log)
            if output is None:
                marker = {"installation": installation.name, "lock": lock.digest}
                (target / MARKER).write_text(json.dumps(marker), "utf-8")
                seconds = time.monotonic() - started
                return Built(python=_python_in(target), seconds=seconds, log=log)
            shutil.rmtree(target, ignore_errors=True)
            failed = self._unavailable(installation, output, log)
            if failed.fault is not Fault.NETWORK or attempt == TRIES - 1:
                break
            time.sleep(PAUSE * 2**attempt)
        return failed

    def _run_nox(
        self, installation: Installation, lock: Lock, target: Path, limits: Limits, log: Path
    ) -> str | None:
        """Run the session; None when it went well, else its output."""
        python = find_interpreter(installation.python)
        request = log.with_name(f"{target.name}.request.json")
        request.write_text(
            json.dumps(
                {
                    "uv": str(uv_binary()),
                    "python": python or installation.python,  # uv downloads what is not here
                    "version": installation.python,
                    "target": str(target),
                    "lock": str(lock.path.resolve()),
                    "prerelease": installation.index.prerelease,
                    "find_links": [
                        str((self._folder / links).resolve())
                        for links in installation.index.find_links
                    ],
                }
            ),
            "utf-8",
        )
        done = child_processes.run(
            (sys.executable, "-m", "nox", "-f", NOXFILE, "-s", "venv", "--", request.resolve()),
            seconds=limits.build_seconds,
            env={**uv_environment(), "NOX_SCRIPT_MODE": "none"},
            cwd=log.parent,
            log=log,
        )
        request.unlink(missing_ok=True)
        if done.code is None:
            return f"error: not built within {limits.build_seconds:g} s"
        return None if done.ok else done.output

    def _unavailable(self, installation: Installation, output: str, log: Path) -> Unavailable:
        fault = classify(output)
        reason = explain(output)
        if find_interpreter(installation.python) is None:
            fault = Fault.INTERPRETER
            reason = (
                f"no Python {installation.python} found here, and uv could not download one; "
                f"install it with pyenv, uv or conda ({reason})"
            )
        return Unavailable(fault=fault, reason=f"{fault}: {reason}", log=log)

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
        """Return a worker in it. Raises StartFailed. ``isolate``: a new process for every cell."""

        def start(folder: Path, mode: str = "inline") -> LocalWorker:
            return LocalWorker(
                environment=environment,
                python=built.python,
                bundle=bundle,
                folder=folder,
                limits=limits,
                mode=mode,
            )

        if isolate or not can_fork():
            return ProcessPerCell(start, folder=folder)
        return start(folder, "fork")

    def _log(self, installation: Installation) -> Path:
        return self._build / "logs" / f"{installation.name}.log"


@contextmanager
def _lock_with(wheel: Wheel | None, lock: Lock) -> Iterator[Path]:
    """Yield the lock's file; with a wheel a copy that has one line more."""
    if wheel is None:
        yield lock.path
        return
    with tempfile.TemporaryDirectory(prefix="kmatrix-layer-") as name:
        path = Path(name) / "lock.txt"
        line = wheel.line(wheel.path.parent.resolve().as_posix())
        path.write_bytes(pins(lock) + b"\n" + line.encode() + b"\n")
        yield path


def lock_file(target: Path) -> Path:
    """Return what a build of ``target`` holds while it goes on."""
    return target.with_name(f"{target.name}.lock")


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Hold a file's lock; whoever waits for another kmatrix still hears an interrupt."""
    lock = filelock.FileLock(path)
    while not child_processes.interrupted():
        try:
            lock.acquire(timeout=1.0)
        except filelock.Timeout:
            continue
        try:
            yield
        finally:
            lock.release()
        return
    raise KeyboardInterrupt


def _python_in(target: Path) -> Path:
    inside = ("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")
    return target.joinpath(*inside)
