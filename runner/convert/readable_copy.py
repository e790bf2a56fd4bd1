"""Copies of originals that an environment reads: other names or form, the same numbers."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

OF_2_13 = "_layer_checkpoint_dependencies"
SHAPES = ("batch_input_shape", "input_length", "input_dim", "input_dtype")
MERGES = {
    "sum": "Add",
    "mul": "Multiply",
    "ave": "Average",
    "max": "Maximum",
    "concat": "Concatenate",
}
WEIGHTS = "model.weights.h5"
MOST_BYTES = 1 << 31  # of the weights, unpacked


def with_own_separators(path: Path, new: Path) -> bool:
    """Write the same archive with slashes in its names; False where it has no backslashes."""
    import h5py  # noqa: PLC0415 - slow to import

    with zipfile.ZipFile(path) as archive:
        members = {one.filename: one for one in archive.infolist()}
        if WEIGHTS not in members or members[WEIGHTS].file_size > MOST_BYTES:
            return False
        renamed = any("\\" in name for name in members)
        buffer = io.BytesIO()
        with (
            h5py.File(io.BytesIO(archive.read(WEIGHTS)), "r") as old,
            h5py.File(buffer, "w") as weights,
        ):
            renamed = _copy(old, weights) or renamed
        if not renamed:
            return False
        with zipfile.ZipFile(new, "w") as done:
            for name in members:
                data = buffer.getvalue() if name == WEIGHTS else archive.read(name)
                done.writestr(name.replace("\\", "/"), data)
    return True


def _copy(old: Any, new: Any) -> bool:  # noqa: ANN401 - groups of h5py, which has no types
    renamed = False
    names = {name: name.replace("\\", "/") for name in old}
    names = _numbered_as_later(names)
    for name, item in old.items():
        renamed = renamed or names[name] != name
        if hasattr(item, "shape"):
            new.create_dataset(names[name], data=item[()])
        else:
            renamed = _copy(item, new.require_group(names[name])) or renamed
    return renamed


def _numbered_as_later(names: dict[str, str]) -> dict[str, str]:
    """Keras 2.13 lists each layer twice and leaves gaps; 2.14 and later count without gaps."""
    classes: dict[str, list[str]] = {}
    for name, clean in names.items():
        if clean.startswith(f"{OF_2_13}/"):
            base = re.sub(r"_\d+$", "", clean)
            classes.setdefault(base, []).append(name)
    done = dict(names)
    for base, members in classes.items():
        members.sort(key=lambda name: int(names[name].removeprefix(base).lstrip("_") or 0))
        later = base.replace(OF_2_13, "layers", 1)
        for number, name in enumerate(members):
            done[name] = f"{later}_{number}" if number else later
    return done


def without_training_settings(path: Path, new: Path) -> bool:
    """Copy an HDF5 file of Keras 1 or 2.0 without what Keras 2.3 refuses and no prediction needs.

    Regularizers and constraints have another form in Keras 2, and TimeDistributedDense is a
    TimeDistributed with a Dense inside. The type of an Embedding was that of its input. False where
    the file has none of them.
    """
    import h5py  # noqa: PLC0415 - slow to import

    with h5py.File(path, "r") as stream:
        raw = stream.attrs.get("model_config")
    if raw is None:
        return False
    config = json.loads(raw)
    changed = _without_training(config)
    if changed == config:
        return False
    shutil.copyfile(path, new)
    new.chmod(0o600)
    with h5py.File(new, "r+") as stream:
        stream.attrs["model_config"] = json.dumps(changed).encode()
        if "training_config" in stream.attrs:
            del stream.attrs["training_config"]
    return True


def architecture_of_keras1(text: str) -> str:
    """The same architecture without what Keras 2 refuses, and Merge as the layer of its mode."""
    return json.dumps(_without_training(json.loads(text)))


def _without_training(node: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(node, list):
        return [_without_training(one) for one in node]
    if not isinstance(node, dict):
        return node
    found: dict[str, Any] = {
        key: None if key.endswith(("_regularizer", "_constraint")) else _without_training(one)
        for key, one in node.items()
    }
    if node.get("class_name") == "Embedding":
        for key in ("dtype", "input_dtype"):
            if "int" in str(found["config"].get(key)):
                found["config"][key] = "float32"
    if node.get("class_name") == "Merge" and node["config"].get("mode") in MERGES:
        merged: dict[str, Any] = {"name": node["config"].get("name")}
        if node["config"]["mode"] == "concat":
            merged["axis"] = node["config"].get("concat_axis", -1)
        return {**found, "class_name": MERGES[node["config"]["mode"]], "config": merged}
    if node.get("class_name") == "TimeDistributedDense":
        config: dict[str, Any] = found["config"]
        inner = {key: one for key, one in config.items() if key not in SHAPES}
        kept = {key: one for key, one in config.items() if key in (*SHAPES[:1], "name")}
        inner["name"] = f"{kept['name']}_inner"
        layer = {"class_name": "Dense", "config": inner}
        return {"class_name": "TimeDistributed", "config": {**kept, "layer": layer}}
    return found
