"""What a person is told while a run goes on."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called from several threads."""

    def phase(self, name: str, total: int) -> None:
        """Begin ``total`` steps of one kind."""

    def more(self, count: int) -> None:
        """Add steps that were not foreseen when the phase began."""

    def step(self, name: str) -> None:
        """One more of them is done."""

    def say(self, text: str) -> None:
        """Something a person should know now."""
