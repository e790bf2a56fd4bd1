"""The guarded process: paths in, inspections out, one JSON line each.

HDF5 and zip files are made by strangers and read by C libraries: a file that crashes, hangs or
swells one of them must not take kmatrix along.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from runner.modelfile import inspection_json as codec
from runner.modelfile import limits
from runner.modelfile.inspect_file import NoFile, inspect

if TYPE_CHECKING:
    from typing import BinaryIO


def main() -> int:
    """Serve until the input ends. What libraries print goes to stderr, never into an answer."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit_memory()
    answers.write(b'{"ready": true}\n')
    answers.flush()
    serve(sys.stdin.buffer, answers)
    return 0


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer each request: ``{"path": …}`` with ``{"inspection": …}`` or ``{"no_file": …}``."""
    for line in requests:
        path = Path(json.loads(line)["path"])
        try:
            answer: dict[str, object] = {"inspection": codec.to_json(inspect(path))}
        except NoFile as error:
            answer = {"no_file": str(error)}
        except Exception as error:  # noqa: BLE001 - a bug of ours must not cost the other files
            traceback.print_exc()
            answer = {"failed": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _limit_memory() -> None:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = limits.MEMORY if hard == resource.RLIM_INFINITY else min(limits.MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
