"""Configurations translated between Keras 2 and 3, and from a newer Keras 3 to an older one.

Only what is known to keep the meaning: a key is dropped where its value is what the other Keras
does without it. Where it is not, ``Untranslatable`` says which key stands in the way.
"""

from typing import Any

from . import arguments, calls
from .aliases import Json, Version
from .arguments import RNNS
from .nodes import ANY, drop, owner_of, walk
from .older import older

SEPARABLE = ("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D")
TRANSPOSED = ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
WRAPPERS = ("layer", "backward_layer", "forward_layer", "cell")
INITIALIZERS = (
    *("Zeros", "Ones", "Constant", "RandomNormal", "RandomUniform", "TruncatedNormal"),
    *("VarianceScaling", "Orthogonal", "OrthogonalInitializer", "Identity"),
    *("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"),
)
# Keys that Keras 2 wrote and Keras 3 refuses, by class: what the value must be to be dropped.
TO_KERAS3 = (
    (RNNS, {"time_major": (False,), "implementation": ANY}),
    (SEPARABLE, {"groups": (1,), "kernel_initializer": ANY}),
    (SEPARABLE[:2], {"filters": (None,)}),
    (SEPARABLE, {"kernel_regularizer": (None,), "kernel_constraint": (None,)}),
    (TRANSPOSED, {"groups": (1,)}),
    (("Embedding",), {"input_length": ANY, "batch_input_shape": ANY}),
    (("Lambda",), {"function_type": ANY, "module": ANY}),
    (("Lambda",), {"output_shape_type": ANY, "output_shape_module": ANY}),
    (("Attention", "AdditiveAttention"), {"causal": (False,)}),
    (("MultiHeadAttention",), {"query_shape": ANY, "key_shape": ANY, "value_shape": ANY}),
    (INITIALIZERS, {"dtype": ANY}),
)
# Keys that Keras 3 writes and Keras 2, or an older Keras 3, refuses.
NEWER_KEYS = {
    "input_axes": ANY,
    "output_axes": ANY,
    "quantization_config": (None,),
    "renorm": (False,),
    "renorm_clipping": ANY,
    "renorm_momentum": ANY,
    "use_gate": (False,),
    "sliding_window": (None,),
    "output_padding": (None,),
    "synchronized": (False,),
    "lora_rank": (None,),
    "lora_alpha": (None,),
    "optional": (False,),
}
# And those that only Keras 2 refuses.
KERAS3_KEYS = {
    "ragged": (False,),
    "zero_output_for_mask": (False,),
    "flash_attention": (None, False),
    "seed": ANY,
    "score_mode": ("dot",),
    "groups": (1,),
    "keepdims": (False,),
    "rms_scaling": (False,),
}
RENAMED_TO_KERAS2 = {"negative_slope": "alpha", "batch_shape": "batch_input_shape"}


def translate(config: Any, is_keras3: bool, version: Version) -> Any:
    """``config`` as this Keras reads it. Returns new data."""
    ours = from_keras3(config)
    if is_keras3:
        found = _newer(config) if ours else _to_keras3(config)
        return walk(found, _orthogonal_before_3_5) if version < (3, 5) else found
    return _to_keras2(_newer(config), version) if ours else older(config, version)


def from_keras3(config: Any) -> bool:
    """Whether a Keras 3 wrote it: it says ``batch_shape`` where Keras 2 said otherwise."""
    text = repr(config)
    return "'batch_shape'" in text or "'DTypePolicy'" in text


# A newer Keras 3 to an older one


def _newer(config: Any) -> Any:
    def change(node: Any) -> Any:
        name, inner = owner_of(node)
        if inner is not None:
            for key, allowed in NEWER_KEYS.items():
                drop(inner, key, allowed, name)
        return node

    found = walk(config, change)
    found.pop("compile_config", None)
    return found


def _orthogonal_before_3_5(node: Any) -> Any:
    """Keras 3.0 to 3.4 do not have the name that every other Keras has."""
    name, _ = owner_of(node)
    if name == "Orthogonal":
        node["class_name"] = "OrthogonalInitializer"
    return node


# Keras 2 to Keras 3


def _to_keras3(config: Any) -> Any:
    found = walk(config, _layer_to_keras3)
    found.pop("compile_config", None)
    _sequential_inputs(found)
    return found


