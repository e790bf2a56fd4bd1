"""Layers without a graph between them: enough to read and to write their weights."""


def skeleton(target, spec, original=False):
    """A model in which each layer has an input of its own. ``original``: as the file needs it."""
    keras = target.keras
    ins, outs, layers = [], [], []
    for item in spec:
        layer = _layer_alone(target, item, item["original"] if original else {})
        shape = tuple(item["input"])
        if original and item["original"].get("data_format") == "channels_first":
            shape = shape[-1:] + shape[:-1]
        tensor = keras.layers.Input(shape=shape)
        ins.append(tensor)
        outs.append(layer(tensor))
        layers.append(layer)
    return keras.models.Model(inputs=ins, outputs=outs), layers


def _layer_alone(target, item, more):
    kind = getattr(target.keras.layers, item["kind"])
    config = dict(item["config"], **({} if item.get("inner") else more))
    if item.get("inner"):
        inner = getattr(target.keras.layers, item["inner"]["kind"])
        return kind(inner(**item["inner"]["config"]), **config)
    return kind(**config)


def weights_of(target, spec, path, original=False):
    """The arrays that ``load_weights`` puts into the layers, in the order of the layers."""
    model, layers = skeleton(target, spec, original)
    model.load_weights(path)
    return [array for layer in layers for array in layer.get_weights()]
