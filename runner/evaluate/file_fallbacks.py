"""Which route to try next on a user's file. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.evaluate.route_order import next_route
from runner.model.finding import Verdict
from runner.model.inspection import FileFormat
from runner.model.matrix import Backend
from runner.model.routes import ROUTES, Situation
from runner.model.steps import AS_IS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.model.inspection import Inspection
    from runner.model.user_file import FileCopy
    from runner.plan.candidates import Candidate

RENAMED = "renamed-file"
# Routes that need the model's own code, which a user's file does not bring.
NEED_CODE = tuple(route.id for route in ROUTES if route.needs_code)


def next_way(
    inspection: Inspection, file: FileCopy, candidate: Candidate, tried: Mapping[str, Verdict]
) -> str | None:
    """Return the route to try after those tried; None where one worked, or none is left.

    tried: route to the verdict of its attempt, in order. A loader that hung is not asked again:
    what takes too long takes too long by every route, and costs its time limit each time.
    """
    if not tried:
        return AS_IS
    if any(verdict.safe or verdict is Verdict.HUNG for verdict in tried.values()):
        return None
    if file.external.misnamed and RENAMED not in tried:
        return RENAMED
    others = {route: verdict for route, verdict in tried.items() if route != AS_IS}
    for route in (RENAMED, *NEED_CODE):
        others.setdefault(route, Verdict.REFUSED)
    as_is = tried[AS_IS]
    if as_is is Verdict.UNSUPPORTED:
        as_is = Verdict.REFUSED
    return next_route(situation(inspection, file, candidate, as_is), others)


def situation(
    inspection: Inspection, file: FileCopy, candidate: Candidate, as_is: Verdict
) -> Situation:
    """Return the file and its loader, as the order of routes needs them."""
    layers = inspection.architecture.layers if inspection.architecture else ()
    training = inspection.training
    environment = candidate.environment
    return Situation(
        format=file.format,
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
