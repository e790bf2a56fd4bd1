"""What the host asks of a worker, whatever it runs in: a venv, a process a cell, a container."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from runner.model.evidence import Ending

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Self

    from runner.model.evidence import Failure
    from runner.model.matrix import Format, Limits, RecipeInfo
    from runner.model.scripts import Script
    from runner.model.user_file import ExternalFile

# Of the messages between host and worker; ``runner/worker/__init__.py`` has the same number.
PROTOCOL = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskRequest:
    """One save or load. ``folder`` takes evidence, log and scratch; host paths throughout."""

    kind: str  # ``save`` or ``load``
    recipe: RecipeInfo
    format: Format
    artifact: Path  # written by a save, read by a load
    folder: Path
    inputs: Path | None = None  # the saver's inputs, as its evidence file holds them
    way: str = "as-is"  # a route's id, ``scenario:…`` or ``explain``
    thorough: bool = True  # False: leave out what an identical cell does not need
    own: bool = False  # a load of what the same environment saved: look more closely
    external: ExternalFile | None = None  # a load of a file that no recipe made; ``recipe`` is idle
    source: Path | None = None  # a save of what is loaded from here, not of a model from code
    script: Script | None = None  # what a load executes


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchEnded:
    """How the process of a batch ended. Tasks before ``task`` are complete."""

    ending: Ending
    task: int  # index of the task that ran last
    stage: str
    signal: int | None = None
    lost: bool = False  # the worker itself is gone or silent: no evidence about the task
    sent: bool = True  # False: the worker was gone before it took the batch

    @classmethod
    def unsent(cls) -> Self:
        """Nothing of the batch has run: its worker had ended before."""
        return cls(ending=Ending.CRASHED, task=0, stage="import", lost=True, sent=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """A worker's own words on where it runs."""

    seconds: float
    versions: tuple[tuple[str, str], ...]
    packages: tuple[tuple[str, str], ...]


class StartFailed(Exception):  # noqa: N818 - a fact about an environment, not our error
    """The environment could not import its Keras, or its interpreter did not start.

    ``unavailable``: it could not even be asked (no Engine, no image); that is no fault of its own.
    """

    def __init__(
        self,
        reason: str,
        failure: Failure | None = None,
        log: str = "",
        *,
        unavailable: bool = False,
    ) -> None:
        super().__init__(reason)
        self.unavailable = unavailable
        self.failure = failure
        self.log = log


class Worker(Protocol):
    """A running environment. Safe to call from several threads."""

    ready: Ready

    @property
    def alive(self) -> bool:
        """Whether it can still serve."""

    def run(self, tasks: Sequence[TaskRequest], limits: Limits) -> BatchEnded:
        """Run the tasks in one process of their own; leave evidence in each task's folder.

        Raises StartFailed where a worker is started for each batch and this one is not.
        """

    def close(self) -> None:
        """End it and all that it started."""
