"""Keras 0.3 and 1: their names of layers and arguments become those of Keras 2."""

CLASSES = {
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "SeparableConvolution2D": "SeparableConv2D",
    "Deconvolution2D": "Conv2DTranspose",
    "TimeDistributedDense": "Dense",
}
ARGUMENTS = {
    "output_dim": "units",
    "init": "kernel_initializer",
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "bias": "use_bias",
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "subsample_length": "strides",
    "subsample": "strides",
    "border_mode": "padding",
    "pool_length": "pool_size",
    "stride": "strides",
    "atrous_rate": "dilation_rate",
    "depthwise_init": "depthwise_initializer",
    "pointwise_init": "pointwise_initializer",
    "beta_init": "beta_initializer",
    "gamma_init": "gamma_initializer",
}
BY_CLASS = {
    "Embedding": {
        "output_dim": "output_dim",
        "init": "embeddings_initializer",
        "W_regularizer": "embeddings_regularizer",
        "W_constraint": "embeddings_constraint",
    },
    "Dropout": {"p": "rate"},
    "SpatialDropout1D": {"p": "rate"},
    "SpatialDropout2D": {"p": "rate"},
    "SpatialDropout3D": {"p": "rate"},
    "GaussianDropout": {"p": "rate"},
    "GaussianNoise": {"sigma": "stddev"},
    "UpSampling1D": {"length": "size"},
    "PReLU": {"init": "alpha_initializer"},
}
# Keys with no successor: the shape is in an InputLayer, the rest changes no prediction.
GONE = ("input_dtype", "consume_less", "forget_bias_init", "weights", "mode", "cache_enabled")
TRAINING_ONLY = {"Embedding": ("dropout",)}
FORMATS = {"th": "channels_first", "tf": "channels_last", "default": "channels_last"}
MERGES = {
    "sum": "Add",
    "mul": "Multiply",
    "ave": "Average",
    "max": "Maximum",
    "concat": "Concatenate",
    "dot": "Dot",
    "cos": "Dot",
}
KERAS1_RECURRENT = ("LSTM", "GRU", "SimpleRNN")
INITIALIZERS = {
    "one": "ones",
    "zero": "zeros",
    "normal": "random_normal",
    "uniform": "random_uniform",
}
"""Names that initializers had in Keras 1."""


def layer_of_keras1(layer, notes):
    """One layer of Keras 1 (class name and configuration) as Keras 2 wrote it."""
    old = layer["class_name"]
    config = dict(layer["config"])
    where = config.get("name", old)
    if old == "Merge":
        return _merge(layer, config, notes, where)
    name = CLASSES.get(old, old)
    _sizes(old, config)
    if old == "BatchNormalization" and config.get("mode", 0) == 1:
        config["axis"] = -1
    for key in TRAINING_ONLY.get(old, ()):
        if config.pop(key, 0):
            notes.rule("dropped-training-only", where, key)
            notes.loss("%s of %s, which acts in training only" % (key, where))
    special = BY_CLASS.get(name, {})
    done = {}
    for key, value in config.items():
        if key in GONE or (key in ("input_dim", "input_length") and name != "Embedding"):
            continue
        if key == "dim_ordering":
            done["data_format"] = FORMATS.get(value, value)
            continue
        new = special.get(key) or (key if key == "units" else ARGUMENTS.get(key, key))
        if key == "init" and name not in ("Embedding", "PReLU") and name.startswith("Separable"):
            continue
        done[new] = _value_of_keras1(new, value)
    if "input_dim" in config and name in KERAS1_RECURRENT and "batch_input_shape" not in done:
        done["batch_input_shape"] = [None, config.get("input_length"), config["input_dim"]]
    if old == "Embedding" and "batch_input_shape" not in done and "name" not in done:
        done["batch_input_shape"] = [None, config.get("input_length")]
    for key in ("layer", "backward_layer"):
        if isinstance(done.get(key), dict):
            done[key] = layer_of_keras1(done[key], notes)
    if (name, done) != (old, config):
        notes.rule("keras1-arguments", where, "%s of Keras 1" % old)
    return dict(layer, class_name=name, config=done)


def _sizes(old, config):
    """Sizes that were several arguments become one."""
    dims = {
        "kernel_size": ("nb_row", "nb_col"),
        "kernel_size_3d": ("kernel_dim1", "kernel_dim2", "kernel_dim3"),
    }
    for key, parts in dims.items():
        if all(part in config for part in parts):
            config["kernel_size"] = [config.pop(part) for part in parts]
        del key
    if old.startswith("MaxPooling1D") and config.get("stride", 1) is None:
        config["stride"] = config.get("pool_length")
    if old == "Deconvolution2D":
        config.pop("output_shape", None)


def _value_of_keras1(key, value):
    if key.endswith("_initializer") and isinstance(value, str):
        return INITIALIZERS.get(value, value)
    if key.endswith("_regularizer") and isinstance(value, dict) and "class_name" not in value:
        return {
            "class_name": "L1L2",
            "config": {"l1": float(value.get("l1", 0)), "l2": float(value.get("l2", 0))},
        }
    if key.endswith("_constraint") and isinstance(value, dict) and "class_name" not in value:
        inner = {one: part for one, part in value.items() if one != "name"}
        if "m" in inner:
            inner["max_value"] = inner.pop("m")
        return {"class_name": value["name"], "config": inner}
    return value


def _merge(layer, config, notes, where):
    mode = config.get("mode")
    if mode not in MERGES:
        return layer
    notes.rule("keras1-merge", where, str(mode))
    new = {"name": config.get("name")}
    if mode == "concat":
        new["axis"] = config.get("concat_axis", -1)
    if mode in ("dot", "cos"):
        new["axes"] = config.get("dot_axes", -1)
        new["normalize"] = mode == "cos"
    return dict(layer, class_name=MERGES[mode], config=new)


def sequential_of_keras0(config, notes):
    """Keras 0.3: ``{"name": "Sequential", "layers": [flat]}``."""
    if config.get("name") != "Sequential":
        return config
    notes.rule("keras0-sequential", "model", "layers without config")
    layers = []
    for number, flat in enumerate(config.get("layers", [])):
        inner = {key: value for key, value in flat.items() if key not in ("name", "custom_name")}
        name = flat.get("custom_name") or "%s_%d" % (flat["name"].lower(), number + 1)
        inner["name"] = name
        if "input_shape" in inner:
            inner["batch_input_shape"] = [None] + list(inner.pop("input_shape"))
        layers.append({"class_name": flat["name"], "config": inner})
    return {"class_name": "Sequential", "config": layers}
