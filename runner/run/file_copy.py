"""Copy a user's file for the worker: under its own name and under that of its format."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from runner.errors import ExitCode, ToolError
from runner.model.inspection import FileFormat
from runner.model.matrix import Format
from runner.model.user_file import ExternalFile, FileCopy, InputHint
from runner.modelfile.formats.parse import NotReadable, parse_json, parse_yaml, yaml_as_json
from runner.store.artifact_store import folder_digest

if TYPE_CHECKING:
    from pathlib import Path

    from runner.model.inspection import Inspection

OWN = "own"  # the folder with the file as its owner calls it
CUSTOM = "custom"
FORMATS = {
    FileFormat.H5: (Format.H5, "model.h5"),
    FileFormat.KERAS: (Format.KERAS, "model.keras"),
    FileFormat.SAVEDMODEL: (Format.SAVEDMODEL, "model"),
    FileFormat.JSON: (Format.JSON, "model.json"),
    FileFormat.YAML: (Format.JSON, "model.json"),
}
ENDINGS = {
    FileFormat.H5: (".h5", ".hdf5"),
    FileFormat.KERAS: (".keras",),
}


def can_be_copied(inspection: Inspection) -> bool:
    """Whether any Keras could load it; a file that only might be whole is tried as well."""
    return inspection.format in FORMATS


def copy_file(inspection: Inspection, path: Path, folder: Path, custom: Path | None) -> FileCopy:
    """Copy the file below ``folder``: a loader may write, and never into the user's own file.

    Raises ToolError when there is no room, or a file cannot be read.
    """
    format_, name = FORMATS[inspection.format]
    if inspection.format is FileFormat.SAVEDMODEL and path.is_file():
        path = path.parent  # its saved_model.pb was named
    own = folder / OWN / path.name
    try:
        own.parent.mkdir(parents=True)
        _copy(path, own)
        different = _canonical(inspection, own, folder / name)
        target = None
        if custom is not None:
            (folder / CUSTOM).mkdir()
            target = f"{CUSTOM}/{custom.name}"
            _copy_custom(custom, folder / CUSTOM)
    except OSError as error:
        raise ToolError(f"{path}: cannot be copied to {folder} ({error})") from error
    return FileCopy(
        folder=folder,
        digest=folder_digest(folder),
        format=format_,
        external=ExternalFile(
            name=f"{OWN}/{path.name}",
            canonical=name,
            misnamed=different or _misnamed(inspection, path),
            architecture=inspection.format in (FileFormat.JSON, FileFormat.YAML),
            yaml=inspection.format is FileFormat.YAML,
            custom=target,
            asked=tuple(one.key for one in inspection.custom),
            hints=_hints(inspection),
        ),
        yaml_as_json=_yaml_as_json(inspection, own),
    )


def _yaml_as_json(inspection: Inspection, own: Path) -> tuple[str, str] | None:
    if inspection.format is not FileFormat.YAML:
        return None
    return yaml_as_json(own.read_text("utf-8", "replace"))


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _copy_custom(custom: Path, folder: Path) -> None:
    """Copy the user's Python file and its neighbours, which it may import."""
    if not custom.is_file() or custom.suffix != ".py":
        raise ToolError(f"--custom {custom}: not a Python file", exit_code=ExitCode.USAGE)
    for path in sorted(custom.parent.glob("*.py")):
        shutil.copyfile(path, folder / path.name)


def _canonical(inspection: Inspection, own: Path, target: Path) -> bool:
    """Return the same under its format's name. True where its content had to be unwrapped."""
    if inspection.format not in (FileFormat.JSON, FileFormat.YAML):
        _copy(own, target)
        return False
    text = own.read_text("utf-8", "replace")
    try:
        if inspection.format is FileFormat.YAML:
            target.write_text(json.dumps(parse_yaml(text)[0]), "utf-8")
            return False
        value = parse_json(text)
        target.write_text(value if isinstance(value, str) else text, "utf-8")
        return isinstance(value, str)
    except (NotReadable, TypeError):
        target.write_text(text, "utf-8")
        return False


def _misnamed(inspection: Inspection, path: Path) -> bool:
    endings = ENDINGS.get(inspection.format)
    return endings is not None and path.suffix.lower() not in endings


def _hints(inspection: Inspection) -> tuple[InputHint, ...]:
    if inspection.architecture is None:
        return ()
    return tuple(
        InputHint(shape=one.shape, dtype=one.dtype, below=one.below)
        for one in inspection.architecture.inputs
    )
