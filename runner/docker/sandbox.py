"""The sandbox every container runs in: what it may not do, and how much of everything it gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ROOM = "/kmatrix"  # the only place a container can write, apart from /tmp and /dev/shm
USER = 65534  # nobody
SMALL_MB = 64
FILES = 1024
SHARES = 1024  # one process in the kernel's terms


@dataclass(frozen=True, kw_only=True, slots=True)
class Sandbox:
    """Amounts. Scratch lies in memory and counts as such."""

    memory_mb: int
    scratch_mb: int = 2048
    cpus: float = 2.0
    pids: int = 512  # processes and threads together; TensorFlow has some dozens for each child
    network: str = "none"


def host_config(sandbox: Sandbox) -> dict[str, Any]:
    """Return the arguments of the Engine's ``HostConfig``."""
    memory = f"{sandbox.memory_mb}m"
    return {
        "network_mode": sandbox.network,
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "mem_limit": memory,
        "memswap_limit": memory,  # memory and swap together: no swap
        "nano_cpus": int(sandbox.cpus * 1e9),
        # All that runs in it together weighs as much as that many processes of the host: what
        # the same cells weigh in virtual environments, and no more when one forks without end.
        "cpu_shares": max(2, int(sandbox.cpus * SHARES)),
        "pids_limit": sandbox.pids,
        "tmpfs": {ROOM: _tmpfs(sandbox.scratch_mb), "/tmp": _tmpfs(SMALL_MB)},  # noqa: S108
        "shm_size": f"{SMALL_MB}m",
        "log_config": {"Type": "none", "Config": {}},  # what it prints must not fill the Engine
    }


def _tmpfs(megabytes: int) -> str:
    return f"rw,nosuid,nodev,noexec,size={megabytes}m,uid={USER},gid={USER},mode=0700"
