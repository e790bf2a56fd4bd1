"""A spec in parts: which pairs of environments each shard measures."""

from __future__ import annotations

import re
from dataclasses import dataclass

from runner.errors import ExitCode, ToolError

Pair = tuple[str, str]  # saver id, loader id
_NAME = re.compile(r"([1-9][0-9]*)/([1-9][0-9]*)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Which shard of how many: ``2/5``. Counts from 1."""

    number: int
    total: int

    def __str__(self) -> str:
        return f"{self.number}/{self.total}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read ``2/5``. Raises ToolError (exit code 2)."""
        found = _NAME.fullmatch(text.strip())
        place = cls(number=int(found[1]), total=int(found[2])) if found else None
        if place is None or place.number > place.total:
            raise ToolError(
                f"--shard {text}: write it as 2/5, the second shard of five",
                exit_code=ExitCode.USAGE,
            )
        return place


@dataclass(frozen=True, kw_only=True, slots=True)
class Shard:
    """One part of a spec. Without pairs there is nothing for it to do."""

    place: Place
    pairs: tuple[Pair, ...]  # in the order of the matrix

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments that it needs, savers and loaders, each once."""
        return tuple(dict.fromkeys(name for pair in self.pairs for name in pair))
