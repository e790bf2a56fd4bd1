"""Load your own saved file in the matrix's environments."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from kmatrix._version import __version__
from runner.cli.console import Console
from runner.cli.file_loading import chosen_environments, load_files
from runner.cli.loaded import show
from runner.cli.options import FileOptions, option
from runner.cli.registry import Command
from runner.errors import ExitCode, ToolError
from runner.evaluate.file_answer import UNTRIED

SCHEMA = 2  # of ``--format json``
DESCRIPTION = (
    "Load saved files in environments of the matrix, as is and then by route, each in a process "
    "of its own, and say what works. Without --environments: the default profile, the likeliest "
    "first. Without --expect, predictions are compared between the environments."
)
EXAMPLES = """\
examples:
  kmatrix load model.h5
  kmatrix load model.h5 --environments 'tf2.1*' tf2.21-keras3.15-py312
  kmatrix load model.keras --custom my_layers.py --inputs x.npz --expect y.npz --trust
  kmatrix load model.h5 --format json
"""


@dataclass(frozen=True, kw_only=True)
class Options(FileOptions):
    """Options of ``kmatrix load``."""

    files: tuple[Path, ...] = option(nargs="+", type=Path, metavar="FILE", help="file or folder")
    format: str = option(
        "--format", choices=("text", "json"), default="text", help="json: see docs/load.md"
    )


def load(options: Options) -> ExitCode:
    """``kmatrix load``. 1 when a file loads nowhere, or predicts something else somewhere."""
    quiet = options.format == "json"
    project, environments = chosen_environments(options)
    found = load_files(project, environments, options.files, options, quiet=quiet)
    if quiet:
        files = [asdict(one) for one in found]
        print(json.dumps({"schema": SCHEMA, "kmatrix": __version__, "files": files}))
    else:
        console = Console(highlight=False, soft_wrap=True)
        for one in found:
            show(console, one)
    cells = [cell for one in found for cell in one.environments]
    if cells and all(cell.verdict in UNTRIED for cell in cells):
        raise ToolError(cells[0].reason)
    good = all(one.loads and not one.drifts for one in found)
    return ExitCode.AS_EXPECTED if good else ExitCode.DIFFERS


COMMAND = Command(options=Options, run=load, description=DESCRIPTION, examples=EXAMPLES)
