"""The Keras of the environment that runs the script, behind the few names that differ."""

import importlib.util
import inspect
import os
import re


class TargetKeras:
    """``layers``, ``models`` and so on of this Keras, its version, and what its classes accept."""

    def __init__(self, where, custom=None):
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
        self.keras = self._import(where)
        text = getattr(self.keras, "__version__", None)
        if text is None:
            import tensorflow as tf

            text = getattr(tf.keras, "__version__", tf.__version__)
        self.version_text = text
        found = re.match(r"(\d+)\.(\d+)", text)
        self.version = (int(found.group(1)), int(found.group(2)))
        self.is3 = self.version >= (3, 0)
        self.inside_tensorflow = where != "keras" and not self.is3
        self.backend = self._backend()
        self.custom = {} if custom is None else self._register(custom)

    def _register(self, custom):
        """The author's classes and functions by their names: given, or those of a file."""
        found = dict(custom) if isinstance(custom, dict) else self._of_file(custom)
        self.keras.utils.get_custom_objects().update(found)
        return found

    @staticmethod
    def _of_file(path):
        spec = importlib.util.spec_from_file_location("custom_objects", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found = {
            name: one
            for name, one in vars(module).items()
            if callable(one) and getattr(one, "__module__", None) == module.__name__
        }
        found.update(getattr(module, "CUSTOM_OBJECTS", {}))
        return found

    @staticmethod
    def _import(where):
        if where == "tf.keras":
            import tensorflow as tf

            return tf.keras
        if where == "tf_keras":
            import tf_keras

            return tf_keras
        if where == "keras":
            import keras

            return keras
        try:  # whichever the user's load_model is
            import tensorflow as tf

            return tf.keras
        except ImportError:
            import keras

            return keras

    def _backend(self):
        try:
            return self.keras.backend.backend()
        except AttributeError:
            return "tensorflow"

    def layer_class(self, name):
        """A layer's class, or None."""
        found = getattr(self.keras.layers, name, None)
        if found is None and not self.is3:
            experimental = getattr(self.keras.layers, "experimental", None)
            found = getattr(getattr(experimental, "preprocessing", None), name, None)
        return found if inspect.isclass(found) else None

    def accepted(self, kind):
        """The arguments that a class takes, over its bases, and those of every layer."""
        names = set()
        every = {"name", "trainable", "dtype"} | (
            set() if self.is3 else {"batch_input_shape", "input_shape"}
        )
        for base in kind.__mro__:
            if "__init__" not in base.__dict__:
                continue
            try:
                found = inspect.signature(_unwrapped(base.__dict__["__init__"])).parameters
            except (TypeError, ValueError):
                return names | every
            names.update(one for one in found if one not in ("self", "args", "kwargs"))
            if all(one.kind is not one.VAR_KEYWORD for one in found.values()):
                return names
        return names | every


def shape_of(variable):
    """The sizes of a variable; the shape of one of Theano's is a symbol."""
    if hasattr(variable, "get_value"):
        return tuple(variable.get_value(borrow=True).shape)
    return tuple(int(one) for one in variable.shape)


def _unwrapped(function):
    """The function below decorators, which Keras 2 marks in its own way."""
    while True:
        inner = getattr(function, "__wrapped__", None) or getattr(
            function, "_original_function", None
        )
        decorator = getattr(function, "_tf_decorator", None)
        if inner is None and decorator is not None:
            inner = decorator.decorated_target
        if inner is None or inner is function:
            return function
        function = inner
