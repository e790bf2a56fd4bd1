"""Which known failures a text is nearest to, where it is none of them. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from runner.signatures.fingerprint import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.signature import Signature

WORD = re.compile(r"[A-Za-z_]{3,}")
LOWEST = 0.6  # of 1: with less in common, the likeness was chance in most public reports


def nearest_to(
    text: str, signatures: Sequence[Signature], most: int = 3
) -> tuple[tuple[Signature, float], ...]:
    """Signatures whose example shares the most telling words, with how much they share (0..1)."""
    asked = _words(text)
    known = [(signature, _words(signature.example)) for signature in signatures]
    spread = Counter(word for _, words in known for word in words)
    weight = {word: 1.0 / (1.0 + math.log(count)) for word, count in spread.items()}
    scored = [(signature, _shared(asked, words, weight)) for signature, words in known]
    scored.sort(key=lambda pair: -pair[1])
    return tuple((signature, score) for signature, score in scored[:most] if score >= LOWEST)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in WORD.findall(normalise(text)))


def _shared(one: frozenset[str], other: frozenset[str], weight: dict[str, float]) -> float:
    def size(words: frozenset[str]) -> float:
        return sum(weight.get(word, 1.0) for word in words)

    whole = size(one | other)
    return size(one & other) / whole if whole else 0.0
