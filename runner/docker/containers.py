"""Containers: made, attached to, started, asked how they ended, always removed."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.docker import container_labels as owner
from runner.docker.attached_stream import Stream
from runner.docker.engine_errors import EngineError
from runner.docker.sandbox import ROOM, USER, host_config

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.docker.connection import Engine
    from runner.docker.sandbox import Sandbox

SILENT = (EngineError, OSError)  # of what never raises


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """How a container's first process ended. ``exit`` is None while it runs, or is unknown."""

    exit: int | None = None
    memory: bool = False  # the kernel killed for memory in it


class Container:
    """A started container with its stdin and stdout in ``stream``."""

    def __init__(self, engine: Engine, name: str, stream: Stream) -> None:
        self._engine = engine
        self.id = name
        self.stream = stream

    def ended(self) -> Ended:
        """How it ended; nothing where the Engine does not know it any more."""
        with contextlib.suppress(*SILENT), self._engine.doing("looking after a container"):
            state = self._engine.client.api.inspect_container(self.id)["State"]
            if not state["Running"]:
                return Ended(exit=state["ExitCode"], memory=state["OOMKilled"])
        return Ended()

    def running(self) -> bool:
        """Whether the Engine still runs it; False where there is no asking any more."""
        with contextlib.suppress(*SILENT), self._engine.doing("looking after a container"):
            state = self._engine.client.api.inspect_container(self.id)["State"]
            return bool(state["Running"])
        return False

    def remove(self) -> None:
        """Kill and remove it. Never raises: what stays is removed at the next start."""
        self.stream.close()
        _remove(self._engine, self.id)


def start(
    engine: Engine,
    image: str,
    argv: Sequence[str],
    *,
    sandbox: Sandbox,
    variables: Mapping[str, str],
    labels: Mapping[str, str],
) -> Container:
    """Start a container and stay attached to it. Raises EngineError.

    Its stdin ends when we hang up or die, and with it the process that reads it.
    """
    api = engine.client.api
    with engine.doing(f"starting {image}"):
        made = api.create_container(
            image,
            list(argv),
            user=f"{USER}:{USER}",
            working_dir=ROOM,
            environment=dict(variables),
            labels={**labels, **owner.labels()},
            stdin_open=True,
            entrypoint=[],
            host_config=api.create_host_config(**host_config(sandbox)),
        )
    try:
        with engine.doing(f"starting {image}"):
            # Attached before it starts: nothing it says can be lost.
            ways = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            stream = Stream(api.attach_socket(made["Id"], params=ways))
            api.start(made["Id"])
    except BaseException:
        _remove(engine, made["Id"])
        raise
    return Container(engine, made["Id"], stream)


def sweep(engine: Engine) -> int:
    """Remove containers whose owner on this machine is dead; how many there were."""
    removed = 0
    with contextlib.suppress(*SILENT), engine.doing("looking for left-over containers"):
        found = engine.client.api.containers(all=True, filters={"label": owner.PROCESS})
        for container in found:
            if owner.is_left_over(container["Labels"]):
                _remove(engine, container["Id"])
                removed += 1
    return removed


def _remove(engine: Engine, name: str) -> None:
    with contextlib.suppress(*SILENT), engine.doing("removing a container"):
        engine.client.api.remove_container(name, force=True, v=True)
