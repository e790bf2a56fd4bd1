"""A file's configuration, and a model from it after translating it for this Keras."""

import json
import os
import zipfile

from . import observe, translate
from .recipes.base import NotAvailable


def read(task):
    """The configuration in the artifact: ``{"class_name", "config", …}``."""
    if task.format == "h5":
        import h5py

        with h5py.File(os.path.join(task.artifact, "model.h5"), "r") as stream:
            text = stream.attrs["model_config"]
    elif task.format == "keras":
        with zipfile.ZipFile(os.path.join(task.artifact, "model.keras")) as packed:
            text = packed.read("config.json")
    elif task.format == "json":
        with open(os.path.join(task.artifact, "model.json"), encoding="utf-8") as stream:
            text = stream.read()
    else:
        raise NotAvailable(f"format {task.format} holds no configuration")
    return json.loads(text.decode("utf-8") if isinstance(text, bytes) else text)


def model_from_file(k, task):
    """The architecture of the artifact, without its weights."""
    config = translate.translate(read(task), k.is_keras3, k.version)
    inner = config["config"]
    if isinstance(inner, list):  # a Sequential of Keras 2.1 and older
        inner = {"name": "sequential", "layers": inner}
    objects = task.objects(k)
    cls = k.Sequential if config["class_name"] == "Sequential" else k.Model
    if config["class_name"] not in ("Sequential", "Model", "Functional"):
        cls = objects.get(config["class_name"])
        if cls is None:
            raise NotAvailable(f"class {config['class_name']} is no Sequential or functional model")
    with object_scope(k, objects):
        return cls.from_config(inner)


def object_scope(k, objects):
    """Keras' own scope for custom objects, under the name it has here."""
    for owner in (getattr(k.keras, "utils", None), getattr(k.keras, "saving", None)):
        for name in ("CustomObjectScope", "custom_object_scope"):
            scope = getattr(owner, name, None)
            if scope is not None:
                return scope(objects)
    raise NotAvailable("this Keras has no custom_object_scope")


def build(model, task):
    """A model that is built by its first call has no variables before."""
    observe.predict(model, task.inputs())
