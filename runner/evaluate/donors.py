"""Another environment as a bridge: it loads the artifact and writes it anew for the loader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.routes import BRIDGE_CODE
from runner.model.steps import BRIDGE, SAVE_AGAIN
from runner.plan.planner import in_another_way, over_a_bridge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from runner.model.matrix import Environment, Format
    from runner.model.steps import LoadStep

    Reads = Callable[[str, Format, Environment], bool]

MOST_BRIDGES = 2  # each costs a save and a load
FORMATS = tuple(BRIDGE_CODE)  # in the order in which they are tried


@dataclass(frozen=True, kw_only=True, slots=True)
class Bridge:
    """``crossing``: the bridge's own load of the artifact; ``format``: what it writes."""

    crossing: LoadStep
    format: Format

    @property
    def id(self) -> str:
        """As attempts and remedies call it: ``bridge:environment:format``."""
        return f"{BRIDGE}{self.crossing.loader.id}:{self.format}"

    @property
    def save_again(self) -> LoadStep:
        """What runs in the bridge."""
        return in_another_way(self.crossing, f"{SAVE_AGAIN}{self.format}")

    def load_of(self, load: LoadStep, artifact: str) -> LoadStep:
        """What runs in the loader then. artifact: digest of what the bridge wrote."""
        return over_a_bridge(load, self.id, self.format, artifact)


def bridges(
    load: LoadStep, crossings: Iterable[LoadStep], formats: Iterable[Format], reads: Reads
) -> Iterator[Bridge]:
    """The bridges worth a try, the saver itself first.

    crossings: loads of the same artifact that predict the same. reads: whether the loader takes
    the model as an environment itself saves it in a format.
    """
    asked = set(formats)
    saver = load.save.saver.id
    found = 0
    for crossing in sorted(crossings, key=lambda step: step.loader.id != saver):
        for format_ in FORMATS:
            same = format_ is load.save.format and crossing.loader.id == saver
            if format_ not in asked or same or found == MOST_BRIDGES:
                continue
            if reads(crossing.loader.id, format_, load.loader):
                found += 1
                yield Bridge(crossing=crossing, format=format_)
