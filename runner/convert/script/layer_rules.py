"""One layer's configuration as the Keras of the target takes it."""

from .translation_rules import CannotTranslateError

ANY = object()
RECURRENT = ("LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "RNN")
CELLS = ("LSTMCell", "GRUCell", "SimpleRNNCell")
# What an argument that the target does not know must be, to be left out without a change.
NEUTRAL = {
    "trainable": ANY,
    "dtype": ANY,
    "name": ANY,
    "time_major": (False, None),
    "implementation": ANY,
    "groups": (1, None),
    "filters": (None,),
    "kernel_initializer": ANY,
    "kernel_regularizer": (None,),
    "kernel_constraint": (None,),
    "input_length": ANY,
    "input_dim": ANY,
    "input_shape": ANY,
    "batch_input_shape": ANY,
    "batch_shape": ANY,
    "batch_size": ANY,
    "input_dtype": ANY,
    "autocast": ANY,
    "inbound_nodes": ANY,
    "causal": (False, None),
    "query_shape": ANY,
    "key_shape": ANY,
    "value_shape": ANY,
    "renorm": (False, None),
    "renorm_clipping": ANY,
    "renorm_momentum": ANY,
    "fused": ANY,
    "virtual_batch_size": (None,),
    "adjustment": (None,),
    "synchronized": (False, None),
    "use_gate": (False, None),
    "sliding_window": (None,),
    "output_padding": (None,),
    "quantization_config": (None,),
    "quantization_mode": (None,),
    "lora_rank": (None,),
    "lora_alpha": (None,),
    "gptq_unpacked_column_size": (None,),
    "optional": (False, None),
    "ragged": (False, None),
    "sparse": (False, None),
    "zero_output_for_mask": (False, None),
    "flash_attention": (None, False),
    "seed": ANY,
    "score_mode": ("dot",),
    "keepdims": (False, None),
    "rms_scaling": (False, None),
    "data_format": ("channels_last", None),
    "reset_after": (False, None),
    "dilation_rate": (1, [1], [1, 1], [1, 1, 1], None),
    "crop_to_aspect_ratio": (False, None),
    "pad_to_aspect_ratio": (False, None),
    "antialias": (False, None),
    "fill_mode": ANY,
    "fill_value": ANY,
    "batch_size_": ANY,
    "return_attention_scores": (False, None),
    "activity_regularizer": (None,),
    "bias_initializer": ANY,
    "interpolation": ("nearest", None),
    "experimental_autocast": ANY,
    "num_variables": ANY,
    "invert": (False, None),
    "mean": (None,),
    "variance": (None,),
    "max_value": (None,),
    "negative_slope": (0, 0.0, None),
    "threshold": (0, 0.0, None),
    "mask_value": (None,),
    "has_static_table": ANY,
    "vocabulary_size": ANY,
    "max_tokens": ANY,
    "registered_name": ANY,
    "embedding_ragged": ANY,
    "name_scope": ANY,
    "unit_forget_bias": ANY,
    "layout_map": ANY,
    "random_seed": ANY,
    "encoding": ("utf-8", None),
    "oov_tokens": ANY,
    "oov_method": ("floormod", None),  # what Keras before 3.15 does
    "value_range": ANY,
}
RENAMED_TO_3 = {"LeakyReLU": {"alpha": "negative_slope"}}
RENAMED_TO_2 = {"LeakyReLU": {"negative_slope": "alpha"}}
TEXT_OR_LOOKUP = ("TextVectorization", "StringLookup", "IntegerLookup")
INPUT_SHAPES = ("batch_input_shape", "batch_shape", "input_shape")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "string", "bool")


def translated(layer, target, saved, notes):
    """The arguments of the target's class. Raises CannotTranslateError."""
    if layer.kind in target.custom:
        return target.custom[layer.kind].from_config, {"config": _plain_policy(layer)}
    config = {key: value for key, value in layer.config.items() if key != "layer"}
    config["name"] = layer.name
    kind = target.layer_class(layer.kind)
    if kind is None:
        raise CannotTranslateError("%s has no layer %s" % (target.version_text, layer.kind))
    _dtype(layer, config, target, notes)
    for old, new in (RENAMED_TO_3 if target.is3 else RENAMED_TO_2).get(layer.kind, {}).items():
        if old in config:
            config[new] = config.pop(old)
            notes.rule("renamed-argument", layer.name, "%s is %s" % (old, new))
    if layer.kind == "BatchNormalization" and isinstance(config.get("axis"), list):
        if len(config["axis"]) == 1 and (target.is3 or not target.inside_tensorflow):
            config["axis"] = config["axis"][0]
            notes.rule("axis-list", layer.name, "axis")
    for key in list(config):
        config[key] = _value(key, config[key], target, layer, notes)
    _recurrent(layer, config, saved, notes)
    if not saved.has_weights and target.is3 and saved.major < 3:
        _exact_hard_sigmoid(layer, config, target, notes)
    if layer.kind in TEXT_OR_LOOKUP and not target.is3:
        config.pop("dtype", None)  # Keras 3 writes the type of its policy, which is none of these
    names = target.accepted(kind)
    if layer.kind in RECURRENT and target.inside_tensorflow:
        names.add("zero_output_for_mask")  # among the keyword arguments of its base
    _only_accepted(layer, config, names, notes)
    return kind, config


