"""A signature's snippet as a script: with its imports, and with what it needs in its first line."""

from __future__ import annotations

import ast
import builtins
import symtable
from typing import TYPE_CHECKING

from runner.model.scripts import NEEDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packaging.specifiers import SpecifierSet

NEEDED = "# Needs "  # a first line that says what the code needs
# Names that snippets use for modules.
MODULES = {
    "h5py": "import h5py",
    "hub": "import tensorflow_hub as hub  # pip install tensorflow-hub",
    "json": "import json",
    "load_model": "from tensorflow.keras.models import load_model",
    "ModelCheckpoint": "from tensorflow.keras.callbacks import ModelCheckpoint",
    "np": "import numpy as np",
    "numpy": "import numpy",
    "os": "import os",
    "shutil": "import shutil",
    "tf": "import tensorflow as tf",
    "tfmot": "import tensorflow_model_optimization as tfmot",
}


def complete_code(code: str, loader: SpecifierSet | None, pins: Sequence[str] = ()) -> str:
    """Return the snippet as a user runs it. loader: its Keras; pins: to install first.

    Commands of a shell and entries of matrix.yaml stay as they are.
    """
    if not is_python(code):
        return "\n".join([*([pip_command(pins)] if pins else []), code])
    missing = undefined_names(code)
    needed = [name for name in missing if name not in MODULES and name != "keras"]
    imports = [_keras(loader)] if "keras" in missing else []
    imports += [MODULES[name] for name in missing if name in MODULES]
    first, *rest = code.splitlines()
    head = [f"{NEEDS}{', '.join(needed)}"] if needed else []
    if first.startswith(NEEDED):
        head, code = [first], "\n".join(rest)
    head += [f"# pip install {_quoted(pins)}"] if pins else []
    return "\n".join([*head, *sorted(imports, key=_place), code])


def is_python(code: str) -> bool:
    """Whether a snippet is Python, and not a command of a shell or an entry of matrix.yaml."""
    if code.startswith(("# In matrix.yaml", "{inspect}", "{doctor}")):
        return False  # {inspect} and {doctor} become commands
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


def pip_command(pins: Sequence[str]) -> str:
    """Return the command that installs pins."""
    return f"pip install {_quoted(pins)}"


def undefined_names(code: str) -> list[str]:
    """Names that the code uses, and nothing in it defines. Raises SyntaxError."""
    table = symtable.symtable(code, "<snippet>", "exec")
    own = {one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_imported()}
    used: set[str] = set()
    waiting = [table]
    while waiting:
        scope = waiting.pop()
        waiting += scope.get_children()
        used |= {
            one.get_name()
            for one in scope.get_symbols()
            if one.is_referenced() and (scope is table or one.is_global())
        }
    missing = used - own - set(dir(builtins)) - {"__class__", "__file__"}
    return sorted(missing | _used_before(code))


def _used_before(code: str) -> set[str]:
    """Names that a statement takes its own first value from: ``x = f(x)``."""
    known: set[str] = set()
    found: set[str] = set()
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.Assign):
            targets = {name for target in statement.targets for name in _names(target)}
            found |= (targets & _names(statement.value)) - known
        known |= _names(statement)
    return found


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _keras(loader: SpecifierSet | None) -> str:
    """How the Keras is imported that a snippet is for; any one where it does not matter."""
    inside = loader is not None and not loader.contains("3.0") and not loader.contains("99")
    return "from tensorflow import keras" if inside else "import keras"


def _place(statement: str) -> tuple[bool, str]:
    """Return the standard library first, then by name."""
    module = ast.parse(statement).body[0]
    standard = isinstance(module, ast.Import) and module.names[0].name in ("json", "os", "shutil")
    return not standard, statement


def _quoted(pins: Sequence[str]) -> str:
    return " ".join(f'"{pin}"' for pin in pins)
