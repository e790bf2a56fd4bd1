"""Say why a model does not load, from a traceback, a log or a command."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from reports import results_json
from runner import child_processes
from runner.cli.console import Console
from runner.cli.options import StoreOptions, option
from runner.cli.registry import Command
from runner.display_text import cut, one_line
from runner.errors import ExitCode, ToolError
from runner.signatures import load_reported, load_signatures, signature_result
from runner.signatures.diagnosis import diagnose, files_in
from runner.signatures.next_commands import filled_in, next_commands
from runner.signatures.occurrences import occurrences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.model.results import Results
    from runner.model.signature import Signature
    from runner.signatures.diagnosis import Diagnosis
    from runner.signatures.occurrences import Occurrences

SCHEMA = 1
MOST_CELLS = 5
HEAD_BYTES = 64
EXAMPLES = """\
examples:
  kmatrix diagnose train.log               a log, or a notebook's output, with a traceback in it
  python load.py 2>&1 | kmatrix diagnose   from standard input
  kmatrix diagnose --exec python load.py   run it, and say what went wrong

exit codes:
  0  a known failure (or, with --exec, none at all)
  1  a failure that kmatrix does not know
"""


DESCRIPTION = (
    "Recognise the failure in a traceback or log: cause, what helps, links, and the cells of the "
    "last run that show it too."
)


@dataclass(frozen=True, kw_only=True)
class Options(StoreOptions):
    """Options of ``kmatrix diagnose``."""

    file: str = option(
        nargs="?", default="-", metavar="FILE", help="a log (default: standard input)"
    )
    format: str = option(
        "--format", choices=("text", "json"), default="text", help="default: %(default)s"
    )
    seconds: float = option(
        "--seconds",
        type=float,
        default=600.0,
        metavar="N",
        help="with --exec: end the command after so long (default: %(default)g)",
    )
    program: tuple[str, ...] = option(
        "--exec",
        nargs=argparse.REMAINDER,
        metavar="COMMAND",
        help="run this command, with all arguments that follow, and diagnose what it prints",
    )


def run(options: Options) -> ExitCode:
    """``kmatrix diagnose``."""
    text, ended_by = _execute(options) if options.program else (_read(options.file), None)
    if text is None:
        return ExitCode.AS_EXPECTED
    found = diagnose(
        text, load_signatures(), reported=load_reported(), head=_head(text), signal=ended_by
    )
    seen = _occurrences(options.build, found)
    if options.format == "json":
        print(json.dumps(_as_json(found, seen), indent=2, ensure_ascii=False))
    else:
        _show(Console(highlight=False), found, seen)
    return ExitCode.AS_EXPECTED if found.known else ExitCode.DIFFERS


def _read(name: str) -> str:
    if name == "-":
        if sys.stdin.isatty():
            print("paste a traceback, and end with Ctrl-D", file=sys.stderr)
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    try:
        return Path(name).read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise ToolError(
            f"{name}: cannot be read ({error.strerror})", exit_code=ExitCode.USAGE
        ) from error


def _execute(options: Options) -> tuple[str | None, int | None]:
    """Return what the command printed, and the signal that ended it; no text where it went well."""
    try:
        ended = child_processes.run(options.program, seconds=options.seconds)
    except OSError as error:
        raise ToolError(f"{options.program[0]}: cannot be started ({error.strerror})") from error
    if options.format == "text":
        print(ended.output, end="", file=sys.stderr)
    if ended.code is None:
        raise ToolError(
            f"{options.program[0]}: ended after {options.seconds:g} s, unfinished. "
            "Give it more with --seconds"
        )
    if ended.ok:
        print("the command ended well: nothing to diagnose", file=sys.stderr)
        return None, None
    return ended.output, -ended.code if ended.code < 0 else None


def _head(text: str) -> str | None:
    """Return the first bytes of the first file that the log names and that is here."""
    for name in files_in(text):
        with suppress(OSError, ValueError), Path(name).open("rb") as stream:
            return stream.read(HEAD_BYTES).decode("latin-1")
    return None


def _occurrences(build: Path, found: Diagnosis) -> dict[str, Occurrences]:
    """Which cells of the last run show the same; nothing where none was run."""
    path = build / "report" / "results.json"
    try:
        results: Results = results_json.from_json(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"{path}: left out, it is no results.json ({error})", file=sys.stderr)
        return {}
    return {
        signature.id: occurrences(signature.id, results.cells) for signature in found.signatures
    }


def _as_json(found: Diagnosis, seen: dict[str, Occurrences]) -> dict[str, Any]:
    raised = found.raised
    return {
        "schema": SCHEMA,
        "known": found.known,
        "exception": asdict(raised) if raised is not None else None,
        "versions": {key: value for key, value in asdict(found.setting).items() if value},
        "fingerprint": found.fingerprint,
        "signatures": [
            {
                "code": signature.code,
                "causes": list(signature.causes),
                "check": filled_in(signature.check, found) if signature.check else None,
                **asdict(signature_result(signature)),
                "cells": list(seen[signature.id].cells) if signature.id in seen else [],
                "verified": dict(seen[signature.id].verified) if signature.id in seen else {},
            }
            for signature in found.signatures
        ],
        "nearest": [
            {"id": signature.id, "title": signature.title, "alike": round(score, 2)}
            for signature, score in found.nearest
        ],
        "origin": _origin_as_json(found),
        "addons": [
            {"name": name, "packages": [owner.package for owner in owners]}
            for name, owners in found.addons
        ],
        "ruled_out": [signature.id for signature in found.ruled_out],
        "next": list(next_commands(found)),
        "others": [_as_json(other, {}) for other in found.others],
    }


def _origin_as_json(found: Diagnosis) -> dict[str, Any]:
    origin = found.origin
    return {
        "stage": origin.stage,
        "raised_by": origin.owner,
        "keras": str(origin.compatible.keras) or None,
        "tensorflow": str(origin.compatible.tensorflow) or None,
        "python": origin.python,
    }


def _show(console: Console, found: Diagnosis, seen: dict[str, Occurrences]) -> None:
    if found.raised is not None:
        line = one_line(f"{found.raised.type}: {found.raised.innermost}")
        console.print(Text(cut(line, 300), style="dim"))
    if not found.known:
        _show_unknown(console, found)
    for signature in found.signatures:
        console.print()
        _show_signature(console, found, signature, seen.get(signature.id))
    _show_addons(console, found)
    _show_others(console, found)


def _show_addons(console: Console, found: Diagnosis) -> None:
    for name, owners in found.addons:
        packages = " or ".join(f"{owner.package} ({owner.requires})" for owner in owners)
        console.print(Text(f"{name} belongs to {packages}"))


def _show_others(console: Console, found: Diagnosis) -> None:
    for other in found.others:
        what = other.signatures[0].title if other.known else "not known"
        raised = (
            f"{other.raised.type}: {other.raised.innermost}" if other.raised else "no exception"
        )
        line = one_line(raised, 160)
        console.print(Text(f"another traceback in this log: {line}: {what}"))


def _show_causes(console: Console, found: Diagnosis, signature: Signature) -> None:
    """Show what remains where the text cannot tell, and the command that tells."""
    if not signature.causes:
        return
    console.print(
        Padding(Text("The message does not tell which. Most likely first:"), (0, 0, 0, 2))
    )
    for cause in signature.causes:
        console.print(Padding(Text(f"- {cause}"), (0, 0, 0, 4), expand=False))
    if signature.check:
        console.print(Padding(Text(f"To tell: {filled_in(signature.check, found)}"), (0, 0, 1, 2)))


def _show_signature(
    console: Console, diagnosis: Diagnosis, signature: Signature, seen: Occurrences | None
) -> None:
    found = signature_result(signature)
    console.print(Text.assemble((found.title, "bold"), f"  [{found.id}]"))
    console.print(Padding(Text(found.cause), (0, 0, 1, 2), expand=False))
    _show_causes(console, diagnosis, signature)
    for number, remedy in enumerate(found.remedies, 1):
        verified = seen.verified_times(remedy.route) if seen is not None else 0
        mark = f" (verified in {verified} cells of the last run)" if verified else ""
        console.print(Padding(Text(f"{number}. {remedy.text}{mark}"), (0, 0, 0, 2), expand=False))
        if remedy.code:
            code = Text(filled_in(remedy.code, diagnosis), style="cyan")
            console.print(Padding(code, (0, 0, 0, 7), expand=False))
    for link in found.links:
        console.print(Padding(Text(link, style="blue"), (0, 0, 0, 2), expand=False), soft_wrap=True)
    if seen is not None and seen.cells:
        console.print(Padding(Text(_cells_line(seen)), (0, 0, 0, 2), expand=False))


def _cells_line(seen: Occurrences) -> str:
    shown = ", ".join(seen.cells[:MOST_CELLS])
    more = len(seen.cells) - MOST_CELLS
    return f"in the last run: {shown}" + (f" and {more} more" if more > 0 else "")


def _show_unknown(console: Console, found: Diagnosis) -> None:
    console.print(
        Text(f"Unknown: not a failure that kmatrix knows (fingerprint {found.fingerprint}).\n")
    )
    for line in _origin_lines(found):
        console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))
    if found.nearest:
        console.print("Similar, and not the same:")
        for signature, score in found.nearest:
            line = f"{signature.id} ({score:.0%} alike): {signature.title}"
            console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))
    for command in next_commands(found):
        console.print(Text(f"next: {command}"))
    console.print(
        "The same failure has the same fingerprint, whatever its names and numbers: quote it "
        "where you ask for help."
    )


def _origin_lines(found: Diagnosis) -> Iterator[str]:
    """Yield what the frames say of a failure."""
    origin = found.origin
    if origin.stage is not None:
        yield f"stage: {origin.stage}"
    if origin.owner is not None:
        yield f"raised by: {origin.owner}"
    if keras := str(origin.compatible.keras):
        yield f"the frames are of Keras {keras}"
    if tensorflow := str(origin.compatible.tensorflow):
        yield f"the frames are of TensorFlow {tensorflow}"
    if found.ruled_out:
        titles = "; ".join(signature.title for signature in found.ruled_out)
        yield f"ruled out by these versions: {titles}"


COMMAND = Command(options=Options, run=run, description=DESCRIPTION, examples=EXAMPLES)
