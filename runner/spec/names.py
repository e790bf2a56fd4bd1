"""Ids of environments and names of installations: stable, readable, from what was stated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.nouns.spec import Backend

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """One point on the axes that share an installation."""

    backend: Backend
    legacy: bool
    eager: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Naming:
    """How the environments of one entry are called."""

    stem: tuple[str, ...]  # ``("tf2.21", "keras3.15")``
    legacy: tuple[str, ...]  # in place of the stem for legacy Keras
    suffix: tuple[str, ...] = ()  # ``("py312",)``
    plain: bool = True  # a lone TensorFlow backend needs no mention
    given: bool = False  # the user's own id: only axes with several values are added

    def environment(self, axis: Axis, axes: Sequence[Axis]) -> str:
        """The id of the environment at that point: ``keras3.15-jax-py312``."""
        stem = self.legacy if axis.legacy and not self.given else self.stem
        return "-".join((*stem, *self._marks(axis, axes), *self.suffix, *self._graph(axis, axes)))

    def installation(self, axes: Sequence[Axis]) -> str:
        """The id without the parts in which its environments differ, and never with graph mode."""
        if len({(axis.backend, axis.legacy) for axis in axes}) == 1 and not self.given:
            return self.environment(Axis(backend=axes[0].backend, legacy=axes[0].legacy,
                                         eager=True), axes)  # fmt: skip
        return "-".join((*self.stem, *self.suffix))

    def _marks(self, axis: Axis, axes: Sequence[Axis]) -> tuple[str, ...]:
        several_backends = len({each.backend for each in axes}) > 1
        if self.given:
            several_legacy = len({each.legacy for each in axes}) > 1
            legacy = ("legacy",) if axis.legacy and several_legacy else ()
            return ((axis.backend.value,) if several_backends and not axis.legacy else ()) + legacy
        if axis.legacy:
            return ()
        lone = self.plain and axis.backend is Backend.TENSORFLOW
        return () if lone and not several_backends else (axis.backend.value,)

    def _graph(self, axis: Axis, axes: Sequence[Axis]) -> tuple[str, ...]:
        several = len({each.eager for each in axes}) > 1
        return ("graph",) if not axis.eager and (several or not self.given) else ()


def full_name(given: str) -> Naming:
    """The naming of an entry whose id the user chose."""
    return Naming(stem=(given,), legacy=(given,), given=True)


def short_name(
    stem: tuple[str, ...], *, python: str, legacy: tuple[str, ...] = (), plain: bool = True
) -> Naming:
    """The naming of a short entry. plain: TensorFlow is in the stem already."""
    suffix = (f"py{python.replace('.', '')}",)
    return Naming(stem=stem, legacy=legacy or stem, suffix=suffix, plain=plain)
