"""The files of the atlas: an index, and one file of cells for each saver.

JSON Lines, sorted, one fact a line, so that a new environment adds lines and a new measurement
with the same verdicts changes only ``index.json`` and ``provenance.jsonl``. Uncompressed, since
git and wheels compress it, and a compressed file would be new as a whole after every update.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from runner.errors import ToolError
from runner.json_values import MalformedJsonError, from_plain, to_plain
from runner.model.atlas_data import SCHEMA, Atlas, AtlasCell, AtlasIndex, Provenance, Unsaved
from runner.model.results import ScriptResult

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA = Path(__file__).resolve().parent / "data"  # the atlas that comes with kmatrix
INDEX = "index.json"
PROVENANCE = "provenance.jsonl"
UNSAVED = "unsaved.jsonl"
SCRIPTS = "scripts.jsonl"
CELLS = "cells"
Line = TypeVar("Line", AtlasCell, Provenance, Unsaved, ScriptResult)


def read_atlas(folder: Path = DATA, *, savers: Iterable[str] | None = None) -> Atlas:
    """Return the atlas of a folder, empty where there is none. savers: only the cells of these.

    Raises ToolError for a file that is not the atlas of this kmatrix.
    """
    file = folder / INDEX
    if not file.exists():
        return Atlas()
    data = _json(file, file.read_text("utf-8"))
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise ToolError(f"{file}: not an atlas of schema {SCHEMA}; write it anew: {_RENEW}")
    index = _value(AtlasIndex, data, file)
    ids = [item.id for item in index.environments]
    wanted = ids if savers is None else [name for name in ids if name in set(savers)]
    return Atlas(
        index=index,
        cells={name: _lines(AtlasCell, _cells_file(folder, name)) for name in wanted},
        provenance=_lines(Provenance, folder / PROVENANCE),
        unsaved=_lines(Unsaved, folder / UNSAVED),
        scripts=_lines(ScriptResult, folder / SCRIPTS) if wanted else (),
    )


def write_atlas(atlas: Atlas, folder: Path = DATA) -> tuple[Path, ...]:
    """Write an atlas; return the files that changed. Files of savers that are gone are removed."""
    provenance = sorted(atlas.provenance, key=lambda item: (item.saver, item.loader))
    unsaved = sorted(atlas.unsaved, key=lambda item: item.artifact)
    scripts = sorted(atlas.scripts, key=lambda item: item.id)
    texts = {
        folder / INDEX: _index_text(atlas.index),
        folder / PROVENANCE: _text(provenance),
        folder / UNSAVED: _text(unsaved),
        folder / SCRIPTS: _text(scripts),
    }
    for saver, cells in atlas.cells.items():
        own = sorted(cells, key=lambda item: item.cell)
        texts[_cells_file(folder, saver)] = _text(own)
    changed = [path for path, text in texts.items() if _write(path, text)]
    for path in sorted((folder / CELLS).glob("*.jsonl")):
        if path not in texts:
            path.unlink()
            changed.append(path)
    return tuple(changed)


def _cells_file(folder: Path, saver: str) -> Path:
    return folder / CELLS / f"{saver}.jsonl"


def _write(path: Path, text: str) -> bool:
    if path.exists() and path.read_text("utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)
    return True


def _index_text(index: AtlasIndex) -> str:
    return json.dumps({"schema": SCHEMA, **to_plain(index)}, indent=1, ensure_ascii=False) + "\n"


def _text(items: Iterable[object]) -> str:
    lines = (
        json.dumps(to_plain(item), ensure_ascii=False, separators=(",", ":")) for item in items
    )
    return "".join(f"{line}\n" for line in lines)


def _lines(kind: type[Line], path: Path) -> tuple[Line, ...]:
    if not path.exists():
        return ()
    text = path.read_text("utf-8")
    return tuple(_value(kind, _json(path, line), path) for line in text.splitlines() if line)


_RENEW = "kmatrix atlas update"
Value = TypeVar("Value")


def _value(kind: type[Value], data: object, path: Path) -> Value:
    try:
        return from_plain(kind, data)
    except MalformedJsonError as error:
        raise ToolError(f"{path}: damaged ({error}); write it anew: {_RENEW}") from error


def _json(path: Path, text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ToolError(f"{path}: damaged ({error}); write it anew: {_RENEW}") from error
