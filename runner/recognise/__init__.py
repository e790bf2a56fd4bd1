"""Known failures as data, and how one is recognised."""

from runner.recognise.fingerprint import fingerprint, normalise
from runner.recognise.match import recognise
from runner.recognise.read import load_signatures, read_signatures
from runner.recognise.results import signature_result
from runner.recognise.setting import setting_of

__all__ = [
    "fingerprint",
    "load_signatures",
    "normalise",
    "read_signatures",
    "recognise",
    "setting_of",
    "signature_result",
]
