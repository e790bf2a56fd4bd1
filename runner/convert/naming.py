"""Which files belong together, and what the new ones are called."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from runner.convert.conversion import NewFormat, Source
from runner.convert.refusals import ARCHITECTURES, WEIGHTS
from runner.errors import ExitCode, ToolError
from runner.model.inspection import FileFormat

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.model.inspection import Inspection

TEXT = (".json", ".yaml", ".yml")
HDF5 = (".h5", ".hdf5")
CONFIGURATION = b"OBJECT_CONFIG_JSON"
SAVED = (*TEXT, *HDF5, ".keras", ".zip")
MOST_BYTES = 1 << 32  # of an archive, unpacked


def sources_in(path: Path) -> list[Path]:
    """A file, a SavedModel's folder, or the saved models of a folder. Raises ToolError."""
    if not path.exists():
        raise ToolError(f"{path}: no such file or folder", exit_code=ExitCode.USAGE)
    if not path.is_dir() or _is_one_model(path):
        return [path]
    found = sorted(
        one
        for one in path.iterdir()
        if not one.name.startswith(".") and (one.suffix.lower() in SAVED or _is_one_model(one))
    )
    if not found:
        raise ToolError(f"{path}: no saved model in this folder", exit_code=ExitCode.USAGE)
    return found


def _is_one_model(folder: Path) -> bool:
    """Return whether a folder is one saved model: a SavedModel, or a checkpoint."""
    return (folder / "saved_model.pb").exists() or (folder / "checkpoint").is_file()


def unpacked(source: Source, folder: Path) -> Source:
    """The model inside of a zip, as Teachable Machine gives it; any other source as it is."""
    path = source.path
    if path.suffix.lower() != ".zip" or not zipfile.is_zipfile(path):
        return source
    with zipfile.ZipFile(path) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        names = [PurePosixPath(one.filename).name for one in members]
        models = [name for name in names if PurePosixPath(name).suffix.lower() in (*HDF5, ".keras")]
        models = models or [name for name in names if name == "model.json"]
        if len(models) != 1 or sum(one.file_size for one in members) > MOST_BYTES:
            return source
        folder.mkdir(parents=True, exist_ok=True)
        for member, name in zip(members, names, strict=True):
            if name == models[0] or name.endswith(".bin"):
                with archive.open(member) as old, (folder / name).open("wb") as new:
                    shutil.copyfileobj(old, new)
    return Source(path=folder / models[0])


def pair_up(paths: Sequence[Path]) -> list[Source]:
    """An architecture and the HDF5 file named right after it, of two, are one model."""
    if len(paths) == 2:
        first, second = paths
        if first.suffix.lower() in TEXT and second.suffix.lower() in HDF5:
            return [Source(path=first, weights=second)]
    return [Source(path=path) for path in paths]


def format_of(source: Source, inspection: Inspection, wanted: NewFormat) -> NewFormat:
    """An architecture alone stays one, and so do weights alone."""
    if source.weights is not None:
        return wanted
    if inspection.format in ARCHITECTURES:
        return NewFormat.JSON
    if inspection.format is FileFormat.CHECKPOINT and not _with_configuration(source.path):
        return NewFormat.WEIGHTS_H5
    return NewFormat.WEIGHTS_H5 if inspection.format in WEIGHTS else wanted


def _with_configuration(path: Path) -> bool:
    """Whether a checkpoint of TensorFlow 1.12 to 2.0, which kept the model's configuration."""
    found = sorted(path.glob("*.index")) if path.is_dir() else [path]
    return any(CONFIGURATION in one.read_bytes()[: 1 << 20] for one in found)


def new_path(
    source: Source,
    inspection: Inspection,
    kind: NewFormat,
    word: str,
    output: Path | None,
    *,
    many: bool,
) -> Path:
    """Where the new file goes; ``word`` names the target in it."""
    kind = format_of(source, inspection, kind)
    if output is not None and not many and not output.is_dir() and output.suffix:
        return output
    stem = source.path.name if source.path.is_dir() else source.path.stem
    folder = source.path.parent if output is None else output
    return folder / f"{stem}.{word}{kind.suffix}"
