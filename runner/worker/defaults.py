"""A model from its code, with the arguments that the saver's Keras had by default.

Recurrent layers whose defaults changed compute something else from the same weights, or have
weights of another shape, where the code leaves these arguments out.
"""

from typing import TYPE_CHECKING, Any, Dict

from . import configs
from .recipes.base import NotAvailable

if TYPE_CHECKING:
    from .load_context import Load

DEFAULTS = {
    # Keras up to 2.2, and the tf.keras of TensorFlow 1
    "keras-2.2": {"recurrent_activation": "hard_sigmoid", "reset_after": False},
    "keras-2.3": {"recurrent_activation": "sigmoid", "reset_after": False},
    "tf-2": {"recurrent_activation": "sigmoid", "reset_after": True},  # and Keras 3
}
LAYERS = ("LSTM", "GRU")
EITHER = {"recurrent_activation": ("sigmoid", "hard_sigmoid"), "reset_after": (True, False)}


def rebuild(load: "Load", name: str) -> Any:
    """The model from its code once more, every argument that may be a default as ``name`` has it.

    Raises NotAvailable where the model has no configuration to build it from.
    """
    model = load.build()
    if type(model).__name__ not in ("Sequential", "Model", "Functional"):
        raise NotAvailable("a subclassed model is changed in its code")
    config = model.get_config()
    if not _set(config, DEFAULTS[name]):
        raise NotAvailable("no argument of this model has another default there")
    with configs.object_scope(load.k, load.objects()):
        return type(model).from_config(config)


def _set(node: Any, defaults: Dict[str, Any]) -> int:
    """How many arguments of the recurrent layers in a configuration were changed."""
    if isinstance(node, (list, tuple)):
        return sum(_set(item, defaults) for item in node)
    if not isinstance(node, dict):
        return 0
    changed = sum(_set(value, defaults) for value in node.values())
    inner = node.get("config")
    if node.get("class_name") in LAYERS and isinstance(inner, dict):
        for key, value in defaults.items():
            if key in inner and inner[key] != value and inner[key] in EITHER[key]:
                inner[key] = value
                changed += 1
    return changed
