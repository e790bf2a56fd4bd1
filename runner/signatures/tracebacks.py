"""Exceptions in text: tracebacks taken apart, chains and wrappers included. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Keras 2.12 and later wrap the cause, sometimes twice; what follows the last one counts.
WRAPPER = re.compile(r"Exception encountered:\s*")
COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# ``ValueError: …``, ``h5py._hl.Error``, ``zipfile.BadZipFile: …``; a bare name must say what it is.
HEADLINE = re.compile(
    r"(?P<type>(?:[A-Za-z_]\w*\.)*[A-Z]\w*"
    r"(?:Error|Exception|Exit|Interrupt|Warning|Iteration|BadZipFile|NotAvailable|PermissionDenied|FailedPrecondition)"
    r"|Exception(?=: )|(?:[A-Za-z_]\w*\.)+error(?=: ))"
    r"(?:: ?(?P<message>.*))?$"
)
NAMED = re.compile(r"(?P<type>(?:[A-Za-z_]\w*\.)+[A-Z]\w*): (?P<message>.*)$")
OPENING = re.compile(r"Traceback \(most recent call last\):?\s*$")
CHAIN = re.compile(
    r"During handling of the above exception, another exception occurred:"
    r"|The above exception was the direct cause of the following exception:"
)
# What a message does not go on with: the next record of a log, a prompt, a test's rule.
NEXT_RECORD = re.compile(
    r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|[IWEF]\d{4} \d\d:\d\d:"
    r"|(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b"
    r"|Detailed traceback:|Run [`‘]?reticulate::"
    r"|={5,}|-{20,}|_{5,}|\$ |>>> |In \[\d+\]:"
)
TEST_MARK = re.compile(r"E {3,}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Raised:
    """One exception of a chain: its type as printed, and its whole text."""

    type: str
    message: str

    @property
    def innermost(self) -> str:
        """The text of the cause, wrappers cut."""
        return innermost(self.message)


def innermost(message: str) -> str:
    """Return what follows the last wrapper; the message itself where there is none."""
    return WRAPPER.split(message)[-1].strip()


def raised_in(text: str) -> tuple[Raised, ...]:
    """Every exception that a log shows, in order: of a chain, the one that ended it is last.

    Without a traceback, lines that read like an exception's last line count.
    """
    lines = plain(text).splitlines()
    openings = [number for number, line in enumerate(lines) if OPENING.search(line)]
    if not openings:
        return _bare(lines)
    found = []
    for start, end in zip(openings, [*openings[1:], len(lines)], strict=True):
        block = _without_prefix(lines[start:end])
        raised = _ended_by(block[1:])
        if raised is not None:
            found.append(raised)
    return tuple(found)


def plain(text: str) -> str:
    """Return the text without colours, its lines ended as Python has them."""
    return COLOURS.sub("", text).replace("\r\n", "\n")


def _without_prefix(lines: list[str]) -> list[str]:
    """Return the lines without what a logger put before each: everything before ``Traceback``."""
    opening = OPENING.search(lines[0])
    prefix = lines[0][: opening.start()] if opening else ""
    if not prefix or HEADLINE.match(prefix.strip()):  # a notebook names the exception there
        return lines
    anyhow = re.compile(r"\d+".join(re.escape(part) for part in re.split(r"\d+", prefix)))
    return [anyhow.sub("", line, count=1) if anyhow.match(line) else line for line in lines]


def _ended_by(block: list[str]) -> Raised | None:
    """Return the exception at the end of one traceback's frames."""
    for number, line in enumerate(block):
        match = _headline(TEST_MARK.sub("", line))
        if match is None:
            continue
        return Raised(type=match["type"], message=_message(match, block[number + 1 :]))
    return None


def _headline(line: str) -> re.Match[str] | None:
    if line[:1].isspace() or OPENING.search(line):
        return None
    return HEADLINE.match(line) or NAMED.match(line)


def _message(headline: re.Match[str], following: list[str]) -> str:
    """Return the rest of the headline, and the lines that go on with it."""
    lines = [headline["message"] or ""]
    for line in following:
        if CHAIN.search(line) or NEXT_RECORD.match(line):
            break
        lines.append(TEST_MARK.sub("", line))
    return "\n".join(lines).strip()


def _bare(lines: list[str]) -> tuple[Raised, ...]:
    """Exceptions quoted without their traceback, each with what follows it."""
    starts = [
        number for number, line in enumerate(lines) if _headline(TEST_MARK.sub("", line.strip()))
    ]
    found = []
    for start, end in zip(starts, [*starts[1:], len(lines)][: len(starts)], strict=True):
        match = _headline(TEST_MARK.sub("", lines[start].strip()))
        assert match is not None  # noqa: S101 - the lines were chosen by it
        found.append(Raised(type=match["type"], message=_message(match, lines[start + 1 : end])))
    return tuple(found)
