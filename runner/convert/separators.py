"""A ``.keras`` archive of Windows with this system's separators, for Keras 2.13 to 2.15 to read."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

OF_2_13 = "_layer_checkpoint_dependencies"
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
