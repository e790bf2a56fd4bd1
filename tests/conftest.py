"""Which warnings are errors."""

from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
# Libraries and machines decide what these report; it is printed at the end and fails nothing.
REAL = ("docker", "real", "real_models", "environments")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(HERE) and item.path.relative_to(HERE).parts[0] in REAL:
            item.add_marker(pytest.mark.filterwarnings("default"))
