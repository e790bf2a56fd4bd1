"""A log to symptoms and a diagnosis. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.evidence import Failure, stack_in
from runner.model.signature import Setting, Symptoms
from runner.signatures.fingerprint import fingerprint
from runner.signatures.match import recognise
from runner.signatures.nearest import nearest_to
from runner.signatures.texts import Raised, plain, raised_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.signature import Signature

VERSION = r"v?(\d+\.\d+(?:\.\d+)?(?:[a-z]+\d+)?(?:-tf)?)"
# How logs name versions: ``TensorFlow version: 2.10.0``, ``keras==3.3.3``, ``tf 2.15.1``.
TENSORFLOW = re.compile(rf"(?i)\b(?:tensorflow(?:-cpu|-gpu)?|tf)(?:\.__version__|[ _-]version)?"
                        rf"\s*(?:==|[:=]|is)?\s*['\"]?{VERSION}")  # fmt: skip
KERAS = re.compile(rf"(?i)(?<![\w.])keras(?:\.__version__|[ _-]version)?"
                   rf"\s*(?:==|[:=]|is)?\s*['\"]?{VERSION}")  # fmt: skip
PYTHON = re.compile(r"(?i)[/\\](?:lib[/\\]python|python)(3\.\d+|3\d{1,2})[/\\]|\bPython (3\.\d+)")
MODEL_FILE = re.compile(
    r"['\"]([^'\"\n]{1,300}\.(?:keras|h5|hdf5))['\"]|filepath=(\S+\.(?:keras|h5))"
)
WARNING = re.compile(r"\bWARNING\b|Warning: |^W\d{4} ")


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """What a log says. ``nearest``: known failures like it, where it is none of them."""

    raised: Raised | None
    setting: Setting  # versions that the log names
    signatures: tuple[Signature, ...]
    fingerprint: str
    nearest: tuple[tuple[Signature, float], ...] = ()

    @property
    def known(self) -> bool:
        """Whether it is a known failure."""
        return bool(self.signatures)


def diagnose(
    text: str,
    signatures: Sequence[Signature],
    *,
    head: str | None = None,
    signal: int | None = None,
) -> Diagnosis:
    """Recognise what a log shows.

    head: the first bytes of the file that was loaded, where it could be read. signal: what
    ended the process.
    """
    symptoms = symptoms_of(text, head=head, signal=signal)
    found = recognise(symptoms, signatures)
    by_id = {signature.id: signature for signature in signatures}
    raised = raised_in(text)
    last = raised[-1] if raised else None
    said = f"{last.type}: {last.innermost}" if last is not None else text
    return Diagnosis(
        raised=last,
        setting=symptoms.loader or Setting(),
        signatures=tuple(by_id[each] for each in found),
        fingerprint=fingerprint(said),
        nearest=() if found else nearest_to(said, signatures),
    )


def symptoms_of(text: str, *, head: str | None = None, signal: int | None = None) -> Symptoms:
    """What a log shows, as a load of a matrix would."""
    text = plain(text)
    raised = raised_in(text)
    if raised:
        last = raised[-1]
        failure = Failure(
            type=last.type, message=last.message, traceback=text, innermost=last.innermost
        )
    else:
        failure = Failure(type="", message=text.strip(), traceback=text, innermost=text.strip())
    return Symptoms(
        failure=failure,
        warnings=tuple(line.strip() for line in text.splitlines() if WARNING.search(line)),
        loader=setting_in(text),
        head=head,
        signal=signal,
        stack=stack_in(text),
    )


def setting_in(text: str) -> Setting:
    """The versions that a log names: of two different ones, neither."""
    return Setting(
        tensorflow=_only(TENSORFLOW, text), keras=_only(KERAS, text), python=_python(text)
    )


def _only(pattern: re.Pattern[str], text: str) -> str | None:
    found = set(pattern.findall(text))
    return found.pop() if len(found) == 1 else None


def _python(text: str) -> str | None:
    found = {one or other for one, other in PYTHON.findall(text)}
    versions = {each if "." in each else f"3.{each[1:]}" for each in found}
    return versions.pop() if len(versions) == 1 else None


def files_in(text: str) -> tuple[str, ...]:
    """Model files that a log names, in order."""
    return tuple(dict.fromkeys(one or other for one, other in MODEL_FILE.findall(text)))
