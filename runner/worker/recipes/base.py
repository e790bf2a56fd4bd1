"""What a reference model's recipe is: a class with fixed inputs, custom objects and a build."""

from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Sequence, Tuple, Type

from .. import observe
from ..aliases import Arrays, Objects

if TYPE_CHECKING:
    from ..api import Keras

REGISTRY: Dict[str, Type["Recipe"]] = {}


class NotAvailable(Exception):
    """This environment does not have what the recipe is about; the reason is the message."""


def recipe(
    name: str,
    title: str,
    custom: bool = False,
    scenarios: bool = False,
    exposes: Sequence[str] = (),
    formats: Optional[Sequence[str]] = None,
    rtol: Optional[float] = None,
    atol: Optional[float] = None,
) -> Callable[[Type["Recipe"]], Type["Recipe"]]:
    """Register a recipe. The host reads the arguments from the source: write literals only.

    custom: it needs custom objects. scenarios: they are supplied in other ways too.
    exposes: failure classes it was chosen to reach. formats: the only ones it is saved in.
    rtol, atol: its own tolerance.
    """

    def register(cls: Type["Recipe"]) -> Type["Recipe"]:
        cls.name = name
        cls.title = title
        REGISTRY[name] = cls
        return cls

    return register


class Recipe:
    """A reference model. ``k`` is an ``api.Keras``: one face on Keras 2.2.4 to 3.15."""

    name = ""
    title = ""
    # The saver trains one step on ``targets`` before it saves, so that the optimizer has state.
    trains = False
    # For scenarios of custom objects: their names, and the package they are registered under.
    object_names: Tuple[str, ...] = ()
    package = "Custom"
    # The layers whose weights are set; None: all. A vocabulary or a mean is no number to make up.
    filled: Optional[Tuple[str, ...]] = None

    def inputs(self) -> Any:
        """One array per model input, in a list, or by name in a dict where the model takes that.

        Rows are samples, near zero and far out (``fill.probes``).
        """
        raise NotImplementedError

    def objects(self, k: "Keras") -> Objects:
        """The custom objects by the name that the file will ask for; ``{}`` for none."""
        return {}

    def unregistered(self, k: "Keras") -> Objects:
        """The custom objects before anything registers them; ``objects`` where nothing does."""
        return self.objects(k)

    def changed(self, k: "Keras", scenario: str) -> Objects:
        """The custom objects as somebody changed them since: see ``scenarios.CHANGED``."""
        raise NotAvailable("this reference model has no changed definition")

    def build(self, k: "Keras", objects: Objects) -> Any:
        """Return the model, built (its variables exist), compiled or not.

        Weights are set by the worker afterwards. Raise ``NotAvailable(reason)`` where this
        environment lacks what the recipe is about.
        """
        raise NotImplementedError

    def running(self, k: "Keras", model: Any, sign: str) -> Any:
        """``model`` if it predicts here; not available where the refusal has ``sign`` in it."""
        inputs = self.inputs()
        try:
            observe.predict(k, model, inputs)
        except Exception as error:
            said = [line.strip() for line in str(error).splitlines() if sign in line]
            if not said:
                raise
            k.not_available(f"builds here, and cannot predict: {said[-1]}")
        return model

    def fill(self, model: Any, salt: str, fill: Any) -> None:
        """Set the weights of all layers, or of those in ``filled``."""
        fill.set_weights(model, salt, self.filled)

    def targets(self, outputs: Arrays) -> Arrays:
        """What the one training step aims at, given the untrained outputs (list of arrays)."""
        return [value * 0.5 for value in outputs]

    # Optional: ``expected(self, k, weights, inputs)`` computes the outputs in plain NumPy.
    # weights: {layer name: list of arrays}; inputs as from ``inputs()``; returns a list of arrays.
    expected: Any = None
