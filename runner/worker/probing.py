"""Inputs for a model that nobody gave inputs for: of its own shapes, types and vocabularies.

They depend on the model alone, so that every environment makes the same. One set of inputs may not
suit the layers behind a free axis (several pools in a row need more steps than eight), so there are
others to try before a failure is the model's.
"""

import itertools
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from . import fill, nesting
from .aliases import Array, Json
from .layer_walk import every_layer
from .subject import NoInputs

ROWS = 4
MAX_ELEMENTS = 20000000  # of one input
# The size of a free axis, by the rank of the input. The first suits most models; images have to
# survive their pooling, sequences may be audio.
SIZES: Tuple[Dict[int, int], ...] = (
    {2: 8, 3: 16, 4: 64, 5: 16},
    {2: 64, 3: 128, 4: 224, 5: 32},
    {2: 1024, 3: 1024, 4: 512, 5: 64},
    {2: 16384, 3: 16384, 4: 299},
    {2: 4, 3: 4, 4: 32, 5: 8},
    {2: 1, 3: 1, 4: 28, 5: 4},
)
FREE = 8  # in an input of another rank
TEXTS = ("the", "film", "was", "good", "a", "bad", "book", "1", "0", "")


class Spec(NamedTuple):
    """One input: what the model says of it, and the values that a layer behind it knows."""

    shape: Tuple[Optional[int], ...]  # batch first
    dtype: str
    below: Optional[int] = None  # it takes integers below this
    known: Tuple[Any, ...] = ()  # a vocabulary, of texts or integers
    sentences: bool = False  # texts of several words

    @property
    def free(self) -> bool:
        """Whether an axis behind the batch has no size."""
        return None in self.shape[1:]

    @property
    def text(self) -> bool:
        """Whether it takes text."""
        return "string" in self.dtype or "object" in self.dtype

    @property
    def bounded(self) -> bool:
        """Whether the values that suit it are known, or any will do."""
        return self.text or self.dtype == "bool" or self.below is not None or bool(self.known)


class Wanted(NamedTuple):
    """What a model wants to be fed with. ``structure``: how its inputs are nested."""

    specs: List[Spec]
    structure: Any

    def candidates(self) -> Iterator[Any]:
        """Inputs to try one after the other, the likeliest first. Raises NoInputs."""
        first = True
        for sizes, below in self._variants():
            try:
                made = [
                    _array(number, spec, sizes, below) for number, spec in enumerate(self.specs)
                ]
            except NoInputs:
                if first:
                    raise
                continue
            first = False
            yield nesting.packed(self.structure, made)

    def _variants(self) -> List[Tuple[Dict[int, int], Optional[int]]]:
        """The sizes of free axes, and a bound for integers of inputs that have none."""
        sizes = SIZES if any(spec.free for spec in self.specs) else SIZES[:1]
        open_ended = any(not spec.bounded and _may_be_integers(spec) for spec in self.specs)
        bounds: Sequence[Optional[int]] = (None, 2) if open_ended else (None,)
        # A bound with the first sizes before larger ones: it costs less.
        return sorted(itertools.product(sizes, bounds), key=lambda one: sizes.index(one[0]))


def _may_be_integers(spec: Spec) -> bool:
    return "int" in spec.dtype or len(spec.shape) == 2


def wanted(model: Any, hints: Sequence[Json]) -> Wanted:
    """What a model wants; ``model`` None: only the file's own hints tell. Raises NoInputs."""
    tensors, structure = _inputs_of(model)
    specs = [_spec(tensor) for tensor in tensors]
    if not specs:
        specs = [
            Spec(tuple(hint["shape"]), hint["dtype"] or "float32")
            for hint in hints
            if hint["shape"] is not None
        ]
        structure = [None] * len(specs)
        if not specs or len(specs) < len(hints):
            raise NoInputs("the shapes of its inputs are not known; give some with --inputs")
    if isinstance(structure, list):  # in the order of the hints
        for number, hint in enumerate(hints[: len(specs)]):
            specs[number] = specs[number]._replace(below=hint["below"])
    for layer in every_layer(model):
        _learn(layer, tensors, specs)
    return Wanted(specs, nesting.packed(structure, [None] * len(specs)))


def _inputs_of(model: Any) -> Tuple[List[Any], Any]:
    """The input tensors of a model, flat, and nested as it takes them."""
    try:
        tensors = list(model.inputs or [])
    except (AttributeError, TypeError, ValueError):
        return [], []
    try:
        structure = model.input
    except Exception:  # Keras 2: called more than once, or never
        structure = tensors
    found = nesting.leaves(structure)
    if _is_nested(structure) and len(found) == len(tensors):
        return found, structure
    return tensors, tensors


def _is_nested(structure: Any) -> bool:
    """Whether the inputs have names, or lists in lists; one alone in a list is fed bare."""
    containers = (dict, list, tuple)
    if not isinstance(structure, (list, tuple)):
        return isinstance(structure, dict)
    return any(isinstance(item, containers) for item in structure)


