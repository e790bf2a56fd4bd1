"""The parser: commands, options, and a help that teaches."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import kmatrix
from runner.cli import (
    accept,
    advice,
    check,
    diagnose,
    diff,
    doctor,
    init,
    inspect,
    load,
    merge,
    past,
    publishing,
    requirements,
    signatures,
    update,
)
from runner.cli.options import Commands
from runner.cli.options import common as _common
from runner.cli.options import positive as _positive
from runner.cli.parser import Parser
from runner.model.finding import Verdict

EPILOG = """\
the main job:
  kmatrix run                          build, save, load, judge, report: build/report/index.html
  kmatrix run --profile quick          three environments instead of six
  kmatrix run --touching tf2.15-py311  only pairs with this environment on one side
  kmatrix run --cell tf2.10-py39/mlp_sequential/h5/tf2.15-py311
                                       one cell, with all its evidence on the terminal

a new environment is one line in matrix.yaml and one command:
  kmatrix lock tf2.12-py310

exit codes:
  0  as expected
  1  a finding differs from what is expected (--fail-on)
  2  the command line or the matrix file is wrong
  3  something the tool needs is missing; nothing could be measured
  130  interrupted; run again to go on
"""

RUN_EXAMPLES = """\
examples:
  kmatrix run                                      the default profile
  kmatrix run --profile full -j 4                  everything, four cells side by side
  kmatrix run --environments 'tf2.1*' --formats h5 keras
  kmatrix run --touching tf2.15-py311              this environment with all the others
  kmatrix run --cell tf2.10-py39/lstm/h5/tf2.21-keras3.15-py312
  kmatrix run --fail-on drifted --fail-on crashed  for a script
"""
PLAN_EXAMPLES = """\
examples:
  kmatrix plan                     how much, and why
  kmatrix plan --cells | grep new  each save and load that is new
"""
ENV_EXAMPLES = """\
examples:
  kmatrix env list
  kmatrix env build 'tf2.1*'
  kmatrix env shell tf2.10-py39                       your shell in it
  kmatrix env shell tf2.10-py39 python -c 'import tensorflow'
  kmatrix env prune                                   disk space
"""
LOCK_EXAMPLES = """\
examples:
  kmatrix lock                     those that are missing or stale
  kmatrix lock tf2.12-py310        this one anew
  kmatrix lock --check             for CI: exit with 1 when one is missing or stale
  kmatrix lock --upgrade           all, with the newest versions that are allowed
