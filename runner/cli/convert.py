"""``kmatrix convert``: a saved model that does not load becomes a file that does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

import kmatrix
from runner.cli.options import common
from runner.cli.spec import build_folder, matrix_or_own
from runner.cli.target import CannotBeHadError, find_target, preferred_ids
from runner.compare.upgrade_target import is_requirement, resolve
from runner.config.matrix_file import select
from runner.convert.conversion import NewFormat, Source, State
from runner.convert.converter import Converter, Wish
from runner.convert.naming import new_path, pair_up, sources_in
from runner.convert.places import NoPlaceError, open_environment, open_python
from runner.convert.references import MatrixReferences
from runner.environments.builders import make_builders
from runner.environments.locks import read_lock
from runner.errors import ExitCode, ToolError
from runner.files.likely import candidates
from runner.modelfile.guard import inspect_files
from runner.run.session import open_session

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from runner.cli.options import Commands
    from runner.convert.conversion import Conversion
    from runner.convert.places import Place
    from runner.model.inspection import Inspection
    from runner.model.matrix import Matrix
    from runner.run.session import Session

SCHEMA = 1  # of ``--format-output json``
DESCRIPTION = (
    "Write a file that a plain load_model of another Keras loads. The new file is written only "
    "when it has the same weights and predicts what the original predicts in an environment that "
    "reads it. The original is never changed."
)
EXAMPLES = """\
examples:
  kmatrix convert old.h5 --to tf2.21
  kmatrix convert models/ --to tf2.15 -o converted/
  kmatrix convert model.json weights.h5 --to tf2.21
  kmatrix convert model.keras --python venv/bin/python
  kmatrix convert old.h5 --to tf2.21 --script mend.py
