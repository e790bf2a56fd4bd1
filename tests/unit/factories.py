"""Nouns for tests, with everything filled in that a test does not care about."""

from pathlib import Path

import numpy as np

from runner.model.evidence import (
    Ending,
    Evidence,
    Failure,
    LayerSummary,
    Observation,
    Stage,
    TrainState,
    Variable,
)
from runner.model.finding import Verdict
from runner.model.matrix import (
    Backend,
    Environment,
    Format,
    Installation,
    KerasApi,
    Pairs,
    RecipeInfo,
    Spec,
)
from tests.unit.reports import factories as made

RUN = {
    "id": "20260101T000000-abcdef",
    "started": "2026-01-01T00:00:00Z",
    "finished": "2026-01-01T00:01:00Z",
    "seconds": 60.0,
}


def environment(name, **changes):
    installation = Installation(name=name, python="3.9", requirements=("tensorflow==2.10.0",))
    values = {
        "id": name,
        "installation": installation,
        "api": KerasApi.TF_KERAS,
        "backend": Backend.TENSORFLOW,
    }
    return Environment(**{**values, **changes})


def recipe(name, **changes):
    values = {"name": name, "title": name, "path": Path("dense.py"), "module": "dense"}
    return RecipeInfo(**{"digest": f"digest of {name}", **values, **changes})


def spec(environments=("a", "b"), recipes=("mlp_sequential",), formats=(Format.H5,), pairs=None):
    return Spec(
        file=Path("matrix.yaml"),
        profile="default",
        environments=tuple(
            environment(item) if isinstance(item, str) else item for item in environments
        ),
        recipes=tuple(recipe(item) if isinstance(item, str) else item for item in recipes),
        formats=tuple(formats),
        pairs=pairs or Pairs(),
    )


def variable(digest="w", shape=(2, 3), dtype="float32", flipped=None):
    return Variable(name="w", shape=shape, dtype=dtype, sha256=digest, flipped=flipped)


def observation(outputs=(1.0, 2.0), **changes):
    values = {
        "outputs": (np.array(outputs, dtype="float32"),),
        "variables": (variable(),),
        "layers": (LayerSummary(name="dense", layer_class="Dense", trainable=True, weights=2),),
        "train_state": TrainState(compiled=False),
    }
    return Observation(**{**values, **changes})


def failure(message="no", kind="ValueError"):
    return Failure(type=kind, message=message, traceback=f"{kind}: {message}", innermost=message)


def evidence(kind="load", **changes):
    values = {
        "kind": kind,
        "ending": Ending.DONE,
        "stage": Stage.DONE,
        "seconds": 0.1,
        "observation": observation(),
    }
    return Evidence(**{**values, **changes})


def refused(message="Unknown layer: 'Scale'", stage=Stage.READ, **changes):
    return evidence(observation=None, failure=failure(message), stage=stage, **changes)


def results(cells, *, environments=None, recipes=None, formats=None, packages=None, **run):
    """Results of ``{"saver/recipe/format/loader": verdict or CellResult changes}``."""
    parts = [cell.split("/") for cell in cells]
    ids = environments or tuple(
        dict.fromkeys(name for part in parts for name in (part[0], part[3]))
    )
    artifacts = dict.fromkeys("/".join(part[:3]) for part in parts)
    return made.results(
        run=made.run(**{**RUN, **run}),
        environments=tuple(
            environment_result(name, packages=(packages or {}).get(name, ())) for name in ids
        ),
        recipes=tuple(map(made.recipe, recipes or dict.fromkeys(part[1] for part in parts))),
        formats=tuple(formats or dict.fromkeys(part[2] for part in parts)),
        artifacts=tuple(
            made.artifact(name, key=f"key of {name}", digest=f"sha256:{name}") for name in artifacts
        ),
        cells=tuple(cell_result(name, found) for name, found in cells.items()),
    )


def environment_result(name, **changes):
    values = {"builder": "nox", "python": "3.9", "api": "tf.keras"}
    return made.environment(name, **{**values, "lock": f"sha256:lock of {name}", **changes})


def cell_result(name, found):
    changes = {"verdict": found} if isinstance(found, str) else dict(found)
    verdict = Verdict(changes.pop("verdict"))
    return made.cell(name, verdict, **{"reason": f"it is {verdict}", **changes})
