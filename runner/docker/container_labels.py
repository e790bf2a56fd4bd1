"""Who a container belongs to: labels that tell, after our own death, what is left over."""

from __future__ import annotations

import os
import socket
from pathlib import Path

HOST, PROCESS = "org.kmatrix.host", "org.kmatrix.process"


def labels() -> dict[str, str]:
    """Return the labels of what this process starts."""
    return {HOST: socket.gethostname(), PROCESS: f"{os.getpid()} {_started(os.getpid())}"}


def is_left_over(found: dict[str, str]) -> bool:
    """Whether labels name a process of this machine that lives no more."""
    if found.get(HOST) != socket.gethostname():
        return False  # a shared Engine: somebody else's, whose process cannot be seen from here
    try:
        pid, started = found.get(PROCESS, "").split(" ", 1)
        return not _alive(int(pid), started)
    except ValueError:
        return False


def _alive(pid: int, started: str) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is there, and not ours to signal
    return _started(pid) == started


def _started(pid: int) -> str:
    """When a process started, in ticks since boot: its number may have been given out again."""
    try:
        # The second field is a name in brackets and may hold anything.
        return (
            Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[19]
        )
    except (OSError, IndexError):
        return "?"
