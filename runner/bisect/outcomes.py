"""What a release answered to the question, and when two answers are the same. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.display_text import cut
from runner.model.finding import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.evaluate.file_findings import FileEvidence
    from runner.model.results import CellResult
    from runner.model.user_file import FileCell

PASSED, FAILED = "passed", "failed"  # of a command
UNMEASURED = frozenset({Verdict.UNAVAILABLE, Verdict.BROKEN, Verdict.MISSING})
MOST_NUMBERS = 6
MOST_OUTPUT = 2000  # characters of a command's output
SKIP_CODE = 125  # as `git bisect run` takes it


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One release's answer."""

    verdict: str  # of the cell or file; of a command ``passed`` or ``failed``
    works: bool
    reason: str  # one line
    cause: str | None = None  # a signature, else the exception's type
    error: str | None = None  # the traceback, or the end of what a command printed
    numbers: tuple[str, ...] = ()  # the first predictions
    died: bool = False  # its process was ended by a signal

    def same_as(self, other: Outcome) -> bool:
        """Whether two releases answer the same: the verdict, and the cause where it fails."""
        if self.verdict != other.verdict:
            return False
        return self.works or self.cause == other.cause


@dataclass(frozen=True, kw_only=True, slots=True)
class NoAnswer:
    """Why a release cannot be asked: it is skipped."""

    reason: str


def of_file(cell: FileCell, evidence: FileEvidence | None) -> Outcome | NoAnswer:
    """Return what a file's first load says."""
    if cell.verdict in UNMEASURED or not cell.attempts:
        return NoAnswer(reason=cell.reason)
    as_is = cell.attempts[0]
    failure = evidence.evidence.failure if evidence is not None else None
    return Outcome(
        verdict=str(as_is.verdict),
        works=as_is.verdict.safe,
        reason=as_is.reason,
        cause=as_is.signatures[0] if as_is.signatures else as_is.error,
        error=failure.traceback.rstrip() if failure is not None else None,
        numbers=_numbers(evidence),
        died=as_is.verdict is Verdict.CRASHED,
    )


def of_cell(cell: CellResult) -> Outcome | NoAnswer:
    """Return what the first load of a cell says."""
    verdict = cell.as_is or cell.verdict
    if verdict in UNMEASURED:
        return NoAnswer(reason=cell.reason)
    outputs = cell.outputs
    numbers: tuple[str, ...] = ()
    if outputs is not None:
        many = f"{outputs.mismatched} of {outputs.elements} predictions differ"
        numbers = (f"{many}, by up to {outputs.max_abs:.3g}",)
    failure = cell.failure
    return Outcome(
        verdict=str(verdict),
        works=verdict.safe,
        reason=cell.reason,
        cause=cell.signatures[0] if cell.signatures else failure.type if failure else None,
        error=failure.traceback.rstrip() if failure is not None else None,
        numbers=numbers,
        died=verdict is Verdict.CRASHED,
    )


def of_command(code: int | None, output: str, seconds: float) -> Outcome | NoAnswer:
    """Return what a command's exit code says: 0 good, 125 skip, anything else bad."""
    if code == SKIP_CODE:
        return NoAnswer(reason=f"the command skips it (exit code {SKIP_CODE})")
    if code is None:
        reason = f"the command did not end within {seconds:g} s"
    elif code < 0 or code > 128:
        reason = f"the command was ended by signal {-code if code < 0 else code - 128}"
    else:
        reason = f"exit code {code}"
    return Outcome(
        verdict=PASSED if code == 0 else FAILED,
        works=code == 0,
        reason=reason,
        error=output[-MOST_OUTPUT:].strip() or None,
        died=code is not None and (code < 0 or code > 128),
    )


def _numbers(evidence: FileEvidence | None) -> tuple[str, ...]:
    """Return the first numbers of every output."""
    if evidence is None:
        return ()
    return tuple(
        f"output {number}, shape {tuple(one.shape)}: {_first(one.ravel().tolist())}"
        for number, one in enumerate(evidence.outputs)
    )


def _first(values: Sequence[object]) -> str:
    shown = [f"{one:.7g}" if isinstance(one, float) else str(one) for one in values[:MOST_NUMBERS]]
    return cut(" ".join(shown), 120) + (" …" if len(values) > MOST_NUMBERS else "")
