"""docs/coverage.md: what reaches each signature, a cell of a matrix at best.

    python -m tests.samples.coverage                 write the page from what is committed
    python -m tests.samples.coverage count BUILD...  count again what the evidence of runs shows

A signature is reached by a cell, or by a scene that was played, both kept as samples; or it is
quoted. ``counted.json`` says how often the runs that were counted show it, ``without_cell.yaml``
why no cell shows the others.
"""

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

import yaml

from runner.signatures import load_signatures
from tests.samples.sample import read_samples

HERE = Path(__file__).resolve().parent
COUNTED = HERE / "counted.json"
WITHOUT_CELL = HERE / "without_cell.yaml"
PAGE = HERE.parents[1] / "docs" / "coverage.md"
HEAD = """\
# Which signature is reached by what

<!-- Written by `python -m tests.samples.coverage`; do not edit. -->

Every failure that kmatrix knows ([signatures.md](signatures.md)), and what shows that it is real.
Of {all} signatures {cell} are shown by a cell of the matrix, {scene} by a scene (a few lines that
provoke it in a real environment), {quoted} are quoted only. What a cell or a scene left behind is
kept in `tests/samples/recorded/`, and a test sees to it that today's rules recognise each sample
as what stands here. `kmatrix signatures` makes such a table of your own run.

Counted: {loads} saves and loads in {environments}.
"""
BY_CELL = """
## By a cell

*Loads*: how many of those counted show it, saves that failed and other ways of loading among them.
Behind the cell stands in which way it was loaded, where that is not as is: a route
([routes.md](routes.md)), or custom objects that were supplied otherwise (`scenario:`).

| signature | class | loads | one of them |
|---|---|---:|---|
"""
BY_SCENE = """
## By a scene

Scenes are in `tests/samples/scenes/`; `python -m tests.samples.record scenes NAME` plays one.

| signature | class | scene | loaded in | why no cell shows it |
|---|---|---|---|---|
"""
QUOTED = """
## Quoted only

The text of a library's source, or of a report.

| signature | class | why nothing here shows it |
|---|---|---|
"""


def read_counted():
    """``environments``, ``loads`` and, by signature, ``shown``."""
    return json.loads(COUNTED.read_text("utf-8"))


def read_reasons():
    """By signature: why no cell shows it."""
    return yaml.safe_load(WITHOUT_CELL.read_text("utf-8"))


def by_signature(samples):
    found = defaultdict(list)
    for sample in samples:
        found[sample.signature].append(sample)
    return found


def kind_of(samples):
    """``cell``, ``scene`` or ``quoted``: the best that there is."""
    kinds = {sample.source.partition(" ")[0] for sample in samples}
    return next(kind for kind in ("cell", "scene", "quoted") if kind in kinds)


def page(signatures, samples, counted, reasons):
    """The page as Markdown."""
    of = by_signature(samples)
    rows = {"cell": [], "scene": [], "quoted": []}
    for signature in signatures:
        if not of[signature.id]:
            raise LookupError(f"{signature.id}: no sample, and so nothing that shows it")
        kind = kind_of(of[signature.id])
        first = f"[`{signature.id}`](signatures.md#{signature.id}) | {signature.code}"
        shown = [each for each in of[signature.id] if each.source.startswith(kind)]
        rest = ROWS[kind](signature, shown, counted, reasons)
        rows[kind].append("| " + " | ".join([first, *rest]))
    head = HEAD.format(
        all=len(signatures),
        loads=counted["loads"],
        environments=", ".join(counted["environments"]),
        **{kind: len(found) for kind, found in rows.items()},
    )
    parts = [BY_CELL, *rows["cell"]], [BY_SCENE, *rows["scene"]], [QUOTED, *rows["quoted"]]
    return head + "".join(top + "".join(f"{row} |\n" for row in rest) for top, *rest in parts)


def _cell_row(signature, samples, counted, reasons):
    plain = min(samples, key=lambda each: ("#" in each.source, each.source))
    cell, _, way = plain.source.removeprefix("cell ").partition("#")
    return [str(counted["shown"].get(signature.id, 0)), f"`{cell}`" + (f" ({way})" if way else "")]


def _scene_row(signature, samples, counted, reasons):
    sample = samples[0]
    return [f"`{sample.source.removeprefix('scene ')}`", _loader(sample), reasons[signature.id]]


def _quoted_row(signature, samples, counted, reasons):
    return [reasons[signature.id]]


ROWS = {"cell": _cell_row, "scene": _scene_row, "quoted": _quoted_row}


def _loader(sample):
    loader = sample.symptoms.loader
    if loader is None:
        return "a Keras that cannot be imported"
    parts = [f"TensorFlow {loader.tensorflow}" if loader.tensorflow else ""]
    parts += [f"Keras {loader.keras}" if loader.keras else ""]
    parts += [f"Python {loader.python}" if loader.python else ""]
    return ", ".join(filter(None, parts))


def count(builds):
    """How many saves, loads and other ways of the runs in these build folders show each."""
    from runner.model.finding import Verdict
    from runner.signatures import recognise
    from tests.samples.matrix import loads

    shown, signatures = {}, load_signatures()
    for build in builds:
        for subject, symptoms, finding in loads(build):
            told = finding.verdict is not Verdict.IDENTICAL
            shown[subject] = recognise(symptoms, signatures) if told else ()
    counted = {
        "environments": sorted({subject.split("/")[0] for subject in shown}),
        "loads": len(shown),
        "shown": dict(sorted(Counter(name for each in shown.values() for name in each).items())),
    }
    COUNTED.write_text(json.dumps(counted, indent=1) + "\n", "utf-8")


def write():
    text = page(load_signatures(), read_samples(), read_counted(), read_reasons())
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["count"]:
        count([Path(name) for name in sys.argv[2:]])
    write()
