"""All layers of a model: nested models, wrappers and cells too."""


def every_layer(model):
    """Layers at every depth, each once."""
    found, waiting = [], list(getattr(model, "layers", []))
    while waiting:
        layer = waiting.pop(0)
        if any(layer is other for other in found):
            continue
        found.append(layer)
        waiting += list(getattr(layer, "layers", None) or [])
        for name in ("layer", "cell", "forward_layer", "backward_layer"):
            inner = getattr(layer, name, None)
            if inner is not None and hasattr(inner, "get_config"):
                waiting.append(inner)
        waiting += list(getattr(layer, "cells", None) or [])
    return found
