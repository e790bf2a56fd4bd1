"""The start of a worker, in a venv or a container: its first message, or why there is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.model.evidence import MalformedEvidenceError
from runner.worker_client.evidence_reader import failure_from_json
from runner.worker_client.worker_protocol import PROTOCOL, Ready, StartFailed

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = frozenset({"ready", "failed", "gone"})
MAX_STRAY = 1 << 20  # bytes that may come before the first message


def message_in(line: bytes) -> dict[str, Any] | None:
    """Return the message of a line; None where the line is something else."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def first_message(readline: Callable[[int], bytes]) -> tuple[dict[str, Any], bytes]:
    """Return the first message of a worker ({} at the end of its output), and what came before it.

    An interpreter may print while it starts (a ``.pth`` file, ``sitecustomize``), before the
    worker takes its standard output for messages.
    """
    stray = b""
    while len(stray) <= MAX_STRAY and (line := readline(MAX_STRAY)):
        message = message_in(line)
        if message is not None and message.get("event") in FIRST:
            return message, stray
        stray += line
    return {}, stray


def ready_from_json(message: dict[str, Any]) -> Ready | None:
    """Return what a worker says of its environment; None where the message is malformed.

    None, too, where the worker speaks another version of the protocol.
    """
    if message.get("protocol") != PROTOCOL:
        return None
    try:
        return Ready(
            seconds=float(message["seconds"]),
            versions=_pairs(message["versions"]),
            packages=_pairs(message["packages"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _pairs(found: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((str(name), str(version)) for name, version in found.items()))


def start_failed(message: dict[str, Any], too_long: float | None, log: str) -> StartFailed:
    """Why a worker did not become ready. ``too_long``: the limit in seconds that it overran."""
    try:
        failure = failure_from_json(message["failure"]) if "failure" in message else None
    except MalformedEvidenceError:
        failure = None
    if failure is not None:
        reason = f"its Keras does not import: {failure.type}: {failure.innermost}"
    elif "versions" in message and message.get("protocol") != PROTOCOL:
        reason = (
            f"its worker speaks version {message.get('protocol', 0)} of the protocol, kmatrix "
            f"version {PROTOCOL}: remove the folder worker in the build folder"
        )
    elif too_long is not None:
        reason = f"its Keras was not imported within {too_long:g} s"
    else:
        reason = "its interpreter died while importing Keras"
    return StartFailed(reason, failure, log)
