"""An activation of a model, replaced in the layers that have it."""

from .every_layer import every_layer


def replace_activation(model, name, function):
    """Set ``function`` wherever ``name`` is. Raises ValueError where that is nowhere."""
    changed = 0
    for layer in every_layer(model):
        for attribute in ("activation", "recurrent_activation"):
            if getattr(getattr(layer, attribute, None), "__name__", "") == name:
                try:
                    setattr(layer, attribute, function)
                except AttributeError:
                    continue  # an RNN shows its cell's, which is visited as well
                changed += 1
    if not changed:
        raise ValueError("no layer of this model has the activation %s" % name)
