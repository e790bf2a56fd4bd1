"""How many of other people's saved models are converted: convert_models.py OUT [TARGET ...].

For each target: which files fail as they are (plain ``load_model``, or other predictions than an
environment that reads them), and what ``kmatrix convert`` makes of those.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from runner.cli.commands.convert import as_json
from runner.cli.conversions import Request, convert_sources
from runner.cli.options import ProjectOptions
from runner.cli.project import open_project_or_own
from runner.convert.conversion import Source
from runner.convert.converter import Wish

MODELS = Path("/work/shared/real-models")
TARGETS = ("tf2.21", "tf2.15", "tf2.10")
SKIPPED = ("labels.txt",)


def sources(only):
    """One source for each model of the manifests, with what the manifest says of it."""
    found = []
    for manifest in sorted(MODELS.glob("manifest*.json")):
        for model in json.loads(manifest.read_text())["models"]:
            if only and model["id"] not in only:
                continue
            folder = MODELS / model["id"]
            files = [name for name in model["files"] if name not in SKIPPED]
            if model["format"] in ("saved_model", "tf-checkpoint"):
                source = Source(path=folder)
            elif len(files) == 2 and model["format"].endswith("arch"):
                source = Source(path=folder / files[0], weights=folder / files[1])
            else:
                source = Source(path=folder / files[0])
            found.append((model, source))
    return found


def measure(target, only):
    """What convert makes of every model, by id."""
    project, _ = open_project_or_own(ProjectOptions())
    listed = sources(only)
    with tempfile.TemporaryDirectory(dir="/tmp/wt") as folder:
        for model, source in listed:  # each under a name of its own
            name = Path(folder) / "in" / f"{model['id']}{source.path.suffix}"
            name.parent.mkdir(exist_ok=True)
            name.symlink_to(source.path)
        request = Request(
            sources=tuple(
                replace(source, path=Path(folder) / "in" / f"{model['id']}{source.path.suffix}")
                for model, source in listed
            ),
            wish=Wish(seconds=60.0),
            to=(target,),
            output=Path(folder) / "out",
        )
        begin = time.monotonic()
        found = convert_sources(project, request, lambda text: print(text, file=sys.stderr))
        seconds = time.monotonic() - begin
    results = {}
    for (model, _), one in zip(listed, found, strict=True):
        results[model["id"]] = {**as_json(one), "custom": model["custom"], "kind": model["format"]}
    return results, seconds


def main(arguments):
    out, only = Path(arguments[0]), [one for one in arguments[1:] if one[0] in "mn"]
    targets = [one for one in arguments[1:] if one not in only] or TARGETS
    table = {}
    for target in targets:
        results, seconds = measure(target, only)
        table[target] = results
        states = [one["state"] for one in results.values()]
        print(f"{target}: {states.count('converted')} of {len(states)} in {seconds:.0f} s")
        for name, one in results.items():
            if one["state"] == "failed":
                print(f"  {name} {one['kind']} {one['way']}: {one['reason'][:260]}")
        out.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
