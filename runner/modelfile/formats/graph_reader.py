"""TensorFlow's protocol buffers: SavedModel folders, checkpoints, graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.inspection import Architecture, FileFormat, Level, Weights
from runner.modelfile import limits
from runner.modelfile import printable as text
from runner.modelfile.formats import checkpoint_index as table
from runner.modelfile.formats import protobuf, savedmodel

if TYPE_CHECKING:
    from pathlib import Path

    from runner.modelfile.draft import Draft
    from runner.modelfile.formats.savedmodel import GraphFacts, Signature

# Ops that reach outside of the graph; PyFunc needs the very process that saved it.
OUTWARD = {
    "PyFunc": "calls Python of the process that saved it: fails everywhere else",
    "PyFuncStateless": "calls Python of the process that saved it: fails everywhere else",
    "EagerPyFunc": "calls Python of the process that saved it: fails everywhere else",
    "ReadFile": "reads files",
    "WriteFile": "writes files",
    "MatchingFiles": "lists files",
    "LoadLibrary": "loads a library",
    "InitializeTableFromTextFileV2": "reads its vocabulary from a file",
}
SERVING = ("serving_default", "serve", "call")
GRAPH_BYTES = 1 << 30


def read_bytes(draft: Draft, path: Path) -> memoryview | None:
    """Return a protocol buffer as a whole.

    None, and a problem, where it is too large to look at.
    """
    size = path.stat().st_size
    if size > GRAPH_BYTES:
        draft.problem("too-much", f"{path.name} has {text.size(size)}, more than is looked at")
        return None
    return memoryview(path.read_bytes())


def read_saved_model(draft: Draft, folder: Path) -> None:
    """Fill in everything a SavedModel folder says."""
    draft.format = FileFormat.SAVEDMODEL
    data = read_bytes(draft, folder / "saved_model.pb")
    if data is None:
        return
    try:
        facts = savedmodel.read_saved_model(data)
    except (protobuf.NotProtobuf, limits.TooMuch) as error:
        _unread(draft, "saved_model.pb", error)
        return
    if facts is None:
        draft.problem("no-graph", "its saved_model.pb holds no graph")
        return
    _graph(draft, facts)
    _keras(draft, facts, folder / "keras_metadata.pb")
    _variables(draft, folder)


def _unread(draft: Draft, name: str, error: Exception) -> None:
    """Bytes that break the wire format are damaged; a bound of this reader says nothing of them."""
    if isinstance(error, (protobuf.NotSupported, limits.TooMuch)):
        draft.not_read(f"its {name}", error)
    else:
        draft.damaged(f"{name} is not a valid message ({error})")


def _keras(draft: Draft, facts: GraphFacts, metadata: Path) -> None:
    root = facts.keras
    if metadata.is_file() and (data := read_bytes(draft, metadata)) is not None:
        try:
            root = savedmodel.read_keras_metadata(data) or root
        except protobuf.NotSupported as error:
            draft.not_read(metadata.name, error)
        except protobuf.NotProtobuf as error:
            draft.remark("damaged-metadata", Level.TRAP, f"{metadata.name} is damaged ({error})")
    if root is None:
        words = "no Keras model inside, a plain graph"
        if not facts.objects:
            words = "a TensorFlow 1 graph, no Keras model inside"
        name = facts.signatures[0].name if facts.signatures else "serving_default"
        best = _serving(facts.signatures)
        draft.remark(
            "graph-only",
            Level.TRAP,
            f"{words}: call it with tf.saved_model.load(folder).signatures"
            f"['{best.name if best else name}'](...), or wrap it in keras.layers.TFSMLayer",
        )
        return
    draft.saved_by(
        keras=text.optional(root.get("keras_version"), 40),
        backend=text.optional(root.get("backend"), 40),
        told_by="the model's metadata",
    )
    config = root.get("model_config") or root
    if isinstance(config, dict):
        draft.model({**config, "batch_input_shape": root.get("batch_input_shape")})
    draft.trained(root.get("training_config"))
    _signature_shapes(draft, facts.signatures)


def _serving(signatures: tuple[Signature, ...]) -> Signature | None:
    named = {one.name: one for one in signatures if one.name != "__saved_model_init_op"}
    first = next(iter(named.values()), None)
    return next((named[name] for name in SERVING if name in named), first)


def _graph(draft: Draft, facts: GraphFacts) -> None:
    draft.saved_by(
        tensorflow=facts.tensorflow,
        tensorflow_git=facts.tensorflow_git,
        told_by="saved_model.pb",
    )
    draft.architecture = None
    best = _serving(facts.signatures)
    if best is not None:
        draft.architecture = Architecture(
            class_name="graph", name=best.name, inputs=best.inputs, outputs=best.outputs
        )
    for op, words in OUTWARD.items():
        if op in facts.ops:
            draft.code("graph op", op, words)


def _signature_shapes(draft: Draft, signatures: tuple[Signature, ...]) -> None:
    """Add shapes from the signature, which the config may lack."""
    best = _serving(signatures)
    known = draft.architecture
    if best is None or known is None:
        return
    draft.architecture = Architecture(
        class_name=known.class_name,
        name=known.name,
        layers=known.layers,
        inputs=known.inputs if all(one.shape for one in known.inputs) and known.inputs
        else best.inputs,
        outputs=known.outputs if all(one.shape for one in known.outputs) and known.outputs
        else best.outputs,
        dtypes=known.dtypes,
    )  # fmt: skip


def _variables(draft: Draft, folder: Path) -> None:
    index = folder / "variables" / "variables.index"
    if not index.is_file():
        draft.remark(
            "no-weights", Level.TRAP, "it has no variables/variables.index: its weights are missing"
        )
        draft.weights = Weights(present=False)
        return
    read_index(draft, index)


def read_index(draft: Draft, index: Path) -> None:
    """Read the weights that the index of a checkpoint lists, and whether their data exists."""
    data = read_bytes(draft, index)
    if data is None:
        return
    try:
        entries = table.entries(data)
    except table.NotReadable as error:
        draft.damaged(f"{index.name} is not a valid index ({error})")
        return
    except table.NotSupported as error:
        draft.not_read(index.name, error)
        return
    own = [one for one in entries if one.variable and not one.training]
    draft.weights = Weights(
        present=bool(own),
        arrays=len(own),
        parameters=sum(one.elements for one in own),
        dtypes=tuple(dict.fromkeys(one.dtype for one in own)),
        training_arrays=sum(1 for one in entries if one.variable and one.training),
    )
    if not any(index.parent.glob(f"{_escaped(index.stem)}.data-*")):
        draft.problem(
            "no-weights", f"its weights are missing: there is no {index.stem}.data-… beside it"
        )


def _escaped(name: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


def read_checkpoint(draft: Draft, index: Path) -> None:
    """Fill in everything a checkpoint says: ``prefix.index`` and what lies beside it."""
    draft.format = FileFormat.CHECKPOINT
    read_index(draft, index)
    try:
        named = b"_CHECKPOINTABLE_OBJECT_GRAPH" in index.read_bytes()[: 1 << 20]
    except OSError:
        named = False
    meta = index.with_suffix(".meta")
    if meta.is_file() and (data := read_bytes(draft, meta)) is not None:
        try:
            facts = savedmodel.read_meta_graph(data)
        except (protobuf.NotSupported, limits.TooMuch) as error:
            draft.not_read(meta.name, error)
        except protobuf.NotProtobuf as error:
            draft.remark("damaged-metadata", Level.TRAP, f"{meta.name} is damaged ({error})")
        else:
            draft.saved_by(
                tensorflow=facts.tensorflow,
                tensorflow_git=facts.tensorflow_git,
                told_by=meta.name,
            )
    how = (
        "model.load_weights(prefix) in Keras 2 or tf_keras; Keras 3 has no reader"
        if named
        else "tf.compat.v1.train.Saver, or tf.train.load_checkpoint(prefix) and assign by name"
    )
    style = "by object paths (TensorFlow 2)" if named else "by variable names (TensorFlow 1)"
    draft.problem(
        "weights-only",
        f"weights only, {style}: build the model in code, then {how}",
    )


def read_bare_graph(draft: Draft, data: memoryview) -> None:
    """Read a frozen graph: a ``.pb`` that is not a SavedModel."""
    draft.format = FileFormat.GRAPH
    try:
        ops = savedmodel.ops_of(data)
    except limits.TooMuch as error:
        draft.not_read("its graph", error)
        return
    except protobuf.NotProtobuf as error:
        # Its first node alone said what it is: another kind of message may begin the same way.
        draft.problem("unknown", f"it begins like a TensorFlow graph, and is not one ({error})")
        return
    for op, words in OUTWARD.items():
        if op in ops:
            draft.code("graph op", op, words)
    draft.weights = Weights(present="Const" in ops, arrays=ops.get("Const", 0))
    draft.problem(
        "graph-only",
        "a frozen TensorFlow graph, no Keras model: run it with "
        "tf.compat.v1.import_graph_def, or tf.compat.v1.wrap_function",
    )