def _plain_policy(layer):
    """A class of the author gets its own arguments back, and the name of the type."""
    config = dict(layer.config, name=layer.name)
    if isinstance(config.get("dtype"), dict):
        config["dtype"] = (config["dtype"].get("config") or {}).get("name")
    return {key: one for key, one in config.items() if key not in INPUT_SHAPES}


def _exact_hard_sigmoid(layer, config, target, notes):
    """Without weights to multiply, Keras 2's hard_sigmoid is a model of two layers."""
    layers = target.keras.layers
    for key in ("activation", "recurrent_activation"):
        if config.get(key) == "hard_sigmoid":
            notes.rule("hard-sigmoid", layer.name, "%s is a Rescaling and a ReLU" % key)
            config[key] = target.keras.Sequential(
                [layers.Rescaling(0.2, 0.5), layers.ReLU(max_value=1.0)]
            )


def _dtype(layer, config, target, notes):
    dtype = config.get("dtype")
    if isinstance(dtype, dict):
        dtype = (dtype.get("config") or {}).get("name")
        notes.rule("policy-name", layer.name, str(dtype))
    typed = layer.kind in ("InputLayer", "StringLookup", "IntegerLookup", "TextVectorization")
    if dtype in INTEGERS and not typed and layer.kind not in ("CategoryEncoding", "Hashing"):
        dtype = None  # the type of the first layer's input, in Keras 1 and 2
    if dtype is None or (not target.inside_tensorflow and not target.is3):
        config.pop("dtype", None)
    else:
        config["dtype"] = dtype


def _recurrent(layer, config, saved, notes):
    if layer.kind in ("GRU", "GRUCell") and "reset_after" not in config:
        config["reset_after"] = False
        notes.rule("gru-reset-after", layer.name, "False, which older files leave out")
    if layer.kind in RECURRENT[:2] + CELLS[:2] and "recurrent_activation" not in config:
        config["recurrent_activation"] = "hard_sigmoid" if saved.major < 3 else "sigmoid"
        notes.rule("cell-defaults", layer.name, "recurrent_activation")


def _value(key, value, target, layer, notes):
    """Initializers, regularizers, activations, and numbers that were written as arrays."""
    if isinstance(value, dict) and value.get("type") in ("ndarray", "__ndarray__"):
        return value["value"]
    if isinstance(value, dict) and value.get("class_name") == "__tuple__":
        return tuple(value.get("items", value.get("config", ())))
    if key.endswith("initializer"):
        return _initializer(value, target, layer, notes)
    if isinstance(value, dict) and "class_name" in value and "config" in value:
        if key.endswith(("regularizer", "constraint")):
            return _object(value, target, key.rsplit("_", 1)[-1], layer)
        if key.endswith("activation"):
            inner = value["config"]
            if value["class_name"] == "function" and isinstance(inner, str):
                return inner
            if value["class_name"] in ("ReLU", "LeakyReLU", "Softmax", "PReLU", "ELU"):
                return value
            raise CannotTranslateError("%s of %s is a function of its author" % (key, layer.name))
    return value


def _object(value, target, kind, layer):
    """A regularizer or a constraint, which the target makes of its own class."""
    module = getattr(target.keras, kind + "s")
    name = value["class_name"]
    found = getattr(module, name, None) or getattr(module, name.lower(), None)
    if found is None:
        raise CannotTranslateError("%s of %s: no %s here" % (kind, layer.name, name))
    inner = {key: one for key, one in value["config"].items() if key != "dtype"}
    return found(**inner)


def _initializer(value, target, layer, notes):
    """An initializer, which plays no part once the weights are there."""
    if not isinstance(value, dict) or "class_name" not in value:
        return value
    name = value["class_name"]
    if name == "OrthogonalInitializer" or (name == "Orthogonal" and target.is3):
        name = (
            "Orthogonal" if target.version >= (3, 5) or not target.is3 else "OrthogonalInitializer"
        )
    found = getattr(target.keras.initializers, name, None)
    inner = value.get("config") or {}
    if name == "GlorotUniform" and found is None:
        return "glorot_uniform"
    if found is None or not isinstance(found, type):
        return {"class_name": name, "config": inner} if not target.is3 else None
    names = target.accepted(found)
    names.discard("dtype")
    kept = {key: one for key, one in inner.items() if key in names}
    if kept != inner:
        notes.rule("initializer", layer.name, name)
    if not isinstance(kept.get("seed"), (int, type(None))):
        kept["seed"] = None
    try:
        return found(**{key: one for key, one in kept.items() if key not in ("name", "trainable")})
    except (TypeError, ValueError):
        notes.loss("the initializer %s of %s" % (name, layer.name))
        return None


def _only_accepted(layer, config, names, notes):
    """Leave out what the target does not know, where it says what the target does anyway."""
    for key in list(config):
        if key in names:
            continue
        value = config.pop(key)
        allowed = NEUTRAL.get(key, (None,))
        if allowed is ANY or value in allowed:
            rule = (
                "input-shape" if key in ("batch_input_shape", "batch_shape") else "dropped-default"
            )
            notes.rule(rule, layer.name, key)
            continue
        raise CannotTranslateError(
            "%s=%r of %s (%s) has no equivalent here" % (key, value, layer.name, layer.kind)
        )
