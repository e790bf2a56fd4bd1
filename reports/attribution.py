"""Red against everybody is one fact about an environment, and is said once."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.model.finding import VerdictKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reports.causes import Causes
    from runner.model.results import CellResult, Results

SAVER, LOADER = "saver", "loader"
_FEWEST_OTHERS = 2  # with one other environment nobody can tell whose fault it is
_FEWEST_CELLS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribution:
    """Every cell of this environment in this role (and format) with any other is red."""

    environment: str
    role: str  # saver or loader
    format: str | None  # None: in every format it was asked about
    cells: int
    others: int  # environments on the other side
    cause: int | None  # of most of the cells; an index into ``Causes.causes``

    @property
    def sentence(self) -> str:
        """For people."""
        what = f"{self.format} artifact" if self.format else "artifact"
        if self.role == LOADER:
            return (
                f"{self.environment} fails on every {what} of {self.others} other savers "
                f"({self.cells:,} cells)"
            )
        return (
            f"no other loader of {self.others} reads a {what} of {self.environment} "
            f"({self.cells:,} cells)"
        )


def find_attributions(results: Results, causes: Causes) -> tuple[Attribution, ...]:
    """Whole environments first; then by format, where the whole environment is not red."""
    found = []
    for role in (LOADER, SAVER):
        by_environment = _sorted_out(results, causes, role)
        for environment in results.environments:
            answers = by_environment.get(environment.id, ())
            whole = _attribute(environment.id, role, None, answers)
            if whole is not None:
                found.append(whole)
                continue
            formats = dict.fromkeys(answer[2] for answer in answers)
            parts = [
                _attribute(environment.id, role, one, [a for a in answers if a[2] == one])
                for one in formats
            ]
            found += [part for part in parts if part is not None]
    return tuple(found)


Answer = tuple["CellResult", str, str, "int | None"]  # cell, other side, format, cause


def _sorted_out(results: Results, causes: Causes, role: str) -> dict[str, list[Answer]]:
    """Answers about pairs by the environment in this role; the diagonal is no pair."""
    found: dict[str, list[Answer]] = defaultdict(list)
    artifacts = {artifact.id: artifact for artifact in results.artifacts}
    for cell, cause in zip(results.cells, causes.of_cell, strict=True):
        artifact = artifacts.get(cell.artifact)
        if (
            artifact is None
            or artifact.saver == cell.loader
            or cell.verdict.kind is VerdictKind.ASIDE
        ):
            continue
        mine, other = cell.loader, artifact.saver
        if role == SAVER:
            mine, other = other, mine
        found[mine].append((cell, other, artifact.format, cause))
    return found


def _attribute(
    environment: str, role: str, one: str | None, answers: Iterable[Answer]
) -> Attribution | None:
    answers = list(answers)
    others = {answer[1] for answer in answers}
    if len(answers) < _FEWEST_CELLS or len(others) < _FEWEST_OTHERS:
        return None
    if not all(answer[0].verdict.failing for answer in answers):
        return None
    common, times = Counter(answer[3] for answer in answers).most_common(1)[0]
    return Attribution(
        environment=environment,
        role=role,
        format=one,
        cells=len(answers),
        others=len(others),
        cause=common if times * 2 > len(answers) else None,
    )
