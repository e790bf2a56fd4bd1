"""Writes docs/signatures.md from the signatures: ``python -m runner.signatures.signature_docs``.

With ``--check`` it writes nothing and ends with 1 when the file is out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from runner.display_text import escape_pipes
from runner.signatures.read import load_reported, load_signatures
from runner.signatures.signature_results import remedy_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.model.signature import Pattern, Side, Signature

PATH = Path(__file__).resolve().parents[2] / "docs" / "signatures.md"
HEAD = """\
# Failures that kmatrix knows

<!-- Written by `python -m runner.signatures.signature_docs`; do not edit. -->

{count} signatures, in the order in which they are asked: an earlier one explains the later ones.
They are data, in `runner/signatures/known/`; CONTRIBUTING says how to add one.

A code that begins with F is a failure with an exception or a warning; one with S is silent: the
model loads and predicts something else. Those with X were first seen in a run of the matrix. Those
marked *quoted* have no recorded sample: their text is from a library's source or from a report. If
a remedy names a route, kmatrix tries it itself, and calls it verified only where it ran in that
loader and the predictions matched.

The {reported} signatures whose code begins with R are from public reports and from messages in the
sources of Keras and TensorFlow (`runner/signatures/reported/`). `diagnose` asks them after the
others; they need text alone and take no part in the verdicts of a matrix.
"""
PATTERNS = {
    "exception": "the exception's type",
    "message": "the innermost message",
    "traceback": "anywhere in the traceback",
    "stack": "where a process was when it was ended",
    "unless": "and not in the message",
    "warning": "a warning",
    "lost": "what was lost",
    "save_again": "saving it again fails with",
    "head": "the file's first bytes",
    "saved_config": "the saver's config",
    "loaded_config": "the loaded model's config",
    "first_layer": "the first layer that differs",
}


def document(signatures: Sequence[Signature], reported: Sequence[Signature] = ()) -> str:
    """Return the whole page."""
    both = [*signatures, *reported]
    lines = [HEAD.format(count=len(signatures), reported=len(reported)), *_contents(both)]
    for signature in both:
        lines += _signature(signature)
    return "\n".join(lines)


def _contents(signatures: Sequence[Signature]) -> Iterator[str]:
    yield "| code | id | what it looks like |\n|---|---|---|"
    for signature in signatures:
        link = f"[`{signature.id}`](#{signature.id})"
        yield f"| {signature.code} | {link} | {_cell(signature.title)} |"
    yield ""


def _signature(signature: Signature) -> Iterator[str]:
    yield f"## {signature.id}\n"
    marks = [signature.code]
    marks += ["silent"] if signature.silent else []
    marks += ["quoted"] if signature.quoted else []
    yield f"**{signature.title}** ({', '.join(marks)})\n"
    yield f"```text\n{signature.example}\n```\n"
    yield signature.cause + "\n"
    if signature.causes:
        yield "The message does not tell which; most likely first:\n"
        yield from (f"- {cause}" for cause in signature.causes)
        yield ""
    for number, remedy in enumerate(signature.remedies, 1):
        route = f" (route `{remedy.route}`)" if remedy.route else ""
        yield f"{number}. {remedy.text}{route}"
        code = remedy_code(remedy, signature)
        if code:
            indented = "\n".join(f"   {line}".rstrip() for line in code.splitlines())
            yield f"\n   ```\n{indented}\n   ```\n"
    if signature.remedies:
        yield ""
    yield f"Seen as: {'; or '.join(map(_pattern, signature.match))}.  "
    yield f"Where: {_where(signature)}.  "
    yield f"See: {', '.join(f'<{link}>' for link in signature.links)}\n"


def _pattern(pattern: Pattern) -> str:
    parts = [
        f"{words} {' or '.join(_code(pattern.pattern) for pattern in found)}"
        for name, words in PATTERNS.items()
        if (found := getattr(pattern, name))
    ]
    parts += [f"at stage {' or '.join(pattern.stage)}"] if pattern.stage else []
    parts += [f"ended by signal {', '.join(map(str, pattern.signal))}"] if pattern.signal else []
    parts += ["predictions differ"] if pattern.drift else []
    parts += [f"by less than {pattern.below:g}"] if pattern.below is not None else []
    parts += ["two predictions of one model differ"] if pattern.random else []
    parts += [f"the saver's arrays: {' or '.join(pattern.weights)}"] if pattern.weights else []
    parts += ["another Python minor version"] if pattern.other_python else []
    return ", ".join(parts)


def _where(signature: Signature) -> str:
    where = signature.where
    parts = [f"formats {', '.join(where.formats)}"] if where.formats else []
    parts += [f"saved by {side}"] if (side := _side(where.saver)) else []
    parts += [f"loaded by {side}"] if (side := _side(where.loader)) else []
    return "; ".join(parts) or "anywhere"


def _side(side: Side) -> str:
    parts = [f"Keras {_versions(str(side.keras))}"] if side.keras is not None else []
    parts += [f"TensorFlow {_versions(str(side.tensorflow))}"] if side.tensorflow else []
    parts += [f"Python {_versions(str(side.python))}"] if side.python is not None else []
    parts += [f"backend {' or '.join(side.backend)}"] if side.backend else []
    parts += [f"as `{' or '.join(side.api)}`"] if side.api else []
    return ", ".join(parts)


def _versions(text: str) -> str:
    return ",".join(sorted(text.split(","), reverse=True))


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"


def _cell(text: str) -> str:
    return escape_pipes(text)


def main(arguments: Sequence[str]) -> int:
    """Write the page, or check it."""
    text = document(load_signatures(), load_reported())
    if "--check" not in arguments:
        PATH.write_text(text, "utf-8")
        return 0
    if PATH.read_text("utf-8") == text:
        return 0
    print(  # noqa: T201 - a command of its own
        f"{PATH} is out of date; write it: python -m runner.signatures.signature_docs",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
