"""From an entry to its installation and its environments: requirements, axes, variables, ids."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from runner.config.catalogue import Facts
from runner.config.resolve import resolve
from runner.model.axes import RUNTIME_AXES
from runner.model.keras_identity import KerasKind
from runner.model.matrix import Backend, Environment, Installation, KerasApi

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.config.catalogue import Catalogue
    from runner.config.entry import Entry
    from runner.config.resolve import Resolved


@dataclass(frozen=True, kw_only=True, slots=True)
class _Base:
    """What all environments of one entry have in common."""

    naming: Naming
    python: str
    requirements: tuple[str, ...]
    overrides: tuple[str, ...]
    backends: tuple[Backend, ...]
    separate_keras: bool  # Keras is a package of its own, chosen by KERAS_BACKEND
    api: KerasApi
    prerelease: bool = False
    keras3: bool = False


def derive(entry: Entry, catalogue: Catalogue) -> tuple[Environment, ...]:
    """Return the environments of an entry, one per point on its axes, sharing an installation.

    Empty after noting problems.
    """
    base = _base(entry, catalogue)
    if base is None:
        return ()
    points = _points(entry, base)
    if not points:
        return ()
    installation = Installation(
        name=base.naming.installation(points),
        python=base.python,
        requirements=base.requirements,
        overrides=base.overrides,
        index=replace(entry.index, prerelease=entry.index.prerelease or base.prerelease),
        builder=entry.builder,
        image=entry.image,
    )
    found = (_environment(entry, catalogue, base, installation, point) for point in points)
    return tuple(
        replace(environment, id=base.naming.environment(point, points))
        for environment, point in zip(found, points, strict=True)
    )


def merge(wanted: Iterable[str], pins: Iterable[str]) -> tuple[str, ...]:
    """Return requirements in order, each distribution once; a pin replaces what it pins."""
    merged: dict[str, str] = {}
    for text in (*wanted, *pins):
        merged[canonicalize_name(Requirement(text).name)] = text
    return tuple(merged.values())


def _base(entry: Entry, catalogue: Catalogue) -> _Base | None:
    if entry.requirements is not None:
        return _full(entry)
    if entry.nightly:
        return _nightly(entry, catalogue)
    resolved = resolve(entry, catalogue)
    return _short(entry, catalogue, resolved) if resolved is not None else None


def _full(entry: Entry) -> _Base | None:
    """Derive an entry of the full form, which must state its Python, backend and api."""
    before = len(entry.node.problems)
    for key in ("python", "backend", "api"):
        if key not in entry.nodes:
            entry.node.problem(f"the key {key!r} is missing", "the full form states everything")
    if entry.id is None:
        entry.node.problem("the key 'id' is missing", "an id is derived from the short form only")
    if len(entry.node.problems) > before or entry.id is None or entry.api is None:
        return None
    return _Base(
        naming=full_name(entry.id),
        python=entry.python or "",
        requirements=entry.requirements or (),
        overrides=entry.overrides,
        backends=entry.backends,
        separate_keras=entry.api is KerasApi.KERAS,
        api=entry.api,
    )


def _nightly(entry: Entry, catalogue: Catalogue) -> _Base:
    facts = catalogue.nightly
    python = entry.python or facts.python
    return _Base(
        naming=full_name(entry.id) if entry.id else short_name(("nightly",), python=python),
        python=python,
        requirements=merge(facts.packages, entry.pins),
        overrides=entry.overrides,
        backends=(Backend.TENSORFLOW,),
        separate_keras=True,
        api=entry.api or KerasApi.KERAS,
        prerelease=facts.prerelease,
        keras3=True,
    )


def _short(entry: Entry, catalogue: Catalogue, resolved: Resolved) -> _Base:
    package = _tensorflow_package(entry, resolved)
    with_cpu = True in entry.legacy and package == "tensorflow-cpu"
    return _Base(
        naming=full_name(entry.id) if entry.id else short_name(_stem(entry, resolved),
            python=resolved.python, legacy=_legacy_stem(resolved),
            plain=resolved.tensorflow_stated),
        python=resolved.python,
        requirements=_requirements(entry, catalogue, resolved, package),
        overrides=(*(catalogue.legacy.overrides if with_cpu else ()), *entry.overrides),
        backends=resolved.backends,
        separate_keras=resolved.separate_keras,
        api=entry.api or (KerasApi.KERAS if resolved.separate_keras else KerasApi.TF_KERAS),
        keras3=resolved.keras is not None and resolved.keras.facts.kind is KerasKind.KERAS3,
    )  # fmt: skip


def _tensorflow_package(entry: Entry, resolved: Resolved) -> str:
    """Return the package of TensorFlow.

    For an exact version ``tensorflow``, as in most requirements.
    """
    if entry.package is not None:
        return entry.package
    if resolved.tensorflow is None or resolved.tensorflow.exact:
        return "tensorflow"
    return resolved.tensorflow.facts.package


def _requirements(
    entry: Entry, catalogue: Catalogue, resolved: Resolved, package: str
) -> tuple[str, ...]:
    tensorflow, keras = resolved.tensorflow, resolved.keras
    wanted = [f"{package}=={tensorflow.version}"] if tensorflow is not None else []
    if keras is not None:
        wanted.append(f"keras=={keras.version}")
    if tensorflow is not None and True in entry.legacy:
        wanted.append(f"tf-keras=={tensorflow.facts.tf_keras}")
    for backend in resolved.backends:
        wanted.extend(catalogue.backends[backend].packages)
    facts = Facts(
        tensorflow=tensorflow.version if tensorflow else None,
        keras=keras.version if keras and resolved.separate_keras else None,
        python=resolved.python,
        backends=resolved.backends,
    )
    return merge(merge(wanted, catalogue.pins_for(facts)), entry.pins)


def _stem(entry: Entry, resolved: Resolved) -> tuple[str, ...]:
    """``tf2.21-keras3.15``, ``keras2.3.1-tf1.15``, ``tf2.10``, ``keras3.15``."""
    tensorflow = resolved.tensorflow if resolved.tensorflow_stated else None
    first = (f"tf{tensorflow.minor}",) if tensorflow else ()
    if resolved.keras is None or not resolved.separate_keras:
        return (*first, "legacy") if entry.legacy == (True,) else first
    if resolved.keras.version.startswith("2."):
        return (f"keras{resolved.keras.version}", *first)
    return (*first, f"keras{resolved.keras.minor}")


def _legacy_stem(resolved: Resolved) -> tuple[str, ...]:
    """Return the stem of legacy Keras, without the Keras 3 that is also installed."""
    return (f"tf{resolved.tensorflow.minor}", "legacy") if resolved.tensorflow else ("legacy",)


def _points(entry: Entry, base: _Base) -> tuple[Point, ...]:
    """Every combination of values that exists: legacy Keras needs TensorFlow."""
    points = tuple(
        Point(backend=backend, legacy=legacy, runtime=runtime)
        for backend, legacy in product(base.backends, entry.legacy)
        for runtime in product(*entry.runtime)
        if (backend is Backend.TENSORFLOW or not legacy)
        and all(
            value is axis.default or axis.exists(backend, legacy=legacy, keras3=base.keras3)
            for axis, value in zip(RUNTIME_AXES, runtime, strict=True)
        )
    )
    missing = {
        "backend": set(base.backends) - {point.backend for point in points},
        "legacy-keras": {True} & set(entry.legacy) - {point.legacy for point in points},
    }
    for number, axis in enumerate(RUNTIME_AXES):
        other = {not axis.default} & set(entry.runtime[number])
        missing[axis.key] = other - {point.runtime[number] for point in points}
    for key, values in missing.items():
        if values:
            entry.problem(key, "no environment can have it together with the other keys")
    return points


def _environment(
    entry: Entry, catalogue: Catalogue, base: _Base, installation: Installation, point: Point
) -> Environment:
    variables: dict[str, str] = {}
    if point.legacy:
        variables.update(catalogue.legacy.variables)
    elif base.separate_keras and point.backend in catalogue.backends:
        variables.update(catalogue.backends[point.backend].variables)
    variables.update(entry.variables)
    environment = Environment(
        id=installation.name,
        installation=installation,
        api=KerasApi.TF_KERAS if point.legacy and entry.api is None else base.api,
        backend=point.backend,
        legacy_keras=point.legacy,
        variables=tuple(sorted(variables.items())),
        position=entry.node.key or entry.node.position,
    )
    runtime: dict[str, Any] = {
        axis.field: value for axis, value in zip(RUNTIME_AXES, point.runtime, strict=True)
    }
    return replace(environment, **runtime)


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
        """Return the id of the environment at that point: ``keras3.15-jax-py312``."""
        stem = self.legacy if point.legacy and not self.given else self.stem
        marks, runtime = self._marks(point, points), self._runtime(point, points)
        return "-".join((*stem, *marks, *self.suffix, *runtime))

    def installation(self, points: Sequence[Point]) -> str:
        """Return the id without runtime axes and what differs between its environments."""
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
    """Return the naming of an entry whose id the user chose."""
    return Naming(stem=(given,), legacy=(given,), given=True)


def short_name(
    stem: tuple[str, ...], *, python: str, legacy: tuple[str, ...] = (), plain: bool = True
) -> Naming:
    """Return the naming of a short entry. plain: TensorFlow is in the stem already."""
    suffix = (f"py{python.replace('.', '')}",)
    return Naming(stem=stem, legacy=legacy or stem, suffix=suffix, plain=plain)
