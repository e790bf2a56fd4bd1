"""Which versions of Keras and TensorFlow the frames of a traceback are compatible with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

from runner.config.fields import Fields
from runner.config.problems import Problems
from runner.config.yaml_source import compose

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Sequence

    from runner.model.signature import Where
    from runner.signatures.frames import Frame

PATH = Path(__file__).resolve().parent / "eras.yaml"
# One release of each line whose files or messages differ: what a range is tried with.
KERAS = (
    *("1.2.2", "2.0.9", "2.1.6", "2.2.4", "2.2.5", "2.3.1", "2.4.0", "2.5.0", "2.6.0", "2.7.0"),
    *("2.8.0", "2.9.0", "2.10.0", "2.11.0", "2.12.0", "2.13.1", "2.14.0", "2.15.0", "2.19.0"),
    *("3.0.5", "3.3.3", "3.5.0", "3.8.0", "3.10.0", "3.12.4", "3.13.2", "3.14.1", "3.15.1"),
)
TENSORFLOW = (
    *("1.4.0", "1.12.0", "1.13.1", "1.14.0", "1.15.5", "2.0.4", "2.1.4", "2.2.3", "2.3.4", "2.4.4"),
    *("2.5.3", "2.6.5", "2.7.4", "2.8.4", "2.9.3", "2.10.1", "2.11.1", "2.12.1", "2.13.1"),
    *("2.14.1", "2.15.1", "2.16.2", "2.17.1", "2.18.1", "2.19.1", "2.20.0", "2.21.0"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Era:
    """A path that only some versions have."""

    frame: re.Pattern[str]
    keras: SpecifierSet
    tensorflow: SpecifierSet


@dataclass(frozen=True, kw_only=True, slots=True)
class Compatible:
    """What versions a traceback can stem from: ranges that hold together."""

    keras: SpecifierSet
    tensorflow: SpecifierSet

    def allows(self, where: Where) -> bool:
        """Whether a release exists that is in these ranges and in a signature's."""
        return _meet(KERAS, self.keras, where.loader.keras) and _meet(
            TENSORFLOW, self.tensorflow, where.loader.tensorflow
        )


EVERYTHING = Compatible(keras=SpecifierSet(), tensorflow=SpecifierSet())


def compatible_with(frames: Sequence[Frame]) -> Compatible:
    """Return the ranges that the paths of all frames allow together."""
    paths = {frame.path for frame in frames}
    found = [era for era in load_eras() if any(era.frame.search(path) for path in paths)]
    keras = _all_of(KERAS, (era.keras for era in found))
    return Compatible(
        keras=keras, tensorflow=_all_of(TENSORFLOW, (era.tensorflow for era in found))
    )


@cache
def load_eras() -> tuple[Era, ...]:
    """Return the paths and versions of ``eras.yaml``."""
    problems = Problems()
    root = compose(PATH, problems)
    found = []
    for node in root.items() if root is not None else ():
        get = Fields.of(node, ("frame", "keras", "tensorflow", "source"))
        get.text("source")
        patterns = get.patterns("frame")
        found += [
            Era(
                frame=pattern,
                keras=get.specifier("keras") or SpecifierSet(),
                tensorflow=get.specifier("tensorflow") or SpecifierSet(),
            )
            for pattern in patterns
        ]
    problems.raise_if_any()
    return tuple(found)


def _all_of(releases: Sequence[str], ranges: Iterable[SpecifierSet]) -> SpecifierSet:
    """Join ranges; nothing where they contradict each other, as in a program with two Kerases."""
    joined = SpecifierSet(",".join(sorted({str(each) for each in ranges if str(each)})))
    return joined if _meet(releases, joined, None) else SpecifierSet()


def _meet(releases: Sequence[str], one: SpecifierSet, other: SpecifierSet | None) -> bool:
    both = one & (other or SpecifierSet())
    return not str(both) or any(both.contains(each) for each in releases)
