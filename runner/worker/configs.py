"""A file's configuration, and a model from it after translating it for this Keras."""

import json
import zipfile
from typing import TYPE_CHECKING, Any

from . import observe, translate
from .aliases import Json, Objects
from .recipes.base import NotAvailable

if TYPE_CHECKING:
    from .api import Keras
    from .load_context import Load


def read(load: "Load") -> Json:
    """The configuration in the artifact: ``{"class_name", "config", …}``."""
    if load.format == "h5":
        import h5py

        with h5py.File(load.path("model.h5"), "r") as stream:
            text = stream.attrs["model_config"]
    elif load.format == "keras":
        with zipfile.ZipFile(load.path("model.keras")) as packed:
            text = packed.read("config.json")
    elif load.format == "json":
        with open(load.path("model.json"), encoding="utf-8") as stream:
            text = stream.read()
    else:
        raise NotAvailable(f"format {load.format} holds no configuration")
    found: Json = json.loads(text.decode("utf-8") if isinstance(text, bytes) else text)
    return found


def model_from_file(load: "Load") -> Any:
    """The architecture of the artifact, without its weights."""
    k = load.k
    config = translate.translate(read(load), k.is_keras3, k.version)
    inner = config["config"]
    if isinstance(inner, list):  # a Sequential of Keras 2.1 and older
        inner = {"name": "sequential", "layers": inner}
    objects = load.objects()
    cls: Any = k.Sequential if config["class_name"] == "Sequential" else k.Model
    if config["class_name"] not in ("Sequential", "Model", "Functional"):
        cls = objects.get(config["class_name"])
        if cls is None:
            raise NotAvailable(f"class {config['class_name']} is no Sequential or functional model")
    with object_scope(k, objects):
        return cls.from_config(inner)


def object_scope(k: "Keras", objects: Objects) -> Any:
    """Keras' own scope for custom objects, under the name it has here."""
    for owner in (getattr(k.keras, "utils", None), getattr(k.keras, "saving", None)):
        for name in ("CustomObjectScope", "custom_object_scope"):
            scope = getattr(owner, name, None)
            if scope is not None:
                return scope(objects)
    raise NotAvailable("this Keras has no custom_object_scope")


def build(load: "Load", model: Any) -> None:
    """A model that is built by its first call has no variables before."""
    observe.predict(load.k, model, load.subject.inputs())
