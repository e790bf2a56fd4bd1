"""Where the parts of an installed kmatrix lie."""

from pathlib import Path

LOCKS = Path(__file__).resolve().parents[1] / "environments" / "locks"
WORKER = Path(__file__).resolve().parent / "worker"
ENVIRONMENTS = Path(__file__).resolve().parents[1] / "environments"
MATRIX = Path(__file__).resolve().parents[1] / "matrix.yaml"  # this project's own
