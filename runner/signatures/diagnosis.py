"""A log to symptoms and a diagnosis. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runner.model.evidence import Failure, stack_in
from runner.model.signature import EnvironmentVersions, Symptoms
from runner.modelfile.addons import owners_in
from runner.signatures.eras import EVERYTHING, Compatible, compatible_with
from runner.signatures.fingerprint import fingerprint
from runner.signatures.frames import frames_in, owner_in, python_in, stage_in
from runner.signatures.logs import incidents, read_log
from runner.signatures.match import recognise
from runner.signatures.nearest import nearest_to
from runner.signatures.tracebacks import Raised, raised_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.model.signature import Signature
    from runner.modelfile.addons import AddOn
    from runner.signatures.frames import LoadStage

VERSION = r"v?(\d+\.\d+(?:\.\d+)?(?:[a-z]+\d+)?(?:-tf)?)"
# How logs name versions: ``TensorFlow version: 2.10.0``, ``keras==3.3.3``, ``tf 2.15.1``.
TENSORFLOW = re.compile(rf"(?i)\b(?:tensorflow(?:-cpu|-gpu)?|tf)(?:\.__version__|[ _-]version)?"
                        rf"\s*(?:==|[:=]|is)?\s*['\"]?{VERSION}")  # fmt: skip
KERAS = re.compile(rf"(?i)(?<![\w.])keras(?:\.__version__|[ _-]version)?"
                   rf"\s*(?:==|[:=]|is)?\s*['\"]?{VERSION}")  # fmt: skip
PYTHON = re.compile(r"(?i)[/\\](?:lib[/\\]python|python)(3\.\d+|3\d{1,2})[/\\]|\bPython (3\.\d+)")
MODEL_FILE = re.compile(
    r"['\"]([^'\"\n]{1,300}\.(?:keras|h5|hdf5|json))['\"]|filepath=(\S+\.(?:keras|h5))"
)
WARNING = re.compile(r"\bWARNING\b|Warning: |^W\d{4} ")


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a traceback stems from, as its frames say."""

    stage: LoadStage | None = None
    owner: str | None = None  # the package whose code raised it, or "your own code"
    compatible: Compatible = EVERYTHING
    python: str | None = None  # the interpreter's path


NOWHERE = Origin()


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """What one traceback of a log says. ``nearest``: known failures like an unknown one."""

    raised: Raised | None
    setting: EnvironmentVersions  # versions that the log names
    signatures: tuple[Signature, ...]
    fingerprint: str
    nearest: tuple[tuple[Signature, float], ...] = ()
    origin: Origin = NOWHERE
    files: tuple[str, ...] = ()
    addons: tuple[tuple[str, tuple[AddOn, ...]], ...] = ()
    ruled_out: tuple[Signature, ...] = ()  # same text, and impossible in these versions
    others: tuple[Diagnosis, ...] = ()  # of the log's other tracebacks

    @property
    def known(self) -> bool:
        """Whether it is a known failure; a general signature alone names no cause."""
        return any(not signature.general for signature in self.signatures)


def diagnose(
    text: str,
    signatures: Sequence[Signature],
    *,
    reported: Sequence[Signature] = (),
    head: str | None = None,
    signal: int | None = None,
) -> Diagnosis:
    """Recognise what a log shows.

    Of several unrelated tracebacks the last known one counts, and the last if none is known.

    reported: signatures that need text alone; they are asked after ``signatures``. head: the first
    bytes of the file that was loaded, if it could be read. signal: what ended the process.
    """
    whole = read_log(text)
    context = _Context(
        signatures=signatures,
        reported=reported,
        setting=versions_in(whole),
        head=head,
        signal=signal,
    )
    found = [_diagnose_one(each, context) for each in incidents(whole)]
    chosen = next((each for each in reversed(found) if each.known), found[-1])
    others = {each.fingerprint: each for each in found if each.fingerprint != chosen.fingerprint}
    return replace(chosen, others=tuple(others.values()))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Context:
    """What is the same for all tracebacks of a log."""

    signatures: Sequence[Signature]
    reported: Sequence[Signature]
    setting: EnvironmentVersions
    head: str | None
    signal: int | None


def _diagnose_one(text: str, context: _Context) -> Diagnosis:
    symptoms = replace(
        symptoms_of(text, head=context.head, signal=context.signal), loader=context.setting
    )
    frames = frames_in(text)
    compatible = compatible_with(frames)
    chosen, ruled_out = _recognised(symptoms, compatible, context)
    raised = raised_in(text)
    last = raised[-1] if raised else None
    said = f"{last.type}: {last.innermost}" if last is not None else text
    return Diagnosis(
        raised=last,
        setting=context.setting,
        signatures=chosen,
        fingerprint=fingerprint(said),
        nearest=() if chosen else nearest_to(said, context.signatures),
        origin=Origin(
            stage=stage_in(frames),
            owner=owner_in(frames),
            compatible=compatible,
            python=python_in(text),
        ),
        files=files_in(text),
        addons=owners_in(said),
        ruled_out=ruled_out,
    )


def _recognised(
    symptoms: Symptoms, compatible: Compatible, context: _Context
) -> tuple[tuple[Signature, ...], tuple[Signature, ...]]:
    """Return the signatures that explain it, and those whose text fits but not their versions."""
    printed = symptoms.failure.traceback if symptoms.failure is not None else ""
    asked = [*context.signatures, *context.reported]
    ids = set(recognise(symptoms, context.signatures)) | set(recognise(symptoms, context.reported))
    matching = [
        each
        for each in asked
        if each.id in ids
        and (not each.in_a_log or any(pattern.search(printed) for pattern in each.in_a_log))
    ]
    replaced = {name for each in matching for name in each.instead_of}
    matching = [each for each in matching if each.id not in replaced]
    possible = [each for each in matching if compatible.allows(each.where)]
    known = tuple(each for each in possible if each in context.signatures)
    reported = tuple(each for each in possible if each not in context.signatures)
    chosen = known or reported[:1]
    return chosen, tuple(each for each in matching if each not in possible)


def symptoms_of(text: str, *, head: str | None = None, signal: int | None = None) -> Symptoms:
    """Return what a log in normal form shows, as a load of a matrix would."""
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
        loader=versions_in(text),
        head=head,
        signal=signal,
        stack=stack_in(text),
    )


def versions_in(text: str) -> EnvironmentVersions:
    """Return the versions that a log names: of two different ones, neither."""
    return EnvironmentVersions(
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
