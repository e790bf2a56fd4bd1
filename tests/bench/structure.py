"""Count what a reader has to learn: modules, packages, value types, repeated names.

Run: python tests/bench/structure.py [CHECKOUT]
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from pathlib import Path

PACKAGES = ("kmatrix", "runner", "reports")
INSIDE = ("worker", "inside", "script", "parts")  # code that runs in environments


def host_modules(root: Path) -> list[Path]:
    """Return the modules of the host's code, package files included."""
    return [
        path
        for package in PACKAGES
        for path in sorted((root / package).rglob("*.py"))
        if not set(INSIDE) & set(path.relative_to(root).parts)
    ]


def is_dataclass(node: ast.ClassDef) -> bool:
    """Say whether a class is decorated as a dataclass."""
    return any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)


def main(root: Path) -> None:
    """Print one line for each figure."""
    modules = host_modules(root)
    trees = {path: ast.parse(path.read_text("utf-8")) for path in modules}
    nodes = [node for tree in trees.values() for node in ast.walk(tree)]
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    lengths = sorted((node.end_lineno or 0) - node.lineno + 1 for node in functions)
    named = Counter(path.stem for path in modules if not path.stem.startswith("__"))
    types = Counter(node.name for node in classes if not node.name.startswith("_"))
    figures = {
        "lines": sum(len(path.read_text("utf-8").splitlines()) for path in modules),
        "modules": len([path for path in modules if path.stem != "__init__"]),
        "packages": len({path.parent for path in modules}),
        "value types": sum(is_dataclass(node) for node in classes),
        "module names used twice": sum(count > 1 for count in named.values()),
        "public class names used twice": sum(count > 1 for count in types.values()),
        "median lines of a function": lengths[len(lengths) // 2],
        "longest function": lengths[-1],
    }
    for name, figure in figures.items():
        print(f"{name:32}{figure:8,}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2])
