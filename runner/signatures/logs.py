"""Normalise a log: one form for CPython, IPython, reticulate, Windows and JSON lines. Pure."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING

from runner.signatures.tracebacks import CHAIN, OPENING, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

# Fields of a structured log record that hold text, in the order in which they are printed.
TEXT_FIELDS = (
    *("message", "msg", "log", "event", "textPayload", "text", "error"),
    *("exc_info", "exc_text", "exception", "traceback", "stack", "stack_trace", "stacktrace"),
)
# ``---> 12 model = load()``, and the lines of source around it.
ARROW = re.compile(r"^ {0,2}-{1,6}> ?\d+ ?(?P<code>.*)$")
CONTEXT = re.compile(r"^ {1,8}\d+(?: .*)?$|^\(\.\.\.\)$|^ *$")
# pytest and rich mark the line in question by ``>`` and ``❱``, and quote others around it.
RICH = re.compile(r"^[│|] (?P<mark>❱| ) *\d+ (?P<code>.*?)[│|]?$")
FRAME = re.compile(r'^\s*(?:File "|File |~|[A-Za-z]:[\\/]|/|<)\S*[\\/]')
# reticulate: ``Error in py_call_impl(callable, …) : ``, then the exception, indented.
R_ERROR = re.compile(r"^(?:Error in (?:\S+::+)?[\w.]+\(.*\) ?:|Error ?:|Caused by error.*:)\s*")
R_BULLET = re.compile(r"^(?:!|✖|x) (?=[\w.]*(?:Error|Exception)\b)")
INDENTED_ERROR = re.compile(r"^\s+(?=[\w.]*(?:Error|Exception): )")
# ``2024-01-02 03:04:05,678 - app - ERROR - ``, ``ERROR:root:``, ``[12:01:02] ERROR ``.
RECORD = re.compile(
    r"^(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]*(?:Z|[+-]\d\d:?\d\d)?\]?"
    r"|\[?\d\d:\d\d:\d\d[.,\d]*\]?)"
    r"[ \t|:\[\]\w.()/<>-]{0,80}?(?=(?:[\w]+\.)*[A-Z]\w*(?:Error|Exception)\b|Traceback )"
)
LEVEL = re.compile(
    r"^\[?(?:ERROR|CRITICAL|FATAL)\]?[: |-]+(?:[\w.]+[: |-]+)?(?=[A-Z]\w*(?:Error|Exception)\b)"
)


def read_log(text: str) -> str:
    """Return the log in the form that CPython prints on Linux, without lines quoted as context."""
    lines = [line for each in plain(text).split("\n") for line in _unwrapped(each)]
    lines = list(_without_context(lines))
    lines = list(_from_r(lines))
    return "\n".join(_slashes(_without_record(line)) for line in lines)


def incidents(text: str) -> tuple[str, ...]:
    """Split a log into tracebacks that are not chained, each with what was printed before it.

    Warnings before an exception can name its cause, so that they stay with it.
    """
    lines = text.split("\n")
    openings = [number for number, line in enumerate(lines) if OPENING.search(line)]
    starts = [0]
    for before, opening in itertools.pairwise(openings):
        between = lines[before + 1 : opening]
        if any(CHAIN.search(line) for line in between):
            continue
        starts.append(_end_of_message(lines, before + 1, opening))
    pieces = [
        lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)
    ]
    return tuple("\n".join(piece) for piece in pieces)


def _end_of_message(lines: list[str], start: int, end: int) -> int:
    """Return the first line after the exception that ends the traceback at ``start``."""
    for number in range(start, end):
        line = lines[number]
        if line[:1].strip() and not FRAME.match(line) and re.match(r"[\w.]+(?:: |$)", line):
            return min(number + 1, end)
    return end


def _unwrapped(line: str) -> Iterator[str]:
    """Yield the lines of text that a record of a structured log holds; other lines as they are."""
    stripped = line.strip()
    if not (stripped.startswith("{") and stripped.endswith("}")):
        yield line
        return
    try:
        record = json.loads(stripped)
    except ValueError:
        yield line
        return
    texts = [record[name] for name in TEXT_FIELDS if isinstance(record.get(name), str)]
    if not texts:
        yield line
    for text in texts:
        yield from text.replace("\r\n", "\n").split("\n")


def _without_context(lines: list[str]) -> Iterator[str]:
    """Yield the lines without source that a debugger quotes around the line in question."""
    number = 0
    while number < len(lines):
        end = number
        while end < len(lines) and (ARROW.match(lines[end]) or CONTEXT.match(lines[end])):
            end += 1
        run = lines[number:end]
        if any(ARROW.match(line) for line in run):
            yield from (f"    {match['code']}" for line in run if (match := ARROW.match(line)))
            yield ""
        elif run:
            yield from run
        if end < len(lines):
            yield from _without_rich_context(lines[end])
        number = end + 1


def _without_rich_context(line: str) -> Iterator[str]:
    match = RICH.match(line)
    if match is None:
        yield line
    elif match["mark"] == "❱":
        yield f"    {match['code'].strip()}"


def _from_r(lines: list[str]) -> Iterator[str]:
    """Yield the lines without what R prints before an exception of Python."""
    after_r = False
    for line in lines:
        match = R_ERROR.match(line)
        if match is not None:
            after_r = True
            if rest := line[match.end() :].strip():
                yield rest
            continue
        if after_r and INDENTED_ERROR.match(line):
            after_r = False
            yield line.strip()
            continue
        yield R_BULLET.sub("", line)


def _without_record(line: str) -> str:
    """Return the line without time, logger and level where an exception follows them."""
    return LEVEL.sub("", RECORD.sub("", line, count=1), count=1)


def _slashes(line: str) -> str:
    """Return a frame of Windows with the slashes that signatures name."""
    return line.replace("\\", "/") if FRAME.match(line) else line
