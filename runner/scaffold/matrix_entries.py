"""From what a repository declares to lines below ``environments:``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import Version

from runner.model.keras_identity import TENSORFLOW_RELEASES
from runner.scaffold.repository import PINNED_TOO, known_minors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from packaging.specifiers import SpecifierSet

    from runner.config.catalogue import Catalogue
    from runner.scaffold.repository import Declared, Mention

PYTHONS = tuple(f"3.{minor}" for minor in range(6, 15))


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One environment: spellings of its line, the most exact first, and why it is there."""

    lines: tuple[str, ...]
    why: str


def candidates(declared: Declared, catalogue: Catalogue) -> tuple[Candidate, ...]:
    """Return what the repository has, oldest first, and the newest there is to go to."""
    own = [*_tensorflows(declared, catalogue)] or [*_kerases(declared, catalogue)]
    newest_tf = max(catalogue.tensorflow, key=Version)
    newest = Candidate(
        lines=(_entry(tensorflow=newest_tf, keras=max(catalogue.keras, key=Version)),),
        why="the newest that kmatrix knows: where an upgrade would lead",
    )
    if not own:
        last = Candidate(
            lines=(_entry(tensorflow="2.15"),), why="the last TensorFlow with Keras 2 inside"
        )
        return last, newest
    return (*own, newest)


def _tensorflows(declared: Declared, catalogue: Catalogue) -> Iterator[Candidate]:
    exact = declared.exact(*TENSORFLOW_RELEASES)
    pins = _pins(declared)
    for one in exact:
        keras = _keras_with(declared, one)
        for legacy in (False, True) if _has_legacy(declared, one.exact or "") else (False,):
            separate = "" if legacy else keras
            python = _python(declared, catalogue, _minor(one.exact or ""))
            yield Candidate(
                lines=(
                    _entry(
                        tensorflow=one.exact,
                        keras=separate,
                        python=python,
                        legacy=legacy,
                        pins=pins,
                    ),
                    _entry(tensorflow=one.exact, keras=separate, python=python, legacy=legacy),
                    _entry(tensorflow=one.exact, legacy=legacy),
                    _entry(tensorflow=_minor(one.exact or ""), legacy=legacy),
                ),
                why=f"from {one.where}",
            )
    mentions = declared.of(*TENSORFLOW_RELEASES)
    if not exact and mentions:
        newest = {minor: facts.newest for minor, facts in catalogue.tensorflow.items()}
        yield from _span(mentions, newest, "tensorflow")


def _kerases(declared: Declared, catalogue: Catalogue) -> Iterator[Candidate]:
    """Keras without TensorFlow: on the backend that is there."""
    backends = [name for name in ("jax", "torch", "theano") if declared.of(name)]
    backend = backends[0] if backends else ""
    exact = declared.exact("keras")
    for one in exact:
        lines = [_entry(keras=one.exact, backend=backend)]
        lines.append(_entry(keras=_minor(one.exact or ""), backend=backend))
        yield Candidate(lines=tuple(lines), why=f"from {one.where}")
    mentions = declared.of("keras")
    if not exact and mentions:
        newest = {minor: facts.newest for minor, facts in catalogue.keras.items()}
        yield from _span(mentions, newest, "keras", backend)


def _span(
    mentions: tuple[Mention, ...], newest: Mapping[str, str], key: str, backend: str = ""
) -> Iterator[Candidate]:
    """Yield the oldest and the newest of a range: what works on both ends is what is promised."""
    minors = known_minors(mentions, dict(newest))
    where = ", ".join(dict.fromkeys(one.where for one in mentions))
    ends = dict.fromkeys((minors[0], minors[-1])) if minors else {}
    bounded = any(one.operator in {"<", "<=", "~=", "=="} for m in mentions for one in m.specifier)
    lower = any(one.operator in {">", ">=", "~=", "=="} for m in mentions for one in m.specifier)
    for place, minor in enumerate(ends):
        if (place == 0 and len(ends) == 2 and not lower) or (place == 1 and not bounded):
            continue  # an open end promises nothing in particular
        name = "the oldest" if place == 0 and len(ends) == 2 else "the newest"
        tensorflow, keras = (minor, None) if key == "tensorflow" else (None, minor)
        lines = (_entry(tensorflow=tensorflow, keras=keras, backend=backend),)
        yield Candidate(lines=lines, why=f"{name} that {where} allows")


def _keras_with(declared: Declared, tensorflow: Mention) -> str:
    """Return the Keras of the same file; before TensorFlow 2.16 it is TensorFlow's own."""
    if Version(tensorflow.exact or "0") < Version("2.16"):
        return ""
    file = tensorflow.where.split(":")[0]
    for one in declared.exact("keras"):
        if one.where.split(":")[0] == file:
            return one.exact or ""
    return ""


def _has_legacy(declared: Declared, tensorflow: str) -> bool:
    return bool(declared.of("tf-keras")) and Version(tensorflow) >= Version("2.16")


def _pins(declared: Declared) -> tuple[str, ...]:
    found = []
    for name in PINNED_TOO:
        versions = declared.exact(name)
        if len(versions) == 1:
            found.append(f"{name}=={versions[0].exact}")
    return tuple(found)


def _python(declared: Declared, catalogue: Catalogue, tensorflow: str) -> str:
    """Their Python, if it has wheels and is not the one that kmatrix would choose."""
    facts = catalogue.tensorflow.get(tensorflow)
    if facts is None or _allows(declared.python, facts.python):
        return ""
    fitting = [one for one in PYTHONS if one in facts.pythons and _allows(declared.python, one)]
    return fitting[-1] if fitting else ""


def _allows(pythons: SpecifierSet, minor: str) -> bool:
    """Whether some patch of this Python will do."""
    return any(pythons.contains(f"{minor}{patch}") for patch in ("", ".99"))


def _minor(version: str) -> str:
    found = Version(version)
    return f"{found.major}.{found.minor}"


def _entry(
    *,
    tensorflow: str | None = None,
    keras: str | None = None,
    python: str = "",
    backend: str = "",
    legacy: bool = False,
    pins: tuple[str, ...] = (),
) -> str:
    parts = [f'tensorflow: "{tensorflow}"'] if tensorflow else []
    parts += [f'keras: "{keras}"'] if keras else []
    parts += [f'python: "{python}"'] if python else []
    parts += [f"backend: {backend}"] if backend else []
    parts += ["legacy-keras: true"] if legacy else []
    parts += ["pins: [" + ", ".join(f'"{pin}"' for pin in pins) + "]"] if pins else []
    return "{" + ", ".join(parts) + "}"
