"""Zips: the ``.keras`` format, and others that are taken for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.model.inspection import FileFormat, Level
from runner.modelfile import limits
from runner.modelfile import printable as text
from runner.modelfile.formats import archive
from runner.modelfile.formats.parse import NotReadable, parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runner.modelfile.draft import Draft

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
INSIDE = (".h5", ".hdf5", ".keras", "saved_model.pb", ".tflite", ".onnx")
ASSETS = ("assets/", METADATA, CONFIG, WEIGHTS)


def read_zip(draft: Draft, path: Path) -> None:
    """Fill in everything a zip says."""
    try:
        members = archive.open_zip(path)
    except archive.NotReadable as error:
        _broken(draft, path, error)
        return
    except limits.TooMuch as error:
        draft.problem("too-much", f"{error}: it is no saved model")
        return
    with members.file:
        draft.files = len(members.infos)
        if CONFIG in members.infos:
            _keras(draft, path, members)
        else:
            _other(draft, members.infos)


def _keras(draft: Draft, path: Path, members: archive.Members) -> None:
    draft.format = FileFormat.KERAS
    metadata = _json(draft, members, METADATA) if METADATA in members.infos else None
    take_metadata(draft, metadata)
    config = _json(draft, members, CONFIG)
    if isinstance(config, dict):
        draft.model(config)
    elif config is not None:
        draft.problem("not-a-model", f"its {CONFIG} holds no model")
    if METADATA not in members.infos:
        draft.remark("no-metadata", Level.NOTE, f"it has no {METADATA}: its version is unknown")
    _weights(draft, path, members)
    strange = [name for name in members.infos if not name.startswith(ASSETS)]
    escaping = [name for name in members.infos if name.startswith("/") or ".." in name.split("/")]
    if escaping:
        draft.problem(
            "unsafe-member",
            f"a member's path leads outside: {text.clean(escaping[0])}; do not unpack it",
        )
    elif strange:
        draft.remark(
            "extra-members",
            Level.NOTE,
            f"has {text.counted(len(strange), 'member')} that Keras did not write, such as "
            f"{text.clean(strange[0])}",
        )


def take_metadata(draft: Draft, metadata: Any) -> None:  # noqa: ANN401
    """``metadata.json``: who saved it, and when."""
    if isinstance(metadata, dict):
        draft.saved_by(
            keras=text.optional(metadata.get("keras_version"), 40),
            saved=text.optional(metadata.get("date_saved"), 40),
            told_by=METADATA,
        )


def _weights(draft: Draft, path: Path, members: archive.Members) -> None:
    sharded = [name for name in members.infos if name.endswith((".weights.h5", ".weights.json"))]
    if WEIGHTS not in members.infos:
        if not sharded:
            draft.problem("no-weights", f"its weights are missing: it has no {WEIGHTS}")
        return
    from runner.modelfile.formats.hdf5_reader import (  # noqa: PLC0415 - h5py: 0.2 s
        read_weights_member,
    )

    try:
        with members.open(WEIGHTS, path) as stream:
            error = read_weights_member(draft, stream)
        if error is not None:
            members.check(WEIGHTS)
            draft.refused(f"HDF5, of its {WEIGHTS},", error)
    except archive.Damaged as error:
        draft.damaged(f"its weights cannot be unpacked ({error})")
    except archive.NotReadable as error:
        draft.not_read(f"its {WEIGHTS}", error)
    except limits.TooMuch as error:
        draft.remark("weights-not-read", Level.NOTE, f"{error}; its weights were not looked at")


def _json(draft: Draft, members: archive.Members, name: str) -> Any:  # noqa: ANN401
    try:
        return parse_json(members.read(name))
    except archive.Damaged as error:
        draft.damaged(f"its {name} cannot be unpacked ({error})")
    except archive.NotReadable as error:
        draft.not_read(f"its {name}", error)
    except NotReadable as error:  # its checksum is right: it was saved so
        draft.problem("not-a-model", f"its {name} is not JSON ({error})")
    except limits.TooMuch as error:
        draft.problem("too-much", f"{error}; it was not looked at")
    return None


def _broken(draft: Draft, path: Path, error: archive.NotReadable) -> None:
    """Describe a zip without its table of contents, mostly the first part of one."""
    found = archive.rescue(path, (METADATA, CONFIG))
    for name, data in found.items():
        draft.format = FileFormat.KERAS
        try:
            value = parse_json(data)
        except (NotReadable, limits.TooMuch):
            continue
        if name == METADATA:
            take_metadata(draft, value)
        else:
            draft.model(value)
    if isinstance(error, archive.Damaged):
        draft.damaged(str(error), truncated=True)
    else:
        draft.refused("Python's zipfile", error)


def _other(draft: Draft, names: Iterable[str]) -> None:
    names = list(names)
    if any(name.endswith("data.pkl") for name in names):
        draft.format = FileFormat.TORCH
        draft.code("pickle", "data.pkl", "a pickle: loading it runs what it says")
        draft.problem("not-keras", "a PyTorch file; Keras does not read it")
    elif names and all(name.endswith(".npy") for name in names):
        draft.format = FileFormat.NUMPY
        draft.problem("not-keras", "NumPy arrays (.npz), no model")
    else:
        draft.format = FileFormat.ARCHIVE
        inside = [name for name in names if name.endswith(INSIDE)]
        if METADATA in names:
            draft.format = FileFormat.KERAS
            draft.problem("no-config", f"a .keras zip without its {CONFIG}: no Keras loads it")
        elif inside:
            draft.problem(
                "packed",
                f"a zip around a model, {text.clean(inside[0])}: unpack it, then inspect that",
            )
        else:
            draft.problem("not-keras", f"a zip without a model: it has no {CONFIG}")
