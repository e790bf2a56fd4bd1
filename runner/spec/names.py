"""Ids of environments and names of installations: stable, readable, from what was stated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runner.nouns.axes import RUNTIME_AXES
from runner.nouns.spec import Backend

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One point on the axes that share an installation."""

    backend: Backend
    legacy: bool
    runtime: tuple[bool, ...]  # in the order of RUNTIME_AXES


@dataclass(frozen=True, kw_only=True, slots=True)
class Naming:
    """How the environments of one entry are called."""

    stem: tuple[str, ...]  # ``("tf2.21", "keras3.15")``
    legacy: tuple[str, ...]  # in place of the stem for legacy Keras
    suffix: tuple[str, ...] = ()  # ``("py312",)``
    plain: bool = True  # a lone TensorFlow backend is not mentioned
    given: bool = False  # the user's own id: only axes with several values are added

    def environment(self, point: Point, points: Sequence[Point]) -> str:
        """The id of the environment at that point: ``keras3.15-jax-py312``."""
        stem = self.legacy if point.legacy and not self.given else self.stem
        marks, runtime = self._marks(point, points), self._runtime(point, points)
        return "-".join((*stem, *marks, *self.suffix, *runtime))

    def installation(self, points: Sequence[Point]) -> str:
        """The id without the parts in which its environments differ, and without runtime axes."""
        if len({(point.backend, point.legacy) for point in points}) == 1 and not self.given:
            default = tuple(axis.default for axis in RUNTIME_AXES)
            return self.environment(replace(points[0], runtime=default), points)
        return "-".join((*self.stem, *self.suffix))

    def _marks(self, point: Point, points: Sequence[Point]) -> tuple[str, ...]:
        several_backends = len({each.backend for each in points}) > 1
        if self.given:
            several_legacy = len({each.legacy for each in points}) > 1
            legacy = ("legacy",) if point.legacy and several_legacy else ()
            return (
                (point.backend.value,) if several_backends and not point.legacy else ()
            ) + legacy
        if point.legacy:
            return ()
        lone = self.plain and point.backend is Backend.TENSORFLOW
        return () if lone and not several_backends else (point.backend.value,)

    def _runtime(self, point: Point, points: Sequence[Point]) -> tuple[str, ...]:
        found = []
        for number, axis in enumerate(RUNTIME_AXES):
            several = len({each.runtime[number] for each in points}) > 1
            if point.runtime[number] is not axis.default and (several or not self.given):
                found.append(axis.mark)
        return tuple(found)


def full_name(given: str) -> Naming:
    """The naming of an entry whose id the user chose."""
    return Naming(stem=(given,), legacy=(given,), given=True)


def short_name(
    stem: tuple[str, ...], *, python: str, legacy: tuple[str, ...] = (), plain: bool = True
) -> Naming:
    """The naming of a short entry. plain: TensorFlow is in the stem already."""
    suffix = (f"py{python.replace('.', '')}",)
    return Naming(stem=stem, legacy=legacy or stem, suffix=suffix, plain=plain)
