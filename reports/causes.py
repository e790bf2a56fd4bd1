"""Root causes: cells that fail for one reason are one fact, not four hundred."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from reports.looks import LOOK
from runner.display_text import cut
from runner.model.finding import Verdict

if TYPE_CHECKING:
    from runner.model.results import CellResult, Results

# What differs between two cells that fail alike: names, numbers, addresses and paths.
_VARIES = (
    (re.compile(r"0x[0-9a-fA-F]+"), "0x…"),
    (re.compile(r"(?<![\w.])(?:[A-Za-z]:)?(?:[/\\][\w.+~-]+){2,}"), "<path>"),
    (re.compile(r"\{[^{}]{60,}\}"), "{…}"),  # a config; a short one names the key that matters
    (re.compile(r"'[^']{40,400}'|\"[^\"]{40,400}\""), "'…'"),
    (re.compile(r"\b[0-9a-f]{12,}\b"), "<digest>"),
    (re.compile(r"(?<![A-Za-z])[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?"), "N"),
    (re.compile(r"N(?:, ?N)+"), "N"),
    (re.compile(r"\s+"), " "),
)
_LONGEST = 160


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """One signature, or one error text without its names and numbers."""

    id: str  # the signature's, or ``e-`` and a digest of the text: the same in every run
    title: str
    known: bool  # a signature
    silent: bool
    cells: int
    red: int  # of them, red for the pair, drift included
    helped: int  # of them, with a way of loading that was verified


@dataclass(frozen=True, kw_only=True, slots=True)
class Causes:
    """``of_cell`` runs beside ``Results.cells``; None where there is nothing to explain."""

    causes: tuple[Cause, ...]  # the one with the most red cells first
    of_cell: tuple[int | None, ...]

    @property
    def sentence(self) -> str:
        """``5 signatures explain 412 of 430 failing cells``; empty where no cell fails.

        A cell fails here if it does not load as it is, or loads and predicts something else;
        whether something helps is another question.
        """
        cells = sum(cause.cells for cause in self.causes)
        known = [cause for cause in self.causes if cause.known]
        if not cells:
            return ""
        if not known:
            kinds = len(self.causes)
            return (
                f"{cells:,} failing cells, {kinds:,} {'kind' if kinds == 1 else 'kinds'} of error"
            )
        noun = "signature explains" if len(known) == 1 else "signatures explain"
        explained = sum(cause.cells for cause in known)
        return f"{len(known):,} {noun} {explained:,} of {cells:,} failing cells"


def find_causes(results: Results) -> Causes:
    """Group what is not plainly well."""
    titles = {signature.id: signature.title for signature in results.signatures}
    silent = {signature.id for signature in results.signatures if signature.silent}
    keys = [cause_key(cell) for cell in results.cells]
    total = Counter(key for key in keys if key is not None)
    red = Counter(
        key
        for key, cell in zip(keys, results.cells, strict=True)
        if key is not None and cell.verdict.failing
    )
    helped = Counter(
        key for key, cell in zip(keys, results.cells, strict=True) if cell.remedy is not None
    )
    ordered = sorted(total, key=lambda key: (-red[key], -total[key], key))
    place = {key: number for number, key in enumerate(ordered)}
    causes = tuple(
        Cause(
            id=identifier,
            title=titles.get(identifier, text or identifier),
            known=not text,
            silent=identifier in silent,
            cells=total[identifier, text],
            red=red[identifier, text],
            helped=helped[identifier, text],
        )
        for identifier, text in ordered
    )
    return Causes(causes=causes, of_cell=tuple(None if key is None else place[key] for key in keys))


def cause_key(cell: CellResult) -> tuple[str, str] | None:
    """Return the cause's id, and its text where it is not a signature."""
    if not cell.verdict.failing and cell.verdict not in {Verdict.REMEDIED, Verdict.BROKEN}:
        return None
    if cell.signatures:
        return cell.signatures[0], ""
    text = normalised(_error(cell))
    return f"e-{sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}", text


def normalised(text: str) -> str:
    """Return an error text without what differs from one cell to the next."""
    for pattern, replacement in _VARIES:
        text = pattern.sub(replacement, text)
    text = text.strip()
    return cut(text, _LONGEST)


def _error(cell: CellResult) -> str:
    if cell.failure is not None:
        text = cell.failure.innermost or cell.failure.message
        return f"{cell.failure.type.rsplit('.', 1)[-1]}: {text[:4000]}"
    return cell.reason or LOOK[cell.verdict].meaning
