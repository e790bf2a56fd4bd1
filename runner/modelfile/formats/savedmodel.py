"""``saved_model.pb`` and ``keras_metadata.pb``: versions, signatures, ops, the Keras config."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.model.inspection import TensorFacts
from runner.modelfile import limits
from runner.modelfile import printable as text
from runner.modelfile.formats import protobuf
from runner.modelfile.formats.checkpoint_index import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOTS = ("_tf_keras_sequential", "_tf_keras_network", "_tf_keras_model", "_tf_keras_layer")
DIMENSIONS = 64
OPS = 4_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """One endpoint of the graph."""

    name: str
    inputs: tuple[TensorFacts, ...]
    outputs: tuple[TensorFacts, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class GraphFacts:
    """What a meta graph says of itself."""

    tensorflow: str | None
    tensorflow_git: str | None
    producer: int | None
    tags: tuple[str, ...]
    signatures: tuple[Signature, ...]
    ops: Counter[str]
    objects: bool  # it holds a graph of objects: TensorFlow 2
    keras: dict[str, Any] | None  # the root's metadata, where the object graph holds it


def read_saved_model(data: memoryview) -> GraphFacts | None:
    """Return the first meta graph of ``saved_model.pb``; None without one. Raises NotProtobuf."""
    graph = protobuf.first(data, 2)
    if graph is None:
        return None
    return read_meta_graph(graph)


def read_meta_graph(data: memoryview) -> GraphFacts:
    """Return a meta graph, as in ``saved_model.pb`` and in a checkpoint's ``.meta`` file."""
    about = protobuf.first(data, 1) or memoryview(b"")
    graph = protobuf.first(data, 2) or memoryview(b"")
    versions = protobuf.first(graph, 4)
    objects = protobuf.first(data, 7)
    return GraphFacts(
        tensorflow=text.optional(protobuf.text(about, 5)),
        tensorflow_git=text.optional(protobuf.text(about, 6)),
        producer=None if versions is None else protobuf.number(versions, 1),
        tags=tuple(text.clean(bytes(tag).decode("utf-8", "replace")) for tag in _some(about, 4)),
        signatures=tuple(_signature(item) for item in _some(data, 5)),
        ops=ops_of(graph),
        objects=objects is not None,
        keras=None if objects is None else _keras_root(_user_objects(objects)),
    )


def _some(data: memoryview, wanted: int) -> Iterator[memoryview]:
    for count, item in enumerate(protobuf.messages(data, wanted)):
        if count >= limits.MEMBERS:
            return
        yield item


def ops_of(graph: memoryview) -> Counter[str]:
    """Count each op in a graph and in the functions of its library."""
    found: Counter[str] = Counter()
    for count, node in enumerate(_all_nodes(graph)):
        if count > OPS:
            raise limits.TooMuch(f"its graph has more than {OPS:,} nodes")
        found[text.clean(protobuf.text(node, 2) or "", 80)] += 1
    return found


def _all_nodes(graph: memoryview) -> Iterator[memoryview]:
    yield from protobuf.messages(graph, 1)
    for library in protobuf.messages(graph, 2):
        for function in protobuf.messages(library, 1):
            yield from protobuf.messages(function, 3)


def _signature(entry: memoryview) -> Signature:
    definition = protobuf.first(entry, 2) or memoryview(b"")
    return Signature(
        name=text.clean(protobuf.text(entry, 1) or ""),
        inputs=tuple(_tensor(item) for item in _some(definition, 1)),
        outputs=tuple(_tensor(item) for item in _some(definition, 2)),
    )


def _tensor(entry: memoryview) -> TensorFacts:
    info = protobuf.first(entry, 2) or memoryview(b"")
    shape = protobuf.first(info, 3)
    dtype = TYPES.get(protobuf.number(info, 2) or 0)
    name = text.clean(protobuf.text(entry, 1) or "")
    return TensorFacts(name=name, shape=_shape(shape), dtype=dtype)


def _shape(data: memoryview | None) -> tuple[int | None, ...] | None:
    if data is None or protobuf.number(data, 3):  # of unknown rank
        return None
    found: list[int | None] = []
    for dimension in protobuf.messages(data, 2):
        size = protobuf.number(dimension, 1) or 0
        found.append(size if size < 1 << 63 else None)  # -1 stands for any
        if len(found) > DIMENSIONS:
            return None
    return tuple(found)


def _user_objects(objects: memoryview) -> Iterator[tuple[str, memoryview]]:
    """Yield identifier and metadata of Keras objects in a graph of TensorFlow 2.0 to 2.4."""
    for node in protobuf.messages(objects, 1):
        user = protobuf.first(node, 4)
        if user is None:
            continue
        metadata = protobuf.first(user, 3)
        if metadata is not None:
            yield protobuf.text(user, 1) or "", metadata


def read_keras_metadata(data: memoryview) -> dict[str, Any] | None:
    """Return the root's metadata in ``keras_metadata.pb``, TensorFlow 2.5 and later."""
    found = []
    for node in protobuf.messages(data, 1):
        metadata = protobuf.first(node, 5)
        if metadata is not None:
            found.append((protobuf.text(node, 4) or "", metadata))
    return _keras_root(iter(found))


def _keras_root(items: Iterator[tuple[str, memoryview]]) -> dict[str, Any] | None:
    """Return the first object that is a model, or else the first layer: the root is saved first."""
    for identifier, metadata in items:
        if identifier in ROOTS and len(metadata) <= limits.CONFIG_BYTES:
            try:
                found = json.loads(bytes(metadata))
            except (ValueError, RecursionError):
                return None
            return found if isinstance(found, dict) else None
    return None


def is_saved_model(data: memoryview) -> bool:
    """Whether the bytes are a ``saved_model.pb``: a schema version, then meta graphs."""
    try:
        head = [(number, value) for number, value in protobuf.fields(data)]
    except protobuf.NotProtobuf:
        return False
    numbers = {number for number, _ in head}
    return (
        numbers <= {1, 2}
        and 2 in numbers
        and all(isinstance(value, int) == (number == 1) for number, value in head)
    )


def is_meta_graph(data: memoryview) -> bool:
    """Whether the bytes are a meta graph: about itself, then a graph with nodes."""
    try:
        about, graph = protobuf.first(data, 1), protobuf.first(data, 2)
        if about is None or graph is None:
            return False
        return protobuf.text(about, 5) is not None and is_graph(graph)
    except protobuf.NotProtobuf:
        return False


def is_graph(data: memoryview) -> bool:
    """Whether the bytes are a graph: its first field is a node with a name and an op."""
    try:
        number, value = next(protobuf.fields(data))
        if number != 1 or not isinstance(value, memoryview):
            return False
        name, op = protobuf.text(value, 1), protobuf.text(value, 2)
    except (protobuf.NotProtobuf, StopIteration):
        return False
    return bool(name) and bool(op) and (op or "").replace("_", "").replace(">", "").isalnum()