def _spec(tensor: Any) -> Spec:
    shape = getattr(tensor, "_keras_shape", None)
    if shape is None:
        shape = tensor.shape
        shape = shape.as_list() if hasattr(shape, "as_list") else shape
    dtype = getattr(tensor, "dtype", None)
    return Spec(
        tuple(None if size is None else int(size) for size in shape),
        str(getattr(dtype, "name", dtype) or "float32"),
    )


# What the layers behind an input know


def _learn(layer: Any, tensors: List[Any], specs: List[Spec]) -> None:
    """Note the values that a layer takes at the inputs that it reads."""
    kind = type(layer).__name__
    below = {"Embedding": "input_dim", "CategoryEncoding": "num_tokens"}.get(kind)
    lookup = hasattr(layer, "get_vocabulary")
    if below is None and not lookup:
        return
    bound = getattr(layer, below, None) if below is not None else None
    vocabulary = _vocabulary(layer) if lookup else ()
    for number in _read_by(layer, tensors, specs, lookup):
        spec = specs[number]
        if vocabulary and spec.text == isinstance(vocabulary[0], str):
            known = spec.known + tuple(item for item in vocabulary if item not in spec.known)
            specs[number] = spec._replace(
                known=known, sentences=spec.sentences or kind == "TextVectorization"
            )
        elif vocabulary and not spec.text and getattr(layer, "invert", False):
            specs[number] = spec._replace(below=len(vocabulary) + 1)  # it turns numbers into texts
        elif isinstance(bound, int) and not spec.text:
            specs[number] = spec._replace(below=min(bound, spec.below or bound))


def _read_by(layer: Any, tensors: List[Any], specs: List[Spec], lookup: bool) -> List[int]:
    """The inputs that a layer is called on; for a vocabulary at worst all that could be."""
    try:
        direct = {id(leaf) for leaf in nesting.leaves(layer.input)}
    except Exception:  # called more than once, or never
        direct = set()
    found = [number for number, tensor in enumerate(tensors) if id(tensor) in direct]
    if found or not lookup:
        return found
    return [number for number, spec in enumerate(specs) if spec.text]


def _vocabulary(layer: Any) -> Tuple[Any, ...]:
    """The tokens a layer looks up, without those that stand for padding and for unknown ones."""
    try:
        tokens = list(layer.get_vocabulary())
    except Exception:  # not built: it has none yet
        return ()
    texts = [
        item.decode("utf-8", "replace") if isinstance(item, bytes) else item for item in tokens
    ]
    kept = [item for item in texts if item not in ("", "[UNK]", "[MASK]")]
    if kept and not isinstance(kept[0], str):
        return tuple(int(item) for item in kept if int(item) >= 0)
    return tuple(kept)


# Arrays


def _array(number: int, spec: Spec, sizes: Dict[int, int], below: Optional[int]) -> Array:
    free = sizes.get(len(spec.shape), FREE)
    shape = [free if size is None else size for size in spec.shape[1:]]
    rows = spec.shape[0] if spec.shape and spec.shape[0] is not None else ROWS
    if np.prod([rows, *shape]) > MAX_ELEMENTS:
        raise NoInputs(f"an input of shape {spec.shape} is too large; give some with --inputs")
    if spec.text:
        return _texts(spec, (rows, *shape) if spec.shape else ())
    if spec.known:
        return _chosen(spec.known, (rows, *shape)).astype(spec.dtype)
    if not spec.shape:
        values = fill.noise(f"input-{number}", ())
    else:
        values = fill.probes(f"input-{number}", tuple(shape), rows)
    bound = spec.below
    if bound is None and _may_be_integers(spec):
        bound = below
    if bound is not None:
        whole: Array = np.floor(np.abs(values) / 4.0 * bound).clip(0, max(0, bound - 1))
        return whole.astype("int32")
    if "int" in spec.dtype:
        counts: Array = np.floor(np.abs(values) * 2.0)
        return counts.astype(spec.dtype if "u" not in spec.dtype else "int32")
    if spec.dtype == "bool":
        return np.asarray(values > 0)
    return values.astype(spec.dtype if spec.dtype in ("float64", "float16") else "float32")


def _chosen(values: Sequence[Any], shape: Tuple[int, ...]) -> Array:
    """Values taken in turn, in strides, so that rows differ."""
    count = int(np.prod(shape))
    picked = [values[(number * 7 + number // 5) % len(values)] for number in range(count)]
    return np.array(picked).reshape(shape)


def _texts(spec: Spec, shape: Tuple[int, ...]) -> Array:
    """Words of the vocabulary and one that is not in it; sentences of four where it takes such."""
    words = [*spec.known[:40], TEXTS[0]] if spec.known else list(TEXTS)
    count = int(np.prod(shape)) if shape else 1
    if not spec.sentences:
        return _chosen(words, shape or (1,)).reshape(shape)
    sentences = _chosen(words, (count, 4)).tolist()
    return np.array([" ".join(line) for line in sentences]).reshape(shape)
