"""Every built-in reference model in default environments, as ``check_recipes`` finds it.

Environments are built where they are missing, and kept in build/tests.
"""

import functools
import json
import subprocess
from pathlib import Path

import pytest

from runner.config.matrix_file import load_matrix
from runner.config.recipe_source import built_in_recipes
from runner.environment_variables import worker_variables
from runner.evaluate.tool_limitations import LIMITS
from runner.worker_client.bundle import make_bundle
from tests.real import conftest
from tests.real.conftest import KERAS3, ROOT, TF1, environment_python, kmatrix
from tests.real.scale import scaled

# The oldest and the newest TensorFlow of the default profile, or all six.
ENVIRONMENTS = scaled((TF1, KERAS3), conftest.ENVIRONMENTS)

SCRIPT = Path(__file__).parent / "check_recipes.py"
NAMES = sorted(recipe.name for recipe in built_in_recipes())
# Random by themselves: only their weights can be compared.
RANDOM = {"noise_at_inference"}
# How many arrays of a recipe no prediction feels: statistics that renorm keeps for training; the
# bias of attention's keys, which moves all scores of a query alike, so that softmax drops it.
UNFELT = {
    "batch_norm_renorm": 3,
    "multi_head": 1,
    # Keras 3 computes with what ``adapt`` made of them, not with the arrays themselves.
    "normalization_adapted": 2,
    "normalization_invert": 2,
    "feature_space": 2,
    "quantized_int4": 2,  # the group of each row, which only a kernel in groups asks for
}

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """A function from an environment's id to what each recipe gave there, run once."""
    spec = load_matrix(ROOT / "matrix.yaml")
    environments = {item.id: item for item in spec.environments}
    worker = make_bundle(tmp_path_factory.mktemp("worker")).folder

    @functools.cache
    def check(environment):
        kmatrix("env", "build", environment)
        variables = worker_variables(environments[environment], tmp_path_factory.mktemp("home"))
        done = subprocess.run(
            [environment_python(environment), SCRIPT, worker],
            env=variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=1700,
        )
        assert done.returncode == 0, f"ended with {done.returncode}\n{done.stderr[-4000:]}"
        lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        found = [json.loads(line.removeprefix("RESULT ")) for line in lines]
        assert sorted(item["recipe"] for item in found) == NAMES, done.stderr[-4000:]
        return {item["recipe"]: item for item in found}

    return check


@pytest.fixture(params=ENVIRONMENTS)
def results(request, checked):
    return checked(request.param)


def is_our_own_limit(result):
    """What the judge calls unsupported too, with its reason: convolutions without a compiler."""
    return any(pattern.search(result.get("trace", "")) for pattern, _ in LIMITS)


def test_every_recipe_builds_or_says_why_not(results):
    failed = {
        name: result.get("trace", result)
        for name, result in results.items()
        if result["status"] not in {"ok", "not-available"} and not is_our_own_limit(result)
    }
    assert not failed
    silent = [name for name, result in results.items() if result.get("reason") == ""]
    assert not silent


def test_what_plain_numpy_expects_is_what_comes_out(results):
    wrong = {
        name: result["expected"]
        for name, result in results.items()
        if "expected" in result and result["expected"] > 1e-5 * max(1.0, result["largest"])
    }
    assert not wrong


def test_every_weight_is_felt(results):
    unfelt = {
        name: len(result["insensitive"])
        for name, result in results.items()
        if result.get("insensitive")
    }
    assert unfelt == {name: count for name, count in UNFELT.items() if name in unfelt}


def test_only_what_is_meant_to_be_random_is(results):
    assert {name for name, result in results.items() if result.get("random")} <= RANDOM


def test_every_recipe_works_in_at_least_one_environment(checked):
    works = {
        name
        for environment in ENVIRONMENTS
        for name, result in checked(environment).items()
        if result["status"] == "ok"
    }
    assert works == set(NAMES)
