"""Scenes: a few lines each that provoke a known failure in a real environment.

    python -m scenes SCENE save FOLDER       in the saver's environment
    python -m scenes SCENE load FOLDER       in the loader's; ends with the failure's traceback

The files run under Python 3.6 to 3.14 with that environment's Keras, and import nothing of ours.
"""

SCENES = {}


class Scene(object):
    """One scene. ``silent``: it loads, so that numbers and configs are its sample."""

    def __init__(self, name, play, loader, saver, format, extra):
        self.name = name
        self.play = play
        self.loader = loader
        self.saver = saver
        self.format = format
        self.extra = extra


def scene(name, loader, saver=None, format=None, **extra):
    """Declare a scene. ``saver`` and ``loader``: ids of environments, or a list of packages.

    name: the signature's id, with ``@`` and a word where there are several scenes of one.
    extra: ``variables`` of the loader's process, ``head`` to keep the first bytes of a file,
    ``silent`` for scenes without a failure.
    """

    def declare(play):
        SCENES[name] = Scene(name, play, loader, saver, format, extra)
        return play

    return declare


def keras():
    """This environment's Keras: the stand-alone one where its id says so, else TensorFlow's."""
    import os

    if os.environ.get("SCENE_API") == "keras":
        import keras as found
    else:
        from tensorflow import keras as found
    return found


def model(k, units=3, compiled=False, **options):
    """A small functional model with fixed weights."""
    source = k.layers.Input(shape=(4,), name="source")
    hidden = k.layers.Dense(units, name="hidden", **options)(source)
    return fixed(k.models.Model(source, k.layers.Dense(2, name="out")(hidden)))


def sequential(k, *layers):
    """A small Sequential with fixed weights; the first layer says its input shape."""
    return fixed(k.models.Sequential(list(layers)))


def fixed(model, seed=1):
    """The model with weights that do not depend on a framework's random numbers."""
    import numpy

    random = numpy.random.RandomState(seed)
    model.set_weights([random.normal(size=w.shape) for w in model.get_weights()])
    return model


def probe(*shape):
    """Inputs of both signs, from near zero to saturation."""
    import numpy

    return numpy.random.RandomState(7).normal(size=shape, scale=2.0).astype("float32")
