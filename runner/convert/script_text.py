"""The conversion as one complete Python script, which is what runs and what is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONVERT = (
    "translation_rules",
    "tfjs_files",
    "saved_files",
    "keras1_names",
    "model_graph",
    "target_keras",
    "weight_forms",
    "layer_rules",
    "operation_calls",
    "replaced_layers",
    "rebuild",
    "weight_order",
    "weight_digests",
    "assign_weights",
    "checkpoint_files",
    "layer_skeleton",
    "weights_alone",
    "training_state",
    "graph_files",
    "graph_export",
    "convert_main",
)
CHECK = (
    *("translation_rules", "target_keras", "weight_digests", "layer_skeleton", "graph_files"),
    *("tfjs_files", "training_state", "check_main"),
)
FOLDER = Path(__file__).parent / "script"
_OWN_IMPORT = re.compile(r"^[ \t]*from \.\w+ import [^\n(]*\n", re.MULTILINE)
_IMPORT = re.compile(r"^(?:import [\w.]+(?: as \w+)?|from \w+ import [^\n(]*)\n", re.MULTILINE)
_DOCSTRING = re.compile(r'\A"""(.*?)"""\n', re.DOTALL)
_NOQA = re.compile(r"  # noqa: [A-Z0-9, ]+(?: - [^\n]*)?$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptOptions:
    """What differs between two conversion scripts."""

    keras: str = "auto"
    way: str = "auto"
    format: str = "keras"
    force: bool = False
    trusted: bool = False
    kept: str = ""  # the whole model is written as well, under the name with this end
    training: bool = True  # carry over compile settings and the optimizer's state
    custom: str | None = None  # a file with the author's classes
    yaml_as_json: tuple[tuple[str, str], ...] = ()  # SHA-256 of a YAML text, the same as JSON


def conversion_script(options: ScriptOptions) -> str:
    """The conversion: needs Python 3.6, NumPy, h5py and the target's Keras."""
    title = "Convert saved Keras models: python mend.py FILE NEW [FILE NEW ...]"
    values = {
        "KERAS": options.keras,
        "WAY": options.way,
        "FORMAT": options.format,
        "FORCE": options.force,
        "TRUSTED": options.trusted,
        "CUSTOM": options.custom,
        "KEPT": options.kept,
        "TRAINING": options.training,
        "YAML_AS_JSON": dict(options.yaml_as_json),
    }
    return _joined(title, CONVERT, values)


def check_script(keras: str, custom: str | None = None) -> str:
    """What loads files by plain ``load_model`` and keeps what they predict."""
    title = "Load saved models and predict: python check.py JOBS.json"
    return _joined(title, CHECK, {"KERAS": keras, "CUSTOM": custom})


def _joined(title: str, parts: Sequence[str], values: Mapping[str, object]) -> str:
    imports: set[str] = set()
    bodies = []
    for part in parts:
        text = (FOLDER / f"{part}.py").read_text("utf-8")
        found = _DOCSTRING.match(text)
        text = _OWN_IMPORT.sub("", _DOCSTRING.sub("", text, count=1))
        imports.update(line.strip() for line in _IMPORT.findall(text))
        text = _NOQA.sub("", _IMPORT.sub("", text))
        words = found.group(1).strip().splitlines()[0] if found else part
        bodies.append(f"# {words}\n\n{text.strip()}\n")
    text = f'"""{title}"""\n\n' + "\n".join(sorted(imports)) + "\n\n\n" + "\n\n".join(bodies)
    for name, value in values.items():
        line = f"{name} = {value!r}"
        pattern = re.compile(rf"^{name} = .*$", re.MULTILINE)
        text = pattern.sub(lambda _, line=line: line, text, count=1)  # type: ignore[misc]
    return text
