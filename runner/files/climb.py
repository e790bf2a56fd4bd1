"""Which route to try next on a file that no recipe made. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.evaluate.route_order import next_route
from runner.model.finding import Verdict
from runner.model.inspection import FileFormat
from runner.model.matrix import Backend
from runner.model.routes import ROUTES, Situation
from runner.model.steps import AS_IS
from runner.nouns.loading import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.files.likely import Candidate
    from runner.files.stage import Staged
    from runner.model.inspection import Inspection

RENAMED = "renamed-file"
NEED_CODE = tuple(route.id for route in ROUTES if route.needs_code)
VERDICTS = {
    Outcome.LOADS: Verdict.IDENTICAL,
    Outcome.UNCHECKED: Verdict.IDENTICAL,
    Outcome.DRIFTED: Verdict.DRIFTED,
    Outcome.CRASHED: Verdict.CRASHED,
    Outcome.HUNG: Verdict.HUNG,
}


def next_way(
    inspection: Inspection,
    staged: Staged,
    candidate: Candidate,
    tried: Mapping[str, Outcome],
    *,
    trusted: bool,
) -> str | None:
    """The route to try after those tried; None where one worked, or none is left.

    ``trusted``: code from the file may run where this runs.
    """
    if not tried:
        return AS_IS
    if any(outcome.good or outcome is Outcome.HUNG for outcome in tried.values()):
        return None  # what takes too long takes too long by every route, and costs its limit again
    if staged.foreign.misnamed and RENAMED not in tried:
        return RENAMED
    verdicts = {
        route: VERDICTS.get(outcome, Verdict.REFUSED)
        for route, outcome in tried.items()
        if route != AS_IS
    }
    closed = [RENAMED, *NEED_CODE, *([] if trusted else ["safe-mode-off"])]
    for route in closed:
        verdicts.setdefault(route, Verdict.REFUSED)
    as_is = VERDICTS.get(tried[AS_IS], Verdict.REFUSED)
    return next_route(situation(inspection, staged, candidate, as_is), verdicts)


def situation(
    inspection: Inspection, staged: Staged, candidate: Candidate, as_is: Verdict
) -> Situation:
    """The file and its loader, in the words of the ladder."""
    layers = inspection.architecture.layers if inspection.architecture else ()
    training = inspection.training
    environment = candidate.environment
    return Situation(
        format=staged.format,
        as_is=as_is,
        custom=bool(inspection.custom),
        runs_code=bool(inspection.code),
        compiled=training is not None and training.optimizer is not None,
        hard_sigmoid=any(remark.id == "hard-sigmoid" for remark in inspection.remarks),
        convolution=any("Conv" in name for name, _ in layers),
        saver_backend=_backend(inspection),
        loader_backend=environment.backend,
        saver_keras3=inspection.saver.generation == 3,
        loader_keras3=candidate.generation == 3,
        loader_tensorflow=candidate.tensorflow is not None,
    )


def _backend(inspection: Inspection) -> Backend:
    name = inspection.saver.backend
    if inspection.format in (FileFormat.JSON, FileFormat.YAML):
        return Backend.TENSORFLOW  # its weights are ours: none is a kernel of Theano's
    return Backend(name) if name in set(Backend) else Backend.TENSORFLOW
