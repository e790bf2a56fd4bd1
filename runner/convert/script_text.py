"""The conversion as one complete Python script, which is what runs and what is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PARTS = (
    "translation_rules",
    "saved_files",
    "keras1_names",
    "model_graph",
    "target_keras",
    "weight_forms",
    "layer_rules",
    "operation_calls",
    "replaced_layers",
    "rebuild",
    "assign_weights",
    "convert_main",
)
FOLDER = Path(__file__).parent / "script"
_OWN_IMPORT = re.compile(r"^[ \t]*from \.\w+ import [^\n(]*\n", re.MULTILINE)
_IMPORT = re.compile(r"^(?:import \w+|from \w+ import [^\n(]*)\n", re.MULTILINE)
_DOCSTRING = re.compile(r'\A"""(.*?)"""\n', re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptOptions:
    """What differs between two scripts."""

    keras: str = "auto"
    way: str = "auto"
    format: str = "keras"
    force: bool = False
    trusted: bool = False
    yaml_as_json: tuple[tuple[str, str], ...] = ()  # SHA-256 of a YAML text, the same as JSON


def script_text(options: ScriptOptions) -> str:
    """The whole text: needs Python 3.6, NumPy, h5py and the target's Keras."""
    imports: set[str] = set()
    bodies = []
    for part in PARTS:
        text = (FOLDER / f"{part}.py").read_text("utf-8")
        title = _DOCSTRING.match(text)
        text = _DOCSTRING.sub("", text, count=1)
        text = _OWN_IMPORT.sub("", text)
        imports.update(line.strip() for line in _IMPORT.findall(text))
        text = _IMPORT.sub("", text)
        words = title.group(1).strip().splitlines()[0] if title else part
        bodies.append(f"# {words}\n\n{text.strip()}\n")
    head = '"""Convert saved Keras models: python mend.py FILE NEW [FILE NEW ...]"""\n'
    text = head + "\n" + "\n".join(sorted(imports)) + "\n\n\n" + "\n\n".join(bodies)
    for name, value in (
        ("KERAS", options.keras),
        ("WAY", options.way),
        ("FORMAT", options.format),
        ("FORCE", options.force),
        ("TRUSTED", options.trusted),
        ("YAML_AS_JSON", dict(options.yaml_as_json)),
    ):
        line = f"{name} = {value!r}"
        text = re.sub(rf"^{name} = .*$", lambda _, line=line: line, text, count=1, flags=re.MULTILINE)
    return text
