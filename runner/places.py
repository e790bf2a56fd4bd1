"""Where the parts of an installed kmatrix lie."""

from pathlib import Path

WORKER = Path(__file__).resolve().parent / "worker"
