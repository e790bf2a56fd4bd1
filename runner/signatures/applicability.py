"""Whether a failure can occur here: formats, and versions of saver and loader. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.keras_identity import parse_version

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

    from runner.model.signature import EnvironmentVersions, Side, Symptoms, Where


def applies_to(symptoms: Symptoms, where: Where, *, strict: bool) -> bool:
    """Whether nothing that is known speaks against it.

    ``strict``: what is not known speaks against it, too. A text is a proof of its own, numbers
    are none without the versions that explain them.
    """
    known = symptoms.format is not None
    if where.formats and (known or strict) and symptoms.format not in where.formats:
        return False
    return _applies_to_side(symptoms.saver, where.saver, strict=strict) and _applies_to_side(
        symptoms.loader, where.loader, strict=strict
    )


def _applies_to_side(setting: EnvironmentVersions | None, side: Side, *, strict: bool) -> bool:
    if setting is None:
        return not strict or side == type(side)()
    return (
        _in_range(setting.keras, side.keras, strict=strict)
        and _in_range(setting.tensorflow, side.tensorflow, strict=strict)
        and _in_range(setting.python, side.python, strict=strict)
        and _one_of(setting.backend, side.backend, strict=strict)
        and _one_of(setting.api, side.api, strict=strict)
    )


def _in_range(text: str | None, allowed: SpecifierSet | None, *, strict: bool) -> bool:
    if allowed is None:
        return True
    version = parse_version(text)
    if version is None:
        return not strict
    return allowed.contains(version, prereleases=True)


def _one_of(text: str | None, allowed: tuple[str, ...], *, strict: bool) -> bool:
    if not allowed:
        return True
    return text in allowed if text is not None else not strict
