"""HDF5 files of Keras: a whole model, or weights in one of two layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from runner.model.inspection import FileFormat, Level, Weights
from runner.modelfile import limits
from runner.modelfile import printable as text
from runner.modelfile.formats import hdf5_attributes as hdf5
from runner.modelfile.formats.hdf5_superblock import superblock
from runner.modelfile.formats.parse import NotReadable, parse_json

if TYPE_CHECKING:
    from pathlib import Path

    from runner.modelfile.draft import Draft

UNREAD = object()  # of an attribute about which something was said already
ABSURD = 1000  # times the bytes that are stored


def read_hdf5(draft: Draft, path: Path, head: bytes) -> None:
    """Fill in everything an HDF5 file says."""
    first = superblock(head)
    if first is not None and first.length > draft.bytes:
        words = f"{draft.bytes:,} of {first.length:,} bytes are there"
        draft.damaged(words, truncated=True)
    elif first is not None and first.base > draft.bytes:
        draft.damaged("its first block names an address behind its end")
    try:
        found = hdf5.read(path)
    except limits.TooMuch as error:
        draft.not_read("it", error)
        return
    except hdf5.NotReadable as error:
        if not draft.remarks:
            draft.refused("HDF5", error)
        return
    draft.format = layout_of(found)
    _versions(draft, found)
    take_arrays(draft, found)
    if draft.format is FileFormat.H5:
        _model(draft, found)
    elif draft.format is FileFormat.HDF5:
        draft.problem(
            "not-keras",
            "HDF5, but not written by Keras: it has neither a model nor weights as Keras has them",
        )
    else:
        _weights_only(draft, path)


def layout_of(found: hdf5.Hdf) -> FileFormat:
    """Which of Keras's layouts it is."""
    if "model_config" in found.attributes:
        return FileFormat.H5
    if found.layer_names or "layer_names" in found.attributes or "model_weights" in found.groups:
        return FileFormat.LEGACY_WEIGHTS
    if {"layers", "_layer_checkpoint_dependencies", "vars"} & set(found.groups) or any(
        "/vars/" in array.path for array in found.arrays
    ):
        return FileFormat.WEIGHTS_H5
    return FileFormat.HDF5


def take_arrays(draft: Draft, found: hdf5.Hdf, *, whole: bool = True) -> None:
    """Count the arrays, and say what is odd about them. ``whole``: arrays must be there."""
    own = [array for array in found.arrays if not array.training]
    draft.weights = Weights(
        present=bool(own),
        arrays=len(own),
        parameters=sum(array.elements for array in own),
        dtypes=tuple(dict.fromkeys(array.dtype for array in own)),
        training_arrays=len(found.arrays) - len(own),
    )
    if found.unread:
        draft.remark(
            "unread-parts",
            Level.TRAP,
            f"{text.counted(len(found.unread), 'part')} of it could not be read, "
            f"{found.unread[0]}: a loader that needs it fails",
        )
    if found.links:
        draft.remark(
            "links",
            Level.TRAP,
            f"has links, such as {found.links[0]}: they were not followed, and Keras 3.12.2 and "
            "later refuse them",
        )
    absurd = [
        array
        for array in found.arrays
        if array.elements * array.itemsize > ABSURD * max(array.stored, draft.bytes)
    ]
    if absurd:
        draft.problem(
            "absurd-shape",
            f"{absurd[0].path} is stored in {text.size(absurd[0].stored)} and takes "
            f"{text.size(absurd[0].elements * absurd[0].itemsize)} in memory: a loader may run out "
            "of it",
        )
    if whole and not own and not found.unread and found.layer_names:
        draft.remark("no-weights", Level.NOTE, "holds no weights: its layers have none")


def _versions(draft: Draft, found: hdf5.Hdf) -> None:
    for source in (found.attributes, found.model):
        for name in ("keras_version", "backend"):
            value = source.get(name)
            key = "keras" if name == "keras_version" else name
            if isinstance(value, str) and getattr(draft.saver, key) is None:
                draft.saved_by(**{key: text.clean(value, 40)})
                if key == "keras":
                    draft.saved_by(told_by="attribute keras_version")


def _model(draft: Draft, found: hdf5.Hdf) -> None:
    config = _attribute(draft, found, "model_config")
    if config is UNREAD:
        return
    if not isinstance(config, dict):
        draft.problem("not-a-model", "its attribute model_config holds no model")
        return
    draft.model(config)
    draft.trained(_attribute(draft, found, "training_config"))
    if (
        draft.weights is not None
        and not draft.weights.present
        and "model_weights" not in (found.groups)
    ):
        draft.problem("no-weights", "its weights are missing: it has no group model_weights")


def _attribute(draft: Draft, found: hdf5.Hdf, name: str) -> Any:  # noqa: ANN401
    value = found.attributes.get(name)
    if not isinstance(value, str):
        return None
    try:
        return parse_json(value)
    except limits.TooMuch as error:
        draft.not_read(f"its attribute {name}", error)
    except NotReadable as error:
        draft.problem("not-a-model", f"its attribute {name} is not JSON ({error})")
    return UNREAD


def _weights_only(draft: Draft, path: Path) -> None:
    draft.problem(
        "weights-only",
        "weights only: load_model cannot work. Build the same model in code (or from its JSON), "
        "then model.load_weights()",
    )
    legacy = draft.format is FileFormat.LEGACY_WEIGHTS
    if legacy and path.name.endswith(".weights.h5"):
        draft.remark(
            "legacy-layout",
            Level.TRAP,
            "the layout is the old one, by layer names; the name says the new one. Rename it to "
            f"{path.name.removesuffix('.weights.h5')}.h5 before load_weights()",
        )
    elif not legacy and not path.name.endswith(".weights.h5"):
        draft.remark(
            "new-layout",
            Level.TRAP,
            "the layout is that of .weights.h5, by object paths; load_weights() reads it only "
            f"under a name such as {path.stem}.weights.h5",
        )


def read_weights_member(draft: Draft, stream: BinaryIO) -> hdf5.NotReadable | None:
    """Return the weights inside a ``.keras`` zip; the error where HDF5 refuses them."""
    try:
        take_arrays(draft, hdf5.read(stream), whole=False)
    except limits.TooMuch as error:
        draft.not_read("its weights", error)
    except hdf5.NotReadable as error:
        return error
    return None
