"""The next command for a diagnosis, with its arguments filled in. Pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from runner.signatures.frames import LoadStage

if TYPE_CHECKING:
    from runner.signatures.diagnosis import Diagnosis


def filled_in(text: str, found: Diagnosis) -> str:
    """Replace ``{inspect}`` and ``{doctor}`` by the commands for this log's file and Python."""
    return text.replace("{inspect}", inspect_command(found)).replace(
        "{doctor}", doctor_command(found)
    )


def inspect_command(found: Diagnosis) -> str:
    """Return the command that looks into the file that the log names last."""
    return f"kmatrix inspect {_file(found)}"


def doctor_command(found: Diagnosis) -> str:
    """Return the command that looks at the Python whose packages the frames name."""
    python = found.origin.python
    return f"kmatrix doctor --python {shlex.quote(python) if python else 'python'}"


def next_commands(found: Diagnosis) -> tuple[str, ...]:
    """Return what to run next for an unknown failure, the most telling first."""
    doctor, inspect, load = doctor_command(found), inspect_command(found), _load_command(found)
    match found.origin.stage:
        case LoadStage.IMPORT:
            return (doctor,)
        case LoadStage.OPEN:
            return (inspect,)
        case LoadStage.CONFIGURATION | LoadStage.WEIGHTS | LoadStage.BUILD:
            return (inspect, load)
        case LoadStage.PREDICT:
            return (load, doctor)
        case LoadStage.SAVE | LoadStage.TRAIN:
            return (doctor,)
        case None:
            return (inspect, doctor) if found.files else (doctor,)


def _load_command(found: Diagnosis) -> str:
    return f"kmatrix load {_file(found)}"


def _file(found: Diagnosis) -> str:
    return shlex.quote(found.files[-1]) if found.files else "FILE"
