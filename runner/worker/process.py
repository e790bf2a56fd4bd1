"""The process around a task: limits, log, death with the parent. POSIX where it must be."""

import ctypes
import faulthandler
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
try:
    _LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None
except OSError:
    _LIBC = None


def die_with_parent(parent: int) -> None:
    """Be killed when the parent is, however it ends; ``parent`` is its pid before the fork."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died between the fork and the call above
            os._exit(1)


def own_group() -> None:
    """Be the head of a process group, so that all this process starts can be killed with it."""
    os.setpgid(0, 0)


def log_to(path: str) -> None:
    """Send fd 1 and 2 to ``path``, from C code as well, and a crash's Python stack too."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.close(handle)
    faulthandler.enable(file=2)


def die_first() -> None:
    """When memory runs out, let the kernel take this process rather than the one that watches."""
    try:
        with open("/proc/self/oom_score_adj", "w") as stream:
            stream.write("1000")
    except OSError:
        pass


def limit_memory(megabytes: int) -> None:
    """Bound this process's address space to what it has now plus a limit."""
    try:
        import resource

        # Four times: address space is reserved far beyond use; the zygote watches real use.
        room = address_space() + 4 * megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (room, room))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass


def limit_time(seconds: float) -> None:
    """Be killed after ``seconds`` whatever hangs; 0 calls it off. The host has limits of its own,
    this one holds when the host is gone."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def address_space() -> int:
    return _statm(os.getpid(), 0)


def resident(pid: int) -> int:
    """Bytes in memory that are not shared with the zygote's file mappings; 0 where unknown."""
    return max(0, _statm(pid, 1) - _statm(pid, 2))


def _statm(pid: int, field: int) -> int:
    try:
        with open(f"/proc/{pid}/statm") as stream:
            return int(stream.read().split()[field]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
