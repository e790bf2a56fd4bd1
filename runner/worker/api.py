"""One face on every Keras: the module, its version and backend, and what differs in building."""

import importlib
import os
import sys
from typing import Any, Callable, Dict, NoReturn, Optional, Sequence

from .aliases import Version
from .recipes.base import NotAvailable


def version_tuple(text: str) -> Version:
    """``2.10.0`` to (2, 10, 0); a suffix such as ``-tf`` or ``.dev2026`` is dropped."""
    numbers = []
    for part in text.split("-", maxsplit=1)[0].split("."):
        digits = ""
        for char in part:
            if not char.isdigit():
                break
            digits += char
        if not digits:
            break
        numbers.append(int(digits))
    return tuple(numbers)


def import_keras() -> "Keras":
    """Import this environment's Keras, and what a save or load would import lazily.

    KMATRIX_API names the module (``keras`` or ``tf.keras``), KMATRIX_EAGER=0 turns eager off.
    Returns a ``Keras``. Only imports: no op may run before the fork.
    """
    tf = None
    if os.environ.get("KMATRIX_API") == "tf.keras":
        tf = importlib.import_module("tensorflow")
        keras = tf.keras
        keras.layers.Dense  # noqa: B018 - tf.keras is lazy: this is what imports it
    else:
        keras = importlib.import_module("keras")
    backend = _backend(keras)
    if tf is None and (backend == "tensorflow" or _installed("tensorflow")):
        # Keras 3 on JAX imports TensorFlow at its first save where it finds one.
        tf = importlib.import_module("tensorflow")
    for name in ("h5py", "numpy", "keras.layers", "zipfile"):
        try:
            importlib.import_module(name)
        except ImportError:
            pass
    return Keras(keras, tf, backend)


def turn_eager_off(tf: Any) -> None:
    """What KMATRIX_EAGER=0 asks for; in the child, since it creates graphs."""
    if os.environ.get("KMATRIX_EAGER") == "0" and tf is not None:
        tf.compat.v1.disable_eager_execution()


def _backend(keras: Any) -> str:
    try:
        return str(keras.backend.backend())
    except Exception:
        return "tensorflow"


def _version_text(keras: Any, tf: Any) -> str:
    """The version of the Keras in use; tf.keras of TensorFlow 2.13 to 2.15 does not say its own."""
    own = getattr(keras, "__version__", None)
    if own is None:
        name = "tf_keras" if os.environ.get("TF_USE_LEGACY_KERAS") == "1" else "keras"
        own = getattr(sys.modules.get(name), "__version__", None)
    if own is None:
        own = getattr(tf, "__version__", None)  # TensorFlow 2 counts its Keras as itself
    return str(own or "0")


def _installed(name: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(name) is not None


class _Nothing:
    def __enter__(self) -> "_Nothing":
        return self

    def __exit__(self, *error: Any) -> None:
        pass


class Keras:
    """This environment's Keras, as recipes see it."""

    def __init__(self, keras: Any, tf: Any, backend: str) -> None:
        self.keras = keras
        self.tf = tf  # the tensorflow module, or None
        self.backend = backend
        self.version_text = _version_text(keras, tf)
        self.version = version_tuple(self.version_text)
        self.is_keras3 = self.version >= (3,)
        self.layers = keras.layers
        self.models = keras.models
        self.losses = keras.losses
        self.metrics = keras.metrics
        self.optimizers = keras.optimizers
        self.Input = keras.layers.Input
        self.Model = keras.models.Model
        self.Sequential = keras.models.Sequential

    def not_available(self, reason: str) -> NoReturn:
        """Say that this environment lacks what a recipe is about."""
        raise NotAvailable(reason)

    def layer(self, name: str) -> Any:
        """The layer class ``name``; NotAvailable where this Keras has none."""
        early = getattr(getattr(self.layers, "experimental", None), "preprocessing", None)
        found = getattr(self.layers, name, None) or getattr(early, name, None)
        if found is None:
            raise NotAvailable(f"this Keras has no layer {name}")
        return found

    def input_shape_argument(self, shape: Sequence[int]) -> Dict[str, Any]:
        """What an InputLayer is told its shape by, here."""
        return {"shape" if self.is_keras3 else "input_shape": shape}

    def dot(self, left: Any, right: Any) -> Any:
        """The matrix product of two tensors."""
        return self.ops.matmul(left, right) if self.is_keras3 else self.ops.dot(left, right)

    def seed_generator(self) -> Any:
        """What random numbers are drawn with inside a layer; None before Keras 3."""
        return self.keras.random.SeedGenerator(1337) if self.is_keras3 else None

    def random_normal(self, like: Any, seed: Any) -> Any:
        """A tensor of random numbers of the shape of ``like``."""
        if self.is_keras3:
            return self.keras.random.normal(self.ops.shape(like), seed=seed)
        return self.ops.random_normal(self.ops.shape(like))

    def policy(self, name: str) -> Any:
        """A dtype policy for one layer; NotAvailable before TensorFlow 2.1."""
        module = getattr(self.keras, "mixed_precision", None)
        early = getattr(module, "experimental", None)
        for owner, attribute in (
            (module, "DTypePolicy"),
            (module, "Policy"),
            (early, "Policy"),
        ):
            found = getattr(owner, attribute, None)
            if found is not None:
                return found(name)
        raise NotAvailable("this Keras has no mixed precision")

    def name_scope(self, name: str) -> Any:
        """A scope for the names of variables made inside it."""
        if self.is_keras3 or self.tf is None:
            return _Nothing()
        return self.keras.backend.name_scope(name)

    def adopt(self, layer: Any, parts: Sequence[Any]) -> None:
        """Let ``layer`` own the weights of its parts, where Keras does not see them itself."""
        if self.is_keras3 or self.is_tf_keras():
            return
        for part in parts:
            layer._trainable_weights.extend(part._trainable_weights)

    @property
    def ops(self) -> Any:
        """Functions on tensors for custom layers: ``keras.ops``, or ``keras.backend`` before 3."""
        return self.keras.ops if self.is_keras3 else self.keras.backend

    def register(self, package: str, name: Optional[str] = None) -> Callable[[Any], Any]:
        """``@register_keras_serializable(package)``; leaves the class as it is where unknown."""
        for owner in (
            getattr(self.keras, "saving", None),
            getattr(self.keras, "utils", None),
        ):
            found: Optional[Callable[..., Callable[[Any], Any]]] = getattr(
                owner, "register_keras_serializable", None
            )
            if found is not None:
                return found(package=package, name=name)
        return lambda cls: cls

    def eager(self) -> bool:
        """Whether ``model(x)`` gives numbers here."""
        if self.is_keras3:
            return self.backend != "tensorflow" or self.tf.executing_eagerly()
        return self.tf is not None and self.is_tf_keras() and self.tf.executing_eagerly()

    def is_tf_keras(self) -> bool:
        """Whether Keras is TensorFlow's own here."""
        return os.environ.get("KMATRIX_API") == "tf.keras"

    def clear(self) -> None:
        """Forget models, names and graphs of this process."""
        if self.is_keras3:
            self.keras.utils.clear_session()
        else:
            backend = self.keras.backend
            clear = getattr(backend, "clear_session", None)  # Keras on Theano has none
            (clear or backend.reset_uids)()
