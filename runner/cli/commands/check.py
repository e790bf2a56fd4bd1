"""Say whether an upgrade is safe for saved models."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runner.cli.options import MATRIX_FILE, JobsOptions, ProjectOptions, option
from runner.cli.registry import Command
from runner.errors import ExitCode, ToolError
from runner.model.upgrade import Safety

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from runner.cli.measured_upgrade import Question
    from runner.model.upgrade import Answer

EXITS = {
    Safety.SAFE: ExitCode.AS_EXPECTED,
    Safety.CHANGES: ExitCode.DIFFERS,
    Safety.UNSAFE: ExitCode.DIFFERS,
    Safety.UNKNOWN: ExitCode.MISSING,
}
DESCRIPTION = """\
Say whether files that one environment saved are safe in another.

The answer comes from the atlas, which holds what kmatrix measured of pinned releases, if it knows
both environments exactly. Else, and with --measure, --models, --files or a package, reference
models are saved in one and loaded in the other.

Ids can be shortened: tf2.15 is the environment of the default profile whose id begins with it,
else the only one of the matrix. --from and --to also take a requirements file, --to packages:
kmatrix then locks and builds that environment below the build folder.
"""
EPILOG = """\
  kmatrix check --from tf2.15 --to tf2.21
  kmatrix check --diff origin/main
  kmatrix check --from requirements.txt --to new.txt
  kmatrix check --from tf2.15 --to requirements.txt --models my_recipes.py
  kmatrix check --from tf2.15 --to h5py==3.14.0 --formats h5 weights-h5

exit codes:
  0  safe: every artifact that was good before keeps working
  1  not safe, or safe only with changes to the code that loads (0 for these: --allow-changes)
  2  the command line or the matrix file is wrong
  3  unknown: an environment could not be installed or started, or does not work
"""


@dataclass(frozen=True, kw_only=True)
class Options(ProjectOptions, JobsOptions):
    """Options of ``kmatrix check``."""

    saver: str | None = option(
        "--from",
        metavar="ENVIRONMENT|FILE",
        help="the environment you have now: an id, or a requirements file",
    )
    loader: tuple[str, ...] = option(
        "--to",
        nargs="+",
        metavar="ENVIRONMENT|FILE|PACKAGE",
        help="the environment after the upgrade: an id, a requirements file, or packages that "
        "replace those of --from",
    )
    diff: str | None = option(
        "--diff",
        metavar="REF",
        help="in place of --from and --to: what changed in this repository's requirements, "
        "pyproject.toml, locks and environment.yml since REF, or in REF..REF",
    )
    measure: bool = option(
        "--measure", action="store_true", help="measure it, whatever the atlas knows"
    )
    python: str | None = option(
        "--python", metavar="VERSION", help="the Python of an environment that is described"
    )
    models: tuple[str, ...] = option(
        "--models",
        nargs="+",
        metavar="GLOB|FILE.py",
        help="only these reference models, or your own recipes",
    )
    files: tuple[Path, ...] = option(
        "--files",
        nargs="+",
        type=Path,
        metavar="FILE|DIR",
        help="also load these saved files in both environments",
    )
    custom: Path | None = option(
        "--custom", type=Path, metavar="FILE.py", help="your own layers, needed by --files"
    )
    trust: bool = option(
        "--trust", action="store_true", help="run code of --files outside of a sandbox"
    )
    formats: tuple[str, ...] = option(
        "--formats", nargs="+", metavar="GLOB", help="only these formats"
    )
    both_directions: bool = option(
        "--both-directions", action="store_true", help="also check the downgrade"
    )
    allow_changes: bool = option(
        "--allow-changes",
        action="store_true",
        help="exit with 0 also when models load only by another route",
    )
    format: str = option(
        "--format",
        choices=("text", "json"),
        default="text",
        help="default: %(default)s",
    )
    markdown: Path | None = option(
        "--markdown", type=Path, metavar="FILE", help="also write the answer to a file, as Markdown"
    )

    @property
    def question(self) -> Question:
        """What is to be measured."""
        from runner.cli.measured_upgrade import Question  # noqa: PLC0415 - the engine

        return Question(
            models=self.models,
            formats=self.formats,
            files=self.files,
            custom=self.custom,
            trust=self.trust,
            both_directions=self.both_directions,
            jobs=self.jobs,
        )

    @property
    def asks_more(self) -> bool:
        """Whether something is asked for that the atlas does not hold."""
        return bool(
            self.measure or self.models or self.files or self.builder is not None or self.python
        )

    @property
    def has_matrix(self) -> bool:
        """Whether there is a matrix file of the user's."""
        return self.matrix != MATRIX_FILE or self.matrix.exists()


