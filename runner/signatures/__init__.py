"""Known failures as data, and how one is recognised."""

from runner.signatures.environment_versions import versions_of
from runner.signatures.fingerprint import fingerprint, normalise
from runner.signatures.match import recognise
from runner.signatures.read import load_reported, load_signatures, read_signatures
from runner.signatures.signature_results import signature_result

__all__ = [
    "fingerprint",
    "load_reported",
    "load_signatures",
    "normalise",
    "read_signatures",
    "recognise",
    "signature_result",
    "versions_of",
]
