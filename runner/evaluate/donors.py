"""Other environments that load an artifact and save it again for the loader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.routes import RESAVED
from runner.model.steps import RESAVE, SAVE_AGAIN
from runner.plan.planner import in_another_way, of_resaved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from runner.model.matrix import Environment, Format
    from runner.model.scripts import Script
    from runner.model.steps import LoadStep

    Reads = Callable[[str, Format, Environment], bool]

MOST_RESAVES = 2  # each costs a save and a load


@dataclass(frozen=True, kw_only=True, slots=True)
class Resave:
    """``donor_load``: the other environment's load of the artifact; ``format``: what it saves."""

    donor_load: LoadStep
    format: Format

    @property
    def id(self) -> str:
        """As attempts and remedies call it: ``resave:environment:format``."""
        return f"{RESAVE}{self.donor_load.loader.id}:{self.format}"

    def save_again(self, script: Script) -> LoadStep:
        """What runs in the other environment."""
        return in_another_way(self.donor_load, f"{SAVE_AGAIN}{self.format}", script)

    def load_of(self, load: LoadStep, artifact: str, script: Script) -> LoadStep:
        """Return what runs in the loader then. artifact: digest of what was saved again."""
        return of_resaved(load, self.id, self.format, artifact, script)


def resaves(
    load: LoadStep, donor_loads: Iterable[LoadStep], formats: Iterable[Format], reads: Reads
) -> Iterator[Resave]:
    """Yield the resaves to try, those of the saver first.

    donor_loads: loads of the same artifact that predict the same. reads: whether the loader takes
    the model as an environment itself saves it in a format.
    """
    if load.save.format.predictions_only:
        return  # what loads there is not a model that can be saved
    asked = set(formats)
    saver = load.save.saver.id
    found = 0
    for donor_load in sorted(donor_loads, key=lambda step: step.loader.id != saver):
        for format_ in RESAVED:
            same = format_ is load.save.format and donor_load.loader.id == saver
            if format_ not in asked or same or found == MOST_RESAVES:
                continue
            if reads(donor_load.loader.id, format_, load.loader):
                found += 1
                yield Resave(donor_load=donor_load, format=format_)
