"""Which cells name a bisection, and of which package."""

import pytest

from runner.compare.since_when import bisect_command
from runner.model.cell_id import CellId
from tests.unit.reports.factories import environment

CELL = CellId(saver="a", recipe="lstm", format="h5", loader="b")


def with_packages(backend="tensorflow", **packages):
    named = tuple((name.replace("_", "-"), version) for name, version in packages.items())
    return environment("x", packages=named, backend=backend)


KERAS2 = {"tensorflow_cpu": "2.15.1", "keras": "2.15.0"}


@pytest.mark.parametrize(
    ("good", "bad", "end"),
    [
        ({"keras": "3.9.2"}, {"keras": "3.10.0"}, "--package keras"),
        ({"keras": "3.10.0"}, {"keras": "3.9.2"}, "--package keras --fixed"),
        ({"tensorflow_cpu": "2.10.1", "keras": "2.10.0"}, KERAS2, "--package tensorflow"),
    ],
)
def test_one_package_tells_two_loaders_apart(good, bad, end):
    found = bisect_command(CELL, with_packages(**good), with_packages(**bad))
    assert found == f"kmatrix bisect --cell a/lstm/h5/b {end}"


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (KERAS2, {"tensorflow_cpu": "2.21.0", "keras": "3.15.1"}),
        ({"keras": "3.9.2"}, {"keras": "3.9.2"}),
        ({"keras": "3.9.2"}, {"keras": "3.15.1", "tf_keras": "2.21.0"}),
        ({}, {"keras": "3.15.1"}),
    ],
)
def test_no_release_of_one_package_tells_them_apart(good, bad):
    assert bisect_command(CELL, with_packages(**good), with_packages(**bad)) is None


def test_loaders_with_other_backends_are_not_compared():
    good, bad = with_packages("jax", keras="3.9.2"), with_packages(keras="3.10.0")
    assert bisect_command(CELL, good, bad) is None
