"""A matrix file from text, read by the real reader and the real catalogue."""

import textwrap

import pytest

from runner.config.matrix_file import load_matrix
from runner.errors import ExitCode, ToolError


@pytest.fixture
def write(tmp_path):
    """Write a matrix file; return its path. Bytes are written as they are."""

    def write(text):
        path = tmp_path / "matrix.yaml"
        path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
        return path

    return write


@pytest.fixture
def read(write):
    """A matrix from text."""
    return lambda text: load_matrix(write(text))


@pytest.fixture
def environments(read):
    """The environments of one entry, by id."""

    def environments(entry):
        matrix = read(f"environments:\n  - {entry}\n")
        return {environment.id: environment for environment in matrix.environments}

    return environments


@pytest.fixture
def mistakes(write, tmp_path):
    """The lines of the error that a text gives, without the folder."""

    def mistakes(text):
        with pytest.raises(ToolError) as caught:
            load_matrix(write(text))
        assert caught.value.exit_code is ExitCode.USAGE
        return str(caught.value).replace(f"{tmp_path}/", "").splitlines()

    return mistakes
