"""Nouns for tests, with everything filled in that a test does not care about."""

from pathlib import Path

import numpy as np

from runner.nouns.evidence import (
    Ending,
    Evidence,
    Failure,
    LayerSummary,
    Observation,
    Stage,
    TrainState,
    Variable,
)
from runner.nouns.spec import (
    Backend,
    Environment,
    Format,
    Installation,
    KerasApi,
    Pairs,
    RecipeInfo,
    Spec,
)


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
