"""What a builder is given, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class LockState(StrEnum):
    """Whether a lock can be installed."""

    FRESH = "fresh"
    STALE = "stale"  # made for other requirements than the matrix has now
    MISSING = "missing"
    DAMAGED = "damaged"
    CONFLICT = "conflict"  # the resolver's answer: this cannot be installed together


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """One installation's exact packages with hashes."""

    path: Path
    state: LockState
    digest: str  # sha256 of the pinned lines; "" without a lock
    packages: tuple[tuple[str, str], ...] = ()  # name and version, sorted
    conflict: str = ""  # why, where the state is ``CONFLICT``


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """An installation that is there. ``python`` is its interpreter, inside ``image`` if any."""

    python: Path
    seconds: float  # 0.0 when it was there before
    log: Path
    image: str | None = None  # ``kmatrix/tf2.15-py311:…``


class Fault(StrEnum):
    """Why an installation could not be had; never an incompatibility."""

    INTERPRETER = "no interpreter"
    LOCK = "lock"
    NETWORK = "network"
    HASH = "hash mismatch"
    DISK = "no space left"
    TIME = "time limit"
    INSTALL = "install"
    ENGINE = "Docker"
    IMAGE = "no such image"


@dataclass(frozen=True, kw_only=True, slots=True)
class Unavailable:
    """An installation that could not be had, in one line, and where the log is."""

    fault: Fault
    reason: str
    log: Path | None = None
