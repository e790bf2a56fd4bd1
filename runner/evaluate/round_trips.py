"""What a saver's own load of an artifact says of the cell, and of the rest of the row. Pure.

An environment that cannot load its own file is a finding: the model was lost when it was saved. It
is ``broken`` only where it loads nothing of its own in that format, the control model included.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runner.model.finding import Finding, FindingCode, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

REMEDIABLE = frozenset({Verdict.REFUSED, Verdict.CRASHED, Verdict.HUNG, Verdict.UNSUPPORTED})
LOST = "lost when it was saved: "
REFUSED = "refused by the environment that saved it: "


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnLoad:
    """The load of an artifact by its own saver. ``remedied``: another route is verified there."""

    finding: Finding
    remedied: bool = False

    @property
    def lost(self) -> bool:
        """Whether the saver does not get its own model back, as is or by a route."""
        verdict = self.finding.verdict
        return verdict.failing and not (self.remedied and verdict in REMEDIABLE)


def of_own_load(finding: Finding, *, works: bool) -> Finding:
    """The finding of a saver's own load. ``works``: see ``environment_works``."""
    if not finding.verdict.failing:
        return finding
    if not works:
        return replace(
            finding,
            verdict=Verdict.BROKEN,
            reason=f"loads none of its own files in this format: {finding.reason}",
        )
    start = LOST if finding.verdict is Verdict.DRIFTED else REFUSED
    return replace(finding, reason=start + finding.reason)


def of_other_load(finding: Finding, own: OwnLoad | None) -> Finding:
    """The finding of another loader: not its failure where the saver fails on the file as well."""
    if own is None or not own.lost or not finding.verdict.failing:
        return finding
    return replace(
        finding,
        verdict=Verdict.UNSUPPORTED,
        code=FindingCode.FILE_LACKS_IT,
        reason=f"the file lacks it, its own saver fails as well: {own.finding.reason}; "
        f"here: {finding.reason}",
    )


def environment_works(control: Verdict | None, others: Iterable[Verdict]) -> bool:
    """Whether an environment loads its own files in a format, by what it made of them.

    control: of the control model; None where that was not asked, which proves nothing.
    """
    if control is None or not control.failing:
        return True
    return any(verdict.safe for verdict in others)
