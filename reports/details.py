"""What the page shows of one cell when it is opened: kept apart, and read when first needed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

# The types of fields, at run time too: reports.pack reads them.
from runner.model.finding import Comparison, WeightsComparison  # noqa: TC001
from runner.model.results import (  # noqa: TC001
    ArtifactResult,
    AttemptResult,
    CellResult,
    ExpectationResult,
    FailureResult,
    ScriptResult,
)
from runner.model.steps import RESAVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Scripts = Mapping[str, ScriptResult]  # by id

LOG_LIMIT = 4000  # characters, from the end: a log is the only text that is ever cut
# TensorFlow starts each line with the time, and no two logs would be the same.
_TIMES = re.compile(r"(?m)^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?:? ")


@dataclass(frozen=True, kw_only=True, slots=True)
class FileDetail:
    """A module that a script imports."""

    name: str
    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptDetail:
    """A script that was executed. ``environment``: None where that is the cell's loader."""

    environment: str | None
    code: str
    files: tuple[FileDetail, ...]
    author: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptDetail:
    """An attempt without its key: the page asks only whether it is verified."""

    route: str
    verdict: str
    reason: str
    error: str | None
    max_abs: float | None
    seconds: float
    verified: bool
    scripts: tuple[ScriptDetail, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CellDetail:
    """A cell without what the page knows of every cell."""

    route: str
    as_is: str | None
    signatures: tuple[str, ...]
    attempts: tuple[AttemptDetail, ...]
    remedy: str | None
    scenarios: tuple[AttemptDetail, ...]
    expectation: ExpectationResult | None
    stage: str | None
    failure: FailureResult | None
    signal: int | None
    outputs: Comparison | None
    weights: WeightsComparison | None
    lost: tuple[str, ...]
    warnings: tuple[str, ...]
    seconds: float
    log: str
    bisect: str | None  # the command that finds the release since which it fails


@dataclass(frozen=True, kw_only=True, slots=True)
class ArtifactDetail:
    """What a saver wrote."""

    digest: str | None
    bytes: int | None
    files: tuple[tuple[str, int], ...]
    oracle: Comparison | None
    failure: FailureResult | None
    warnings: tuple[str, ...]
    seconds: float
    log: str


def cell_detail(cell: CellResult, scripts: Scripts, bisect: str | None = None) -> CellDetail:
    """Return what the page shows of a cell."""
    return CellDetail(
        route=cell.route,
        as_is=None if cell.as_is is None else str(cell.as_is),
        signatures=cell.signatures,
        attempts=tuple(_attempt(one, scripts) for one in cell.attempts),
        remedy=cell.remedy,
        scenarios=tuple(_attempt(one, scripts) for one in cell.scenarios),
        expectation=cell.expectation,
        stage=cell.stage,
        failure=cell.failure,
        signal=cell.signal,
        outputs=cell.outputs,
        weights=cell.weights,
        lost=cell.lost,
        warnings=cell.warnings,
        seconds=round(cell.seconds, 2),
        log=_cut(cell.log),
        bisect=bisect,
    )


def artifact_detail(artifact: ArtifactResult) -> ArtifactDetail:
    """Return what the page shows of an artifact."""
    return ArtifactDetail(
        digest=artifact.digest,
        bytes=artifact.bytes,
        files=artifact.files,
        oracle=artifact.oracle,
        failure=artifact.failure,
        warnings=artifact.warnings,
        seconds=round(artifact.seconds, 2),
        log=_cut(artifact.log),
    )


def _attempt(attempt: AttemptResult, scripts: Scripts) -> AttemptDetail:
    return AttemptDetail(
        route=attempt.route,
        verdict=str(attempt.verdict),
        reason=attempt.reason,
        error=attempt.error,
        max_abs=attempt.max_abs,
        seconds=round(attempt.seconds, 2),
        verified=attempt.verified,
        scripts=tuple(_scripts(attempt, scripts)),
    )


def _scripts(attempt: AttemptResult, known: Scripts) -> Iterator[ScriptDetail]:
    elsewhere = attempt.route.removeprefix(RESAVE).rsplit(":", 1)[0]
    for number, name in enumerate(attempt.scripts):
        script = known.get(name)
        if script is not None:
            last = number == len(attempt.scripts) - 1
            yield ScriptDetail(
                environment=None if last else elsewhere,
                code=script.code,
                files=tuple(
                    FileDetail(name=file, code=known[id_].code)
                    for file, id_ in script.files
                    if id_ in known
                ),
                author=script.needs_author,
            )


def _cut(log: str) -> str:
    log = _TIMES.sub("", log)
    return log if len(log) <= LOG_LIMIT else "…" + log[1 - LOG_LIMIT :]
