"""A matrix of few names, read from text, for tests of expectations."""

from pathlib import Path

from runner.config.matrix_file import load_matrix

MATRIX = """\
environments:
  - tensorflow: "1.15"
  - tensorflow: "2.10"
  - tensorflow: "2.15"
models: [mlp_sequential, lstm, conv1d]
formats: [h5, keras]
"""
TF1, TF210, TF215 = "tf1.15-py37", "tf2.10-py39", "tf2.15-py311"


def write_matrix(folder: Path, expectations: str = "") -> Path:
    path = folder / "matrix.yaml"
    path.write_text(MATRIX + expectations)
    return path


def expectations_of(folder, text):
    return load_matrix(write_matrix(folder, text)).expectations
