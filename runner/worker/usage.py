"""What a model is like to use, apart from what it predicts: nesting, training, metrics, saving.

Everything here is measured after the predictions, and nothing of it may end a task: what a Keras
does not answer is left out.
"""

import os
import shutil
from typing import TYPE_CHECKING, Any, Callable, Optional

import numpy as np

from . import capture, codec, formats, observe, script_run
from .aliases import Arrays, Json
from .load_context import Load

# How often a layer was called before, the bytecode of a Lambda, and where classes are found.
PASSING = (
    *("inbound_nodes", "input_layers", "output_layers", "function"),
    *("module", "registered_name", "build_config", "compile_config"),
)

if TYPE_CHECKING:
    from .api import Keras
    from .recipes.base import Recipe


def structure(value: Any) -> str:
    """How a value is nested: ``*``, ``[*, *]``, ``{age: *}``."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {structure(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(structure(item) for item in value) + "]"
    return "*"


def nested(model: Any, predicted: Any, called: Any) -> Json:
    """The nesting of ``model.input``, ``model.output``, and of what the model answers."""
    found = {"predict()": structure(predicted)}
    if called is not None:
        found["model(x)"] = structure(called)
    for name in ("input", "output"):
        try:
            found[f"model.{name}"] = structure(getattr(model, name))
        except Exception:
            continue  # a Sequential of Keras 3 has none, and a shared model several
    return found


def trainable(model: Any) -> Optional[int]:
    """How many arrays training would change."""
    try:
        return len(model.trainable_weights)
    except Exception:
        return None


def further(k: "Keras", recipe: "Recipe", model: Any, inputs: Any) -> Json:
    """What costs time: the model while it trains, and its metrics by name."""
    found: Json = {"training": _or_none(lambda: _training(k, model, inputs))}
    if recipe.trains:
        found["metrics"] = _or_none(lambda: _metrics(k, recipe, model, inputs))
    return found


def _or_none(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Exception:
        return None


def _training(k: "Keras", model: Any, inputs: Any) -> Optional[Json]:
    """``model(x, training=True)``: its outputs, or that they are other ones each time."""
    if not k.eager():
        return None
    weights = model.get_weights()
    outputs = []
    for _ in range(2):
        outputs.append(observe.called(k, model, inputs, training=True))
        model.set_weights(weights)  # batch normalisation has moved its statistics
    one, other = (observe.as_list(value) for value in outputs)
    if not _alike(one, other):
        return {"random": True, "outputs": []}
    return {"random": False, "outputs": [codec.encode(value) for value in one]}


def _alike(one: Arrays, other: Arrays) -> bool:
    return all(np.array_equal(left, right) for left, right in zip(one, other))


def _metrics(k: "Keras", recipe: "Recipe", model: Any, inputs: Any) -> Json:
    """Loss and metrics by their names, on targets that depend on the predictions alone."""
    targets = recipe.targets(observe.predict(k, model, inputs))
    given = observe.feed(observe.readable(k, inputs))
    forget = getattr(model, "reset_metrics", None)
    if forget is not None:
        forget()  # the saver has counted its training step
    found = model.test_on_batch(given, observe.feed(targets), return_dict=True)
    return {str(name): float(found[name]) for name in sorted(found)}


# Saving again


def save_again(
    k: "Keras", model: Any, load: Load, file_format: str, report: Json, *, twice: bool
) -> None:
    """Save what was loaded; ``twice``: load that as well, and compare it with what was saved.

    A model that loads and cannot be saved is half a model; that is a loss, not a refusal.
    """
    folder = os.path.join(load.scratch, "again")
    os.makedirs(folder)
    try:
        formats.FORMATS[file_format](k, model, folder)
        if twice:
            report["second_trip"] = _second_trip(k, model, load, folder)
    except Exception as error:
        report["save_again"] = capture.failure(error)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _second_trip(k: "Keras", model: Any, load: Load, folder: str) -> Json:
    """What a second file of the same model lost against the first."""
    again = Load(
        k,
        load.subject,
        folder=folder,
        route=script_run.AS_IS,
        scratch=os.path.join(load.scratch, "second"),  # not in the folder that is listed
        mark=lambda _stage: None,
        script=load.script,
    )
    try:
        loaded = script_run.run(again).model
    except Exception as error:
        return {"failure": capture.failure(error)}
    before, after = observe.variables(model), observe.variables(loaded)
    return {
        "weights": [item["sha256"] for item in before] == [item["sha256"] for item in after],
        "config": lasting(_config(model)) == lasting(_config(loaded)),
    }


def _config(model: Any) -> Any:
    """None where the model has no configuration."""
    return _or_none(model.get_config)


def lasting(config: Any) -> Any:
    """A configuration without what is counted or compiled anew by each load."""
    if isinstance(config, dict):
        return {key: lasting(config[key]) for key in config if key not in PASSING}
    if isinstance(config, (list, tuple)):
        return [lasting(item) for item in config]
    plain = isinstance(config, (str, int, float, bool, type(None)))
    return config if plain else type(config).__name__
