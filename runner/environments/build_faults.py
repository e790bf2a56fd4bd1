"""What a failed build's log says about whose fault it was. Pure."""

from __future__ import annotations

import re

from runner.display_text import cut
from runner.model.builds import Fault

# Order matters: a hash mismatch is also an install error.
PATTERNS = (
    (Fault.TIME, r"^error: not built within"),
    (Fault.HASH, r"[Hh]ash mismatch|THESE PACKAGES DO NOT MATCH THE HASHES"),
    (Fault.DISK, r"[Nn]o space left on device|[Dd]isk quota exceeded"),
    (Fault.IMAGE, r"pull access denied|manifest (?:for .* )?(?:unknown|not found)"),
    (
        Fault.INTERPRETER,
        (
            r"No interpreter found|no Python executable|Failed to (?:download|install) .*cpython"
            r"|No download found for request|python-build-standalone"
        ),
    ),
    (
        Fault.NETWORK,
        (
            r"error sending request|dns error|[Cc]onnection (?:refused|reset|aborted|timed out)"
            r"|operation timed out|Failed to fetch|tunnel error"
            r"|Temporary failure in name resolution|[Nn]etwork is unreachable"
            r"|status (?:code )?5\d\d|\b50[234] (?:Bad Gateway|Service|Gateway)"
            r"|ReadTimeoutError|Max retries exceeded"
            r"|dial tcp|no such host|i/o timeout|TLS handshake timeout"  # as the Engine says it
        ),
    ),
)
NOISE = re.compile(r"^(\$ |nox > (?!.*(failed|error))|\s*$|warning:)")


def classify(log: str) -> Fault:
    """Return the fault that a build's output shows; ``INSTALL`` where nothing better is known."""
    for fault, pattern in PATTERNS:
        if re.search(pattern, log):
            return fault
    return Fault.INSTALL


def explain(log: str, limit: int = 300) -> str:
    """Return the telling lines of a failed build in one line."""
    lines = [line.strip() for line in log.splitlines() if not NOISE.match(line)]
    telling = [
        re.sub(r"^(×|╰─▶|├─▶|cause:|Caused by:)", "", line).strip()
        for line in lines
        if re.search(r"error|Error|×|╰─▶|├─▶|[Cc]aused? ?(by)?:|mismatch|Failed|failed|No ", line)
    ]
    # What nox says is that a command failed; what the command said tells more.
    own = [line for line in telling if not line.startswith("nox > ")]
    text = "; ".join(dict.fromkeys(own or telling or lines[-2:]))
    return cut(text, limit)
