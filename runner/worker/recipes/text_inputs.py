"""Text and categories as inputs: what the layers in front of a model know travels with it."""

from typing import TYPE_CHECKING, Any, Dict

import numpy as np

from ..aliases import Array, Arrays, Objects
from . import Recipe, recipe

if TYPE_CHECKING:
    from ..api import Keras

# Words by how often they occur: no two alike, so that a vocabulary has one order.
CORPUS = (
    "the film was good and the book was good",
    "the film was bad",
    "the film the book the film",
)
SENTENCES = ("the film was good", "a bad book", "", "the the unknown words")
COLOURS = ("red", "green", "blue")


def one_hot(indices: Any, size: int) -> Array:
    """Rows of ``size`` numbers with a one at each index."""
    return np.asarray(np.eye(size, dtype="float32")[np.asarray(indices).astype(int)])


def text_input(k: "Keras", width: int, name: str) -> Any:
    """An input of texts; not available where the backend has no type for them."""
    try:
        return k.Input(shape=(width,), dtype="string", name=name)
    except TypeError as error:  # Theano
        k.not_available(f"text is not an input here: {error}")


class TextRecipe(Recipe):
    """Sentences through a TextVectorization that was adapted to a corpus."""

    filled = ("embedding", "out")
    mode = "int"

    def inputs(self) -> Arrays:
        return [np.array(SENTENCES).reshape(4, 1)]

    def vectors(self, k: "Keras", source: Any) -> Any:
        """The vectors of the sentences; not available where text cannot be an input."""
        options = {"output_sequence_length": 5} if self.mode == "int" else {}
        try:
            layer = k.layer("TextVectorization")(output_mode=self.mode, name="vectors", **options)
            layer.adapt(np.array(CORPUS).reshape(3, 1))
            return layer(source)
        except (ImportError, ValueError, TypeError, AttributeError) as error:
            k.not_available(f"TextVectorization does not do {self.mode} here: {error}")

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = text_input(k, 1, "text")
        return k.Model(source, k.layers.Dense(2, name="out")(self.vectors(k, source)))


@recipe(
    "text_vectorization",
    title="TextVectorization to integers in front of an Embedding",
    exposes=("F65", "F57"),
)
class TextVectorizationInt(TextRecipe):
    """Its vocabulary lies in a table, in an asset file or in the config, by version and format."""

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = text_input(k, 1, "text")
        value = k.layers.Embedding(12, 3, name="embedding")(self.vectors(k, source))
        value = k.layers.Flatten(name="flat")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(value))


@recipe(
    "text_multi_hot",
    title="TextVectorization to which words occur",
    exposes=("F65", "F57"),
)
class TextMultiHot(TextRecipe):
    """The size of its output is that of the vocabulary."""

    mode = "multi_hot"


@recipe(
    "text_tf_idf",
    title="TextVectorization weighted by how rare words are",
    exposes=("F65", "F57"),
)
class TextTfIdf(TextRecipe):
    """It keeps a weight for each word beside the vocabulary."""

    mode = "tf_idf"


@recipe("string_lookup", title="StringLookup to one-hot vectors", exposes=("F65", "F57"))
class StringLookup(Recipe):
    """A vocabulary of texts given at construction, one unknown text among the inputs."""

    filled = ("out",)

    def inputs(self) -> Arrays:
        return [np.array(["red", "blue", "green", "mauve"]).reshape(4, 1)]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = text_input(k, 1, "colour")
        try:
            lookup = k.layer("StringLookup")(
                vocabulary=list(COLOURS), output_mode="one_hot", name="lookup"
            )
            value = lookup(source)
        except (ImportError, ValueError, TypeError) as error:
            k.not_available(f"StringLookup makes no one-hot vectors here: {error}")
        value = k.layers.Reshape((4,), name="row")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(value))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        places = {colour: number for number, colour in enumerate(COLOURS, 1)}
        rows = one_hot([places.get(str(text), 0) for text in inputs[0].ravel()], 4)
        return [rows.dot(weights["out"][0]) + weights["out"][1]]


@recipe("hashing", title="Hashing of texts in front of an Embedding", exposes=("F65",))
class Hashing(Recipe):
    """No vocabulary: the hash function itself has to stay what it was."""

    filled = ("embedding", "out")

    def inputs(self) -> Arrays:
        return [np.array([["red", "green"], ["blue", ""], ["mauve", "red"], ["ecru", "puce"]])]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = text_input(k, 2, "colours")
        try:
            value = k.layer("Hashing")(num_bins=7, name="hashing")(source)
        except (ImportError, ValueError, TypeError) as error:
            k.not_available(f"Hashing takes no text here: {error}")
        value = k.layers.Embedding(7, 3, name="embedding")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(k.layers.Flatten(name="flat")(value)))


@recipe(
    "category_encoding",
    title="Integers to which of them occur",
    exposes=("F19",),
)
class CategoryEncoding(Recipe):
    """Integer inputs into CategoryEncoding."""

    filled = ("out",)

    def inputs(self) -> Arrays:
        return [np.array([[0, 1, 1], [2, 3, 0], [3, 3, 3], [1, 2, 0]], dtype="int32")]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(3,), dtype="int32", name="categories")
        try:
            layer = k.layer("CategoryEncoding")(
                num_tokens=4, output_mode="multi_hot", name="encoding"
            )
        except (TypeError, ValueError) as error:
            k.not_available(f"CategoryEncoding takes no num_tokens here: {error}")
        return k.Model(source, k.layers.Dense(2, name="out")(layer(source)))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        rows = one_hot(inputs[0], 4).max(axis=1)
        return [rows.dot(weights["out"][0]) + weights["out"][1]]


@recipe(
    "discretization",
    title="Integers into bins, then one-hot vectors",
    exposes=("F19",),
)
class Discretization(Recipe):
    """Bin boundaries lie in the config; the input is integers."""

    filled = ("embedding", "out")

    def inputs(self) -> Arrays:
        return [np.array([[-3, 0], [1, 4], [5, 9], [100, 2]], dtype="int32")]

    def build(self, k: "Keras", objects: Objects) -> Any:
        source = k.Input(shape=(2,), dtype="int32", name="counts")
        try:
            value = k.layer("Discretization")(bin_boundaries=[0.0, 2.0, 5.0], name="bins")(source)
        except (ImportError, TypeError, ValueError) as error:
            k.not_available(f"Discretization takes no integers here: {error}")
        value = k.layers.Embedding(4, 3, name="embedding")(value)
        return k.Model(source, k.layers.Dense(2, name="out")(k.layers.Flatten(name="flat")(value)))

    def expected(self, k: "Keras", weights: Dict[str, Arrays], inputs: Any) -> Arrays:
        bins = np.digitize(inputs[0], [0.0, 2.0, 5.0])
        rows = weights["embedding"][0][bins].reshape(len(bins), -1)
        return [rows.dot(weights["out"][0]) + weights["out"][1]]