"""


def make_parser() -> argparse.ArgumentParser:
    """The parser of ``kmatrix``."""
    parser: argparse.ArgumentParser = Parser(
        prog="kmatrix", description=kmatrix.__doc__, epilog=EPILOG
    )
    parser.add_argument("--version", action="version", version=f"kmatrix {kmatrix.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _run(commands)
    _plan(commands)
    _env(commands)
    _lock(commands)
    _report(commands)
    version = "print kmatrix's version and those of its tools"
    commands.add_parser("version", help=version, description=version.capitalize() + ".")
    for module in (
        accept,
        advice,
        diagnose,
        check,
        diff,
        past,
        merge,
        publishing,
        signatures,
        update,
        init,
        inspect,
        load,
        requirements,
        doctor,
    ):
        module.add_parser(commands)
    return parser


def _run(commands: Commands[argparse.ArgumentParser]) -> None:
    run = commands.add_parser(
        "run",
        help="measure the matrix and write the report",
        description="Build what is missing, save reference models in every environment, load "
        "them in every other, judge, report. What is known already does not run again.",
        epilog=RUN_EXAMPLES,
    )
    _selection(run)
    run.add_argument(
        "--cell",
        action="append",
        default=[],
        metavar="ID",
        help="only this cell, saver/model/format/loader, run anew and shown with its evidence",
    )
    run.add_argument(
        "--jobs",
        "-j",
        type=_positive,
        default=os.cpu_count() or 1,
        metavar="N",
        help="cells side by side (default: as many as this machine has processors)",
    )
    run.add_argument(
        "--isolate",
        action="store_true",
        help="a new process for every cell; slow, for systems or cells that fork upsets",
    )
    run.add_argument(
        "--no-group",
        action="store_true",
        help="a forked child for every cell, harmless ones included",
    )
    run.add_argument(
        "--no-climb",
        action="store_true",
        help="only load as a user would first try: no other routes, no scenarios",
    )
    run.add_argument(
        "--fresh", action="store_true", help="ask again what is known of the chosen cells"
    )
    run.add_argument(
        "--fail-on",
        action="append",
        default=[],
        choices=[str(verdict) for verdict in Verdict],
        metavar="VERDICT",
        help="exit with 1 when a cell has this verdict (drifted, refused, crashed, …); repeatable",
    )
    run.add_argument(
        "--lock",
        action="store_true",
        help="first write the locks that are missing or stale, as `kmatrix lock` does",
    )
    run.add_argument(
        "--shard", metavar="I/N", help="only part I of N; `kmatrix merge` unites the parts"
    )
    run.add_argument("--report-dir", type=Path, metavar="DIR", help="default: BUILD/report")


def _plan(commands: Commands[argparse.ArgumentParser]) -> None:
    plan = commands.add_parser(
        "plan",
        help="show what would run, and why",
        description="Show what a run would do and why: new, changed, known. Starts nothing.",
        epilog=PLAN_EXAMPLES,
    )
    _selection(plan)
    plan.add_argument("--cells", action="store_true", help="list every save and load")
    plan.add_argument(
        "--shards", type=_positive, metavar="N", help="list the parts for N machines instead"
    )
    plan.add_argument("--shard", metavar="I/N", help="list only part I of N")
    plan.add_argument(
        "--format",
        choices=("text", "json", "github", "pythons"),
        default="text",
        help="of --shards and --shard; github: one line for strategy.matrix; pythons: the "
        "versions needed (default: %(default)s)",
    )


def _env(commands: Commands[argparse.ArgumentParser]) -> None:
    env = commands.add_parser(
        "env",
        help="list, build, enter or remove environments",
        description="The environments of the matrix file: a virtual environment each, built from "
        "its lock below BUILD/environments, reused until the lock changes.",
        epilog=ENV_EXAMPLES,
    )
    actions = env.add_subparsers(dest="action", required=True, metavar="ACTION", title="actions")
    for name, text in (
        ("list", "list environments, their locks and whether they are built"),
        ("build", "build environments now"),
        ("push", "send images to the registry that the matrix file names"),
        ("pull", "fetch images from the registry that the matrix file names"),
    ):
        action = actions.add_parser(name, help=text, description=text.capitalize() + ".")
        _common(action)
        action.add_argument("environments", nargs="*", metavar="ENVIRONMENT", help="ids or globs")
    text = "open a shell, or run a command, inside an environment"
    shell = actions.add_parser("shell", help=text, description=text.capitalize() + ".")
    _common(shell)
    shell.add_argument("environment", metavar="ENVIRONMENT")
    shell.add_argument(
        "arguments",
        nargs=argparse.REMAINDER,
        metavar="COMMAND",
        help="default: your shell, with the environment's python first on PATH",
    )
    text = "remove built environments that no lock asks for"
    prune = actions.add_parser("prune", help=text, description=text.capitalize() + ".")
    _common(prune)
    prune.add_argument("--all", action="store_true", help="remove all of them")


def _lock(commands: Commands[argparse.ArgumentParser]) -> None:
    lock = commands.add_parser(
        "lock",
        help="write the exact packages of environments, with hashes, into environments/locks",
        description="Resolve environments to exact versions with hashes. Without names: every "
        "environment whose lock is missing or stale.",
        epilog=LOCK_EXAMPLES,
    )
    _common(lock)
    lock.add_argument("environments", nargs="*", metavar="ENVIRONMENT", help="ids or globs")
    lock.add_argument("--upgrade", action="store_true", help="all of them, fresh locks too")
    lock.add_argument("--check", action="store_true", help="write nothing; 1 when one is stale")


def _report(commands: Commands[argparse.ArgumentParser]) -> None:
    report = commands.add_parser(
        "report",
        help="write the report again, from the last run or from a results.json",
        description="Write the report again, from the last run or from a results.json.",
    )
    _common(report)
    report.add_argument("results", nargs="?", type=Path, metavar="RESULTS_JSON")
    report.add_argument("--report-dir", type=Path, metavar="DIR", help="default: BUILD/report")


def _selection(parser: argparse.ArgumentParser) -> None:
    _common(parser)
    parser.add_argument("--profile", metavar="NAME", help="a profile of the matrix file")
    for option, noun in (
        ("--environments", "environments"),
        ("--models", "reference models"),
        ("--formats", "formats"),
    ):
        parser.add_argument(
            option, nargs="+", default=[], metavar="GLOB", help=f"only these {noun}"
        )
    parser.add_argument(
        "--touching",
        nargs="+",
        default=[],
        metavar="GLOB",
        help="only pairs with one of these environments on a side",
    )
