"""Files that modules name exist: a renamed file is found here, and not by a user."""

import importlib
import pkgutil
from pathlib import Path

import pytest

import reports
import runner

ROOT = Path(__file__).resolve().parents[2]
INSIDE_ENVIRONMENTS = (
    *("runner.worker.", "runner.environments.inside", "runner.doctor.inside"),
    "runner.route_scripts.parts.",
)
# Imported here: tests/unit replaces subprocess while a test runs.
MODULES = {
    module.name: importlib.import_module(module.name)
    for package in (runner, reports)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.startswith(INSIDE_ENVIRONMENTS) and not module.name.endswith("noxfile")
}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_every_path_that_a_module_holds_exists(name):
    held = {key: value for key, value in vars(MODULES[name]).items() if isinstance(value, Path)}
    ours = {key: path for key, path in held.items() if path.is_relative_to(ROOT)}
    assert {key: path for key, path in ours.items() if not path.exists()} == {}


def test_the_paths_of_this_project_are_looked_at():
    assert ROOT in MODULES["runner.environments.nox_builder"].NOXFILE.parents
