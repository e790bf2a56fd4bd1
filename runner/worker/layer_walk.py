"""The layers of a model at every depth."""

from typing import Any, List


def every_layer(model: Any) -> List[Any]:
    """Layers at every depth, each once: nested models, wrappers, cells."""
    found: List[Any] = []
    waiting = list(getattr(model, "layers", []))
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
