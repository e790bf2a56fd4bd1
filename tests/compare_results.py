"""Compare the cells of two results.json: verdict, as-is verdict and signatures.

``python -m tests.compare_results A.json B.json`` prints each difference and exits with 1 if there
is any. It reads plain JSON, so that results of another version of kmatrix can be compared too.
"""

import argparse
import json
import sys
from pathlib import Path

FIELDS = ("verdict", "as_is", "signatures")
DEFAULTS: dict[str, object] = {"signatures": []}


def differences(one, other):
    """A line for each cell or field that differs, in the order of the cells."""
    before, after = cells_of(one), cells_of(other)
    lines = []
    for name in dict.fromkeys([*before, *after]):
        if name not in after:
            lines.append(f"{name}: only in the first ({before[name]['verdict']})")
        elif name not in before:
            lines.append(f"{name}: only in the second ({after[name]['verdict']})")
        else:
            lines += compare_cells(name, before[name], after[name])
    return lines


def cells_of(results):
    """Cell id to the fields that are compared."""
    found = {}
    for cell in results["cells"]:
        if cell["id"] in found:
            raise ValueError(f"{cell['id']}: twice in one results.json")
        found[cell["id"]] = {field: cell.get(field, DEFAULTS.get(field)) for field in FIELDS}
    return found


def compare_cells(name, before, after):
    """A line for each field that differs."""
    return [
        f"{name}: {field}: {shown(before[field])} -> {shown(after[field])}"
        for field in FIELDS
        if before[field] != after[field]
    ]


def shown(value):
    """A field's value in a line."""
    return ", ".join(value) or "none" if isinstance(value, list) else str(value)


def main(arguments=None):
    """Compare two files; the exit code is 1 where they differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.compare_results", description=__doc__)
    parser.add_argument("one", type=Path, metavar="A.json")
    parser.add_argument("other", type=Path, metavar="B.json")
    options = parser.parse_args(arguments)
    one, other = (json.loads(path.read_text("utf-8")) for path in (options.one, options.other))
    found = differences(one, other)
    for line in found:
        print(line)
    print(f"{len(found)} differences; {len(one['cells'])} and {len(other['cells'])} cells")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
