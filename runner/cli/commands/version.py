"""Print kmatrix's version and the versions of its tools."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version as version_of

from kmatrix._version import __version__
from runner.cli.registry import Command
from runner.errors import ExitCode

TOOLS = ("nox", "uv", "docker", "jinja2", "pyyaml", "h5py", "numpy")


@dataclass(frozen=True, kw_only=True)
class Options:
    """None."""


def run(_options: Options) -> ExitCode:
    """``kmatrix version``."""
    print(f"kmatrix {__version__}")
    for name in TOOLS:
        print(f"  {name} {version_of(name)}")
    return ExitCode.AS_EXPECTED


COMMAND = Command(options=Options, run=run)