"""


def add_parser(commands: Commands[ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "convert",
        help="write a file that another Keras loads, and verify it",
        description=DESCRIPTION,
        epilog=EXAMPLES,
    )
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="file, folder, or architecture and weights"
    )
    common(parser)
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument(
        "--to", nargs="+", metavar="ENV", help="an environment of the matrix, or keras==3.15"
    )
    target.add_argument("--python", type=Path, metavar="PATH", help="a Python that has Keras")
    parser.add_argument("-o", "--output", type=Path, metavar="PATH", help="new file, or folder")
    parser.add_argument(
        "--format",
        choices=[str(one) for one in NewFormat if one is not NewFormat.JSON],
        help="of the new file (default: what the target itself prefers)",
    )
    parser.add_argument("--script", type=Path, metavar="FILE.py", help="write the script as well")
    parser.add_argument("--force", action="store_true", help="replace files that exist")
    parser.add_argument(
        "--unverified",
        action="store_true",
        help="write the file where no environment reads the original",
    )
    parser.add_argument(
        "--trust", action="store_true", help="run code of the file (Lambda) on this machine"
    )
    parser.add_argument("--json", action="store_true", help="print JSON; see docs/convert.md")


def convert(options: Namespace) -> ExitCode:
    """``kmatrix convert``. 1 when a file could not be converted."""
    sources = pair_up([one for path in options.files for one in sources_in(path)])
    inspections = inspect_files([one.path for one in sources])
    found = convert_sources(options, sources, inspections)
    if options.json:
        files = [as_json(one) for one in found]
        print(json.dumps({"schema": SCHEMA, "kmatrix": kmatrix.__version__, "files": files}))
    else:
        console = Console(highlight=False, soft_wrap=True, markup=False)
        for one in found:
            _show(console, one)
    if options.script is not None:
        _write_script(options.script, found, force=options.force)
    good = all(one.state is not State.FAILED for one in found)
    return ExitCode.AS_EXPECTED if good else ExitCode.DIFFERS


def convert_sources(
    options: Namespace, sources: Sequence[Source], inspections: Sequence[Inspection]
) -> tuple[Conversion, ...]:
    """Convert files as the options say. Raises ToolError where the target cannot be used."""
    matrix, _ = matrix_or_own(options)
    session = open_session(build_folder(options))
    console = Console(stderr=True, highlight=False, soft_wrap=True)

    def say(text: str) -> None:
        console.print(text, style="dim")

    try:
        target, word = _target(options, matrix, session)
        spec = select(matrix, profile=None, environments=())
        home = matrix.file.resolve().parent
        locks = {one.installation.name: read_lock(home, one.installation) for one in spec.environments}
        references = MatrixReferences(
            known=candidates(spec.environments, locks),
            builder=make_builders(folder=home, build=build_folder(options).resolve()),
            folder=home,
            home=session.scratch / "homes",
            limits=matrix.limits,
            opened={target.name: target},
            say=say,
        )
        wish = Wish(
            format=NewFormat(options.format) if options.format else None,
            force=options.force,
            trusted=options.trust,
            unverified=options.unverified,
            seconds=matrix.limits.cell_seconds,
        )
        converter = Converter(
            target=target,
            references=references,
            wish=wish,
            tolerance=matrix.tolerance,
            scratch=session.scratch / "convert",
            say=say,
        )
        named = [
            (source, found, new_path(source, found, target, word, wish.format, options.output, many=len(sources) > 1))
            for source, found in zip(sources, inspections, strict=True)
        ]
        return converter.convert(named)
    finally:
        session.close()


def _target(options: Namespace, matrix: Matrix, session: Session) -> tuple[Place, str]:
    """The target, and the word that its files are called by."""
    home = session.scratch / "homes"
    if options.python is not None:
        return open_python(options.python.absolute(), home=home / "target"), "converted"
    words, folder = options.to, matrix.file.resolve().parent
    preferred = preferred_ids(matrix)
    if all(map(is_requirement, words)):
        base = [one for one in matrix.environments if one.id in preferred][-1]
        try:
            found = find_target(words, base, matrix, build_folder(options), None)
        except CannotBeHadError as error:
            raise ToolError(str(error)) from error
        environment, folder = found.environment, found.folder
    elif len(words) == 1:
        environment = resolve(words[0], matrix.environments, preferred)
    else:
        raise ToolError("--to takes one environment, or packages", exit_code=ExitCode.USAGE)
    try:
        place = open_environment(
            environment,
            builder=make_builders(folder=folder, build=build_folder(options).resolve()),
            folder=folder,
            home=home / "target",
            limits=matrix.limits,
        )
    except NoPlaceError as error:
        raise ToolError(f"--to {' '.join(words)}: {error}") from error
    return place, "-".join(words).replace("==", "")


def as_json(one: Conversion) -> dict[str, object]:
    """One file, for programs."""
    return {
        "source": str(one.source.path),
        "weights": str(one.source.weights) if one.source.weights else None,
        "target": one.target,
        "state": str(one.state),
        "reason": one.reason,
        "way": str(one.way) if one.way else None,
        "donor": one.donor,
        "file": str(one.file) if one.file else None,
        "format": str(one.format) if one.format else None,
        "rules": [{"rule": rule.rule, "layer": rule.layer, "what": rule.what} for rule in one.rules],
        "lost": list(one.lost),
        "reference": one.reference,
        "difference": one.difference,
    }


def _show(console: Console, one: Conversion) -> None:
    """One line for each file, and below it what was lost."""
    name = one.source.path.name
    if one.state is State.FAILED:
        console.print(f"{name}: not converted: {one.reason}")
        return
    way = f"{one.way}" + (f" by {one.donor}" if one.donor else "")
    console.print(f"{name} -> {one.file}  {one.state} ({way}): {one.reason}")
    for words in one.lost:
        console.print(f"    lost: {words}")


def _write_script(path: Path, found: Sequence[Conversion], *, force: bool) -> None:
    texts = {one.script for one in found if one.state is not State.FAILED}
    if len(texts) != 1:
        raise ToolError(
            f"--script {path}: the files need {len(texts)} scripts; convert one file at a time"
        )
    if path.exists() and not force:
        raise ToolError(f"{path} exists; --force replaces it", exit_code=ExitCode.USAGE)
    path.write_text(texts.pop(), "utf-8")
