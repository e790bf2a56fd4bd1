"""Options of commands: frozen dataclasses whose fields declare their command-line arguments."""

from __future__ import annotations

import argparse
import os
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from runner.model.matrix import BUILDERS

MATRIX_FILE = Path("matrix.yaml")
_SEVERAL = frozenset({"+", "*", argparse.REMAINDER})
T = TypeVar("T")


def option(*flags: str, **settings: Any) -> Any:  # noqa: ANN401 - mypy takes it for the default
    """Declare a field and its argument: flags (none if positional), ``add_argument`` settings.

    The field's default is the argument's default, or what argparse implies: an empty tuple for
    several values, False for ``store_true``, None for an optional value.
    """
    metadata = {"flags": flags, "settings": settings}
    if "default" in settings:
        return field(default=settings["default"], metadata=metadata)
    if settings.get("nargs") in _SEVERAL or settings.get("action") == "append":
        return field(default=(), metadata=metadata)
    if settings.get("action") == "store_true":
        return field(default=False, metadata=metadata)
    if settings.get("required") or not (flags or settings.get("nargs") == "?"):
        return field(metadata=metadata)
    return field(default=None, metadata=metadata)


def add_arguments(parser: argparse.ArgumentParser, options: type[Any]) -> None:
    """Declare the arguments of an options class."""
    for item in fields(options):
        settings = dict(item.metadata["settings"])
        default = _default(item)
        if default is not None:
            settings["default"] = default
        flags = item.metadata["flags"]
        if flags:
            parser.add_argument(*flags, dest=item.name, **settings)
        else:
            parser.add_argument(item.name, **settings)


def read_options(options: type[T], parsed: argparse.Namespace) -> T:
    """Return the typed options from what argparse parsed; lists become tuples."""
    found = {}
    for item in fields(options):  # type: ignore[arg-type] # a dataclass
        value = getattr(parsed, item.name)
        found[item.name] = tuple(value) if isinstance(value, list) else value
    return options(**found)


def _default(item: Field[Any]) -> object:
    """Return a list where argparse appends to the default."""
    if item.default is MISSING:
        return None
    return list(item.default) if isinstance(item.default, tuple) else item.default


def positive(text: str) -> int:
    """Return a number of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: at least 1")
    return number


@dataclass(frozen=True, kw_only=True)
class StoreOptions:
    """Options of commands that read the build folder of a matrix file."""

    matrix: Path = option(
        "--matrix",
        type=Path,
        default=MATRIX_FILE,
        metavar="FILE",
        help="the matrix file (default: %(default)s)",
    )
    build_dir: Path | None = option(
        "--build-dir",
        type=Path,
        metavar="DIR",
        help="the folder of environments, evidence and reports (default: build next to the matrix "
        "file, or $KMATRIX_BUILD_DIR)",
    )

    @property
    def build(self) -> Path:
        """The build folder: where environments, evidence and reports are kept."""
        if self.build_dir is not None:
            return self.build_dir
        named = os.environ.get("KMATRIX_BUILD_DIR")
        return Path(named) if named else self.matrix.parent / "build"


@dataclass(frozen=True, kw_only=True)
class ProjectOptions(StoreOptions):
    """Options of commands that use the environments of a matrix file."""

    builder: str | None = option(
        "--builder",
        choices=BUILDERS,
        help="build every environment with this builder, whatever the matrix file says",
    )


@dataclass(frozen=True, kw_only=True)
class JobsOptions:
    """How many cells are measured at a time."""

    jobs: int = option(
        "--jobs",
        "-j",
        type=positive,
        default=os.cpu_count() or 1,
        metavar="N",
        help="cells side by side (default: as many as this machine has processors)",
    )


@dataclass(frozen=True, kw_only=True)
class GivenOptions:
    """What a user hands over together with a saved file."""

    custom: Path | None = option("--custom", type=Path, metavar="FILE.py", help="your own layers")
    inputs: Path | None = option(
        "--inputs", type=Path, metavar="X.npz", help="the inputs to predict on"
    )
    expect: Path | None = option(
        "--expect", type=Path, metavar="Y.npz", help="the expected predictions"
    )
    trust: bool = option(
        "--trust",
        action="store_true",
        help="run code of the file (Lambda, --custom) on this machine, outside of a sandbox",
    )


@dataclass(frozen=True, kw_only=True)
class FileOptions(GivenOptions, ProjectOptions):
    """Options of commands that load a user's saved file in environments of the matrix."""

    environments: tuple[str, ...] = option(
        "--environments", nargs="+", metavar="GLOB", help="only these environments"
    )
    added: tuple[str, ...] = option(
        "--with",
        nargs="+",
        metavar="PACKAGE",
        help="install these packages on top of each environment, and import them before the file "
        "is loaded: tensorflow-addons==0.22",
    )
