"""A configuration of a newer Keras 2 as an older one reads it."""

from typing import Any

from .aliases import Version
from .nodes import drop, owner_of, walk

# Initializers by the one that multi-backend Keras knows: scale, mode, distribution.
SCALINGS = {
    "GlorotUniform": (1.0, "fan_avg", "uniform"),
    "GlorotNormal": (1.0, "fan_avg", "normal"),
    "HeUniform": (2.0, "fan_in", "uniform"),
    "HeNormal": (2.0, "fan_in", "normal"),
    "LecunUniform": (1.0, "fan_in", "uniform"),
    "LecunNormal": (1.0, "fan_in", "normal"),
}

# Since which version a key may stand: what it must be to be dropped before.
OLDER = (
    ((2, 4), "ragged", (False,)),
    ((2, 4), "groups", (1,)),
    ((2, 6), "keepdims", (False,)),
    ((2, 6), "crop_to_aspect_ratio", (False,)),
    ((2, 9), "score_mode", ("dot",)),
    ((2, 12), "synchronized", (False,)),
    ((2, 4), "time_major", (False,)),
)


def _names_before_2_4(node: Any) -> None:
    """Classes that multi-backend Keras never had."""
    if node["class_name"] == "Functional":
        node["class_name"] = "Model"
    scaling = SCALINGS.get(node["class_name"])
    if scaling is not None:
        seed = node["config"].get("seed")
        node["class_name"] = "VarianceScaling"
        names = ("scale", "mode", "distribution")
        node["config"] = dict(zip(names, scaling), seed=seed if isinstance(seed, int) else None)
    if node["class_name"] == "OrthogonalInitializer":
        node["class_name"] = "Orthogonal"


def older(config: Any, version: Version) -> Any:
    """``config`` for a Keras 2 of this version. Returns new data; raises Untranslatable."""

    def change(node: Any) -> Any:
        name, inner = owner_of(node)
        if inner is None:
            return node
        for since, key, allowed in OLDER:
            if version < since:
                drop(inner, key, allowed, name)
        if version < (2, 4):
            _names_before_2_4(node)
        if name == "BatchNormalization" and isinstance(inner.get("axis"), list):
            inner["axis"] = inner["axis"][0]
        for key in ("module", "registered_name", "build_config"):
            if version < (2, 12):
                node.pop(key, None)
        return node

    return walk(config, change)
