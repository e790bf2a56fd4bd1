"""Which known failures a load shows. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.signature import EnvironmentVersions, WeightsSign
from runner.signatures.applicability import applies_to
from runner.signatures.tracebacks import Raised, innermost, raised_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.model.evidence import Failure
    from runner.model.finding import WeightsComparison
    from runner.model.signature import Expressions, Pattern, Signature, Symptoms

ENDLESS = re.compile(r"[\w+/=.-]{400,}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Said:
    """The texts of one exception, made once for all signatures."""

    type: str | None = None
    message: str | None = None  # the innermost
    printed: str | None = None  # everything


def recognise(symptoms: Symptoms, signatures: Sequence[Signature]) -> tuple[str, ...]:
    """Ids of all signatures that these symptoms show, the most telling first.

    The order is that of ``signatures``: an earlier one explains the later ones. The text
    of an exception is what its innermost cause says; where that is unknown, the exceptions it
    was chained to are asked, the nearest first.
    """
    printed = _printed(symptoms.failure)
    for raised in _candidates(symptoms.failure):
        said = _Said(type=raised.type, message=_readable(raised.innermost), printed=printed)
        found = _matching(symptoms, said, signatures)
        if any(pattern.message for _, pattern in found):
            break
    else:
        found = _matching(symptoms, _Said(printed=printed), signatures)
    return tuple(dict.fromkeys(signature.id for signature, _ in found))


def _candidates(failure: Failure | None) -> Iterator[Raised]:
    """Yield the exception itself, then those it was chained to."""
    if failure is None:
        return
    last = failure_raised(failure)
    yield last
    for raised in reversed(raised_in(failure.traceback)):
        if raised.innermost != last.innermost:
            yield raised


def failure_raised(failure: Failure) -> Raised:
    """Return a failure's own exception, without the chain."""
    return Raised(type=failure.type, message=failure.innermost or innermost(failure.message))


def _matching(
    symptoms: Symptoms, said: _Said, signatures: Sequence[Signature]
) -> list[tuple[Signature, Pattern]]:
    return [
        (signature, pattern)
        for signature in signatures
        for pattern in signature.match
        if _shows(symptoms, said, pattern)
        and applies_to(symptoms, signature.where, strict=not has_text(pattern))
    ]


def has_text(pattern: Pattern) -> bool:
    """Whether a text is part of the look; without one, every fact has to be known."""
    return bool(
        pattern.message
        or pattern.traceback
        or pattern.stack
        or pattern.warning
        or pattern.lost
        or pattern.save_again
        or pattern.head
    )


def _shows(symptoms: Symptoms, said: _Said, pattern: Pattern) -> bool:
    return (
        _shows_texts(symptoms, said, pattern)
        and _shows_configs(symptoms, pattern)
        and _shows_numbers(symptoms, pattern)
        and _shows_circumstances(symptoms, pattern)
    )


def _shows_texts(symptoms: Symptoms, said: _Said, pattern: Pattern) -> bool:
    return (
        _found(pattern.message, said.message)
        and _found(pattern.exception, said.type)
        and _found(pattern.traceback, said.printed)
        and _found(pattern.stack, symptoms.stack)
        and not (pattern.unless and _found(pattern.unless, said.message))
        and _found_in_one(pattern.warning, symptoms.warnings)
        and _found_in_one(pattern.lost, symptoms.lost)
        and _found(pattern.save_again, symptoms.save_again)
        and _found(pattern.head, symptoms.head)
    )


def _shows_configs(symptoms: Symptoms, pattern: Pattern) -> bool:
    return (
        _found(pattern.saved_config, symptoms.saved_config)
        and _found(pattern.loaded_config, symptoms.loaded_config)
        and _found(pattern.first_layer, symptoms.first_layer)
    )


def _shows_numbers(symptoms: Symptoms, pattern: Pattern) -> bool:
    outputs = symptoms.outputs
    if pattern.drift and (outputs is None or outputs.equal):
        return False
    if pattern.below is not None and (outputs is None or not outputs.max_abs < pattern.below):
        return False
    if pattern.random and not symptoms.random:
        return False
    if pattern.drift and not pattern.random and symptoms.random:
        return False  # chance explains the difference
    return not pattern.weights or not weights_signs(symptoms.weights).isdisjoint(pattern.weights)


def weights_signs(weights: WeightsComparison | None) -> frozenset[WeightsSign]:
    """Everything that a comparison of arrays says."""
    if weights is None:
        return frozenset()
    there = weights.equal + weights.flipped
    found = {
        WeightsSign.EQUAL: weights.all_equal,
        WeightsSign.FLIPPED: weights.flipped > 0 and there == weights.saved,
        WeightsSign.PARTLY: 0 < there < weights.saved,
        WeightsSign.NONE: there == 0 < weights.saved,
        WeightsSign.FEWER: weights.loaded < weights.saved,
        WeightsSign.MORE: weights.loaded > weights.saved,
    }
    return frozenset(sign for sign, holds in found.items() if holds)


def _shows_circumstances(symptoms: Symptoms, pattern: Pattern) -> bool:
    if pattern.stage and symptoms.stage not in pattern.stage:
        return False
    if pattern.signal and symptoms.signal not in pattern.signal:
        return False
    if pattern.own_file and not symptoms.own_file:
        return False
    return not pattern.other_python or _other_python(symptoms.saver, symptoms.loader)


def _other_python(saver: EnvironmentVersions | None, loader: EnvironmentVersions | None) -> bool:
    if saver is None or loader is None or not saver.python or not loader.python:
        return False
    return saver.python.split(".")[:2] != loader.python.split(".")[:2]


def _printed(failure: Failure | None) -> str | None:
    return None if failure is None else _readable(f"{failure.traceback}\n{failure.message}")


def _readable(text: str) -> str:
    """Return the text without words that nobody wrote: arrays, bytecode, names of 64 KiB.

    Expressions that look for a word go over each of them from every one of its characters.
    """
    return ENDLESS.sub("…", text)


def _found(patterns: Expressions, text: str | None) -> bool:
    """Whether one of the alternatives is in the text; nothing asked for is always there."""
    if not patterns:
        return True
    return text is not None and any(pattern.search(text) for pattern in patterns)


def _found_in_one(patterns: Expressions, texts: Sequence[str]) -> bool:
    return not patterns or any(_found(patterns, text) for text in texts)