def _layer_to_keras3(node: Any) -> Any:
    name, inner = owner_of(node)
    if inner is None:
        return node
    for names, keys in TO_KERAS3:
        if name in names:
            for key, allowed in keys.items():
                drop(inner, key, allowed, name)
    if isinstance(inner.get("dtype"), dict):  # {"class_name": "Policy", "config": {"name": …}}
        inner["dtype"] = inner["dtype"].get("config", {}).get("name")
    axis = inner.get("axis")
    if name == "BatchNormalization" and isinstance(axis, list) and len(axis) == 1:
        inner["axis"] = axis[0]
    if name in arguments.SEVERAL:
        node.pop("build_config", None)  # of several shapes; it is built by its call
    for key in WRAPPERS:
        child = inner.get(key)
        if isinstance(child, dict) and "class_name" in child and "module" not in child:
            child["module"] = "keras.layers"
            child["registered_name"] = None
    if name in ("Functional", "Model") and "layers" in inner:
        calls.count_as_keras3(inner)
        arguments.as_keras3(inner)
        if "module" in node:
            node["module"] = "keras.src.models.functional"
    elif str(node.get("module", "")).startswith("keras.src.engine"):
        node["module"] = "keras.src.models"
    if name == "Sequential":
        _sequential_inputs(node)
    return node


def _sequential_inputs(node: Any) -> None:
    """An InputLayer in place of the first layer's own shape, which Keras 3 misreads."""
    if node.get("class_name") != "Sequential" or not isinstance(node.get("config"), dict):
        return
    layers = node["config"].get("layers") or []
    if layers and layers[0].get("class_name") == "InputLayer":
        for layer in layers[1:]:  # Keras 2.13 to 2.15 write it in both
            layer.get("config", {}).pop("batch_input_shape", None)
    if not layers or layers[0].get("class_name") == "InputLayer":
        return
    shape = layers[0].get("config", {}).pop("batch_input_shape", None)
    if shape is None:
        return
    dtype = layers[0]["config"].get("dtype") or "float32"
    if layers[0]["class_name"] == "Embedding":
        dtype = "float32"
    module = {"module": "keras.layers"} if "module" in layers[0] else {}
    layers.insert(
        0,
        dict(
            module,
            class_name="InputLayer",
            config={"batch_input_shape": shape, "dtype": dtype, "sparse": False, "name": "input_0"},
        ),
    )


# Keras 3 to Keras 2


def _to_keras2(config: Any, version: Version) -> Any:
    if version >= (2, 5):
        config = walk(config, _attention_shapes)
    found = walk(walk(config, _bidirectional), _layer_to_keras2)
    if found["class_name"] == "Functional" and version < (2, 4):
        found["class_name"] = "Model"
    return older(found, version)


def _attention_shapes(node: Any) -> Any:
    """Keras 2 keeps in the layer's own configuration what Keras 3 keeps beside it, or nowhere."""
    name, inner = owner_of(node)
    if name == "MultiHeadAttention":
        shapes = (node.get("build_config") or {}).get("shapes_dict") or {}
        for key in ("query_shape", "value_shape", "key_shape"):
            inner[key] = shapes.get(key)
        inner["key_shape"] = inner["key_shape"] or inner["value_shape"]
    return node


def _bidirectional(node: Any) -> Any:
    """Bidirectional sets it on its layers itself, in every Keras that has it."""
    name, inner = owner_of(node)
    if name == "Bidirectional":
        for key in WRAPPERS:
            child = inner.get(key)
            if isinstance(child, dict) and isinstance(child.get("config"), dict):
                child["config"].pop("zero_output_for_mask", None)
    return node


def _layer_to_keras2(node: Any) -> Any:
    name, inner = owner_of(node)
    if node.get("class_name") == "function":
        return node["config"]  # a function of one's own is its bare name there
    if inner is None:
        return node
    if name in ("DTypePolicy", "Policy"):
        return inner.get("name")
    if name == "__keras_tensor__":
        return {"__history__": list(inner["keras_history"])}
    for key, allowed in KERAS3_KEYS.items():
        if name not in ("Dropout", "Conv1D", "Conv2D", "Conv3D") or key != "groups":
            drop(inner, key, allowed, name)
    for old, new in RENAMED_TO_KERAS2.items():
        if old in inner:
            inner[new] = inner.pop(old)
    for key in ("build_config", "registered_name", "module"):
        node.pop(key, None)
    if "layers" in inner and "input_layers" in inner:
        _nested_nodes(inner)
    if name == "BatchNormalization" and isinstance(inner.get("axis"), list):
        inner["axis"] = inner["axis"][0]
    return node


def _nested_nodes(functional: Json) -> None:
    for layer in functional["layers"]:
        layer["inbound_nodes"] = [
            arguments.as_keras2(node, layer["class_name"])
            for node in layer.get("inbound_nodes", [])
            if isinstance(node, dict)
        ]
    for key in ("input_layers", "output_layers"):
        links = functional.get(key)
        # Of named inputs or outputs it is a dict, in both.
        if isinstance(links, list) and links and not isinstance(links[0], list):
            functional[key] = [links]
    calls.count_as_keras2(functional)