def run(options: Options) -> ExitCode:
    """``kmatrix check``."""
    if options.diff is not None:
        if options.saver is not None or options.loader:
            raise ToolError("use --diff, or --from and --to", exit_code=ExitCode.USAGE)
        return _run_diff(options, options.diff)
    if options.saver is None or not options.loader:
        raise ToolError("name both sides: --from and --to, or --diff", exit_code=ExitCode.USAGE)
    found = None if options.asks_more else _known(options, options.saver)
    return _tell(found if found is not None else _measured(options, options.saver), options)


def _known(options: Options, saver: str) -> Answer | None:
    """Return the answer of the atlas, if it has one."""
    from runner.atlas.atlas_files import read_atlas  # noqa: PLC0415 - not for --measure
    from runner.cli.known_upgrade import find_sides, known_answer  # noqa: PLC0415

    matrix = None
    if options.has_matrix:
        from runner.config.matrix_file import load_matrix  # noqa: PLC0415 - YAML

        matrix = load_matrix(options.matrix)
    sides = find_sides(read_atlas(savers=()), (saver,), options.loader, matrix)
    if sides is None:
        return None
    return known_answer(sides, formats=options.formats, both_directions=options.both_directions)


def _measured(options: Options, saver: str) -> Answer:
    from runner.cli.check_target import find_loader, find_saver  # noqa: PLC0415 - the engine
    from runner.cli.measured_upgrade import measured_answer  # noqa: PLC0415
    from runner.cli.project import open_project_or_own  # noqa: PLC0415

    project, _ = open_project_or_own(options)
    old = find_saver(saver, project.matrix, options.python)
    new = find_loader(options.loader, old, project.matrix, options.python)
    if not options.asks_more:
        print("the atlas does not know this: it is measured now", file=sys.stderr)
    return measured_answer(project, old, new, options.question)


def _run_diff(options: Options, since: str) -> ExitCode:
    from runner.cli import diff_answers  # noqa: PLC0415 - git, YAML, TOML

    found = diff_answers.answer_diff(options, since)
    _write(options, lambda: diff_answers.as_lines(found, "markdown"))
    for line in diff_answers.as_lines(found, options.format):
        print(line)
    if options.allow_changes and found.safety is Safety.CHANGES:
        return ExitCode.AS_EXPECTED
    return EXITS[found.safety]


def _tell(found: Answer, options: Options) -> ExitCode:
    from runner.compare.upgrade_text import as_json, as_markdown, as_text  # noqa: PLC0415

    _write(options, lambda: as_markdown(found))
    if options.format == "json":
        print(json.dumps(as_json(found), indent=1, ensure_ascii=False))
    else:
        for line in as_text(found):
            print(line)
    if options.allow_changes and found.safety is Safety.CHANGES:
        return ExitCode.AS_EXPECTED
    return EXITS[found.safety]


def _write(options: Options, lines: Callable[[], Iterable[str]]) -> None:
    """Write the answer as Markdown, where a file for it is named."""
    if options.markdown is not None:
        options.markdown.write_text("".join(f"{line}\n" for line in lines()), "utf-8")


COMMAND = Command(options=Options, run=run, description=DESCRIPTION, examples=EPILOG)
