"""Signatures and symptoms for tests, with what a test does not care about filled in."""

import re

from runner.model.evidence import Failure
from runner.model.finding import Comparison, WeightsComparison
from runner.model.signature import Pattern, Side, Signature, Symptoms, Where

NOWHERE = Where(saver=Side(), loader=Side())


def pattern(**parts):
    patterns = {
        name: (re.compile(value),) if isinstance(value, str) else value
        for name, value in parts.items()
    }
    return Pattern(**patterns)


def signature(name, *seen, where=NOWHERE, **changes):
    values = {
        "id": name,
        "code": "F01",
        "title": name,
        "example": name,
        "match": seen,
        "where": where,
        "cause": "why",
        "remedies": (),
        "links": (),
    }
    return Signature(**{**values, **changes})


def failing(message, kind="ValueError", traceback="", innermost=""):
    return Failure(type=kind, message=message, traceback=traceback, innermost=innermost)


def failed(message, kind="ValueError", traceback="", **facts):
    return Symptoms(failure=failing(message, kind, traceback), **facts)


def outputs(max_abs=1.0):
    return Comparison(
        equal=max_abs == 0.0, rtol=1e-4, atol=1e-5, elements=4, mismatched=2, max_abs=max_abs
    )


def weights(saved=4, loaded=4, equal=4, flipped=0):
    return WeightsComparison(saved=saved, loaded=loaded, equal=equal, flipped=flipped)
