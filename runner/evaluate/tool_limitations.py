"""Failures that are our own doing, and so never red for a pair. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.model.evidence import Failure

# Pattern over the whole message, and what to say instead.
LIMITS = (
    (
        re.compile(r"AbstractConv\w+ Theano optimization failed: there is no implementation"),
        (
            "Theano runs without its C++ compiler here (THEANO_FLAGS=cxx=), and has this "
            "convolution only with one"
        ),
    ),
)


def own_limit(failure: Failure | None) -> str | None:
    """Why a failure says nothing about Keras, or None where it does."""
    if failure is None:
        return None
    for pattern, reason in LIMITS:
        if pattern.search(failure.message):
            return reason
    return None
