"""Upgrades on real environments: one that is safe, one that is not, one that cannot be had."""

import json
import shutil

import pytest

from tests.real.conftest import (
    KERAS3,
    ROOT,
    TF1,
    TF210,
    TF215,
    kmatrix,
    results_of,
    share_environments,
)


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    return share_environments(tmp_path_factory.mktemp("check") / "build")


def check(build, *arguments):
    locks = sorted(path.name for path in (ROOT / "environments" / "locks").iterdir())
    done = kmatrix("check", *arguments, build=build, check=False)
    assert locks == sorted(path.name for path in (ROOT / "environments" / "locks").iterdir())
    return done


def groups(direction):
    return {(group["fate"], model, format_) for group in direction["groups"]
            for model in group["models"] for format_ in group["formats"]}  # fmt: skip


def test_a_safe_upgrade_ends_with_0_and_a_paragraph_to_paste(build):
    plain = ("--models", "mlp_sequential", "mlp_functional", "--formats", "h5")
    done = check(build, "--from", "tf1.15-py37", "--to", "tf2.10", *plain)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("safe\n")
    (paragraph,) = [line for line in done.stdout.splitlines() if line.startswith("Going from")]
    assert f"{TF1} (TensorFlow 1.15" in paragraph
    assert f"{TF210} (TensorFlow 2.10" in paragraph
    assert "is safe for saved models: of 2 saved files, 2 " in paragraph


def test_an_unsafe_upgrade_ends_with_1_and_says_what_drifts_and_what_breaks_on_the_way_back(build):
    done = check(
        build,
        *("--from", "tf2.15", "--to", "tf2.21", "--models", "mlp_sequential", "activations"),
        *("--formats", "h5", "savedmodel", "--both-directions", "--format", "json"),
    )
    assert done.returncode == 1, done.stdout + done.stderr
    data = json.loads(done.stdout)
    assert data["safety"] == "not safe"
    forward, back = data["directions"]
    assert (forward["saver"]["id"], forward["loader"]["id"]) == (TF215, KERAS3)
    assert (back["saver"]["id"], back["loader"]["id"]) == (KERAS3, TF215)
    assert ("drifts", "activations", "h5") in groups(forward)
    assert {("works", "mlp_sequential", "h5"), ("loses", "mlp_sequential", "h5")} & groups(forward)
    assert ("works", "mlp_sequential", "h5") not in groups(back)
    assert "silently predict" in data["paragraph"]


def test_files_of_the_user_s_own_count_and_are_named(build, tmp_path):
    """Files that TensorFlow 2.15 saved, taken for somebody's own."""
    kmatrix("run", "--environments", TF215, "--models", "mlp_sequential", "activations",
            "--formats", "h5", build=build)  # fmt: skip
    for artifact in results_of(build).artifacts:
        digest = artifact.digest.removeprefix("sha256:")
        (found,) = (build / "store" / "artifacts" / digest[:2] / digest).rglob("*.h5")
        shutil.copy(found, tmp_path / f"{artifact.recipe}.h5")
    done = check(
        build,
        *("--from", "tf2.15", "--to", "tf2.21", "--models", "mlp_sequential", "--formats", "h5"),
        *("--files", str(tmp_path)),
    )
    assert done.returncode == 1, done.stdout + done.stderr
    lines = [line.strip() for line in done.stdout.splitlines()]
    drifts = next(place for place, line in enumerate(lines) if line.endswith("something else"))
    assert str(tmp_path / "mlp_sequential.h5") in lines[:drifts]
    assert str(tmp_path / "activations.h5") in lines[drifts:]
    assert "1 loads and silently predicts something else" in lines[-1]
    assert "and 2 saved files of our own" in lines[-1]


def test_packages_that_do_not_exist_end_with_3_and_the_resolver_s_reason(build):
    done = check(build, "--from", "tf2.15", "--to", "numpy==99.0", "--models", "mlp_sequential")
    assert done.returncode == 3, done.stdout + done.stderr
    assert done.stdout.startswith("could not tell\n")
    assert "numpy==99.0" in done.stdout
    assert "Measured" not in done.stdout


def test_one_other_package_is_locked_and_built_on_the_fly_and_its_lock_used_again(build):
    words = ("--from", "tf2.15", "--to", "h5py==3.12.1", "--models", "mlp_sequential")
    done = check(build, *words, "--formats", "h5", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    (direction,) = json.loads(done.stdout)["directions"]
    assert direction["loader"]["id"] == f"{TF215}-with-h5py-3.12.1"
    lock = build / "check" / f"{TF215}-with-h5py-3.12.1" / "environments" / "locks"
    (path,) = lock.glob("*with-h5py*.txt")
    assert "\nh5py==3.12.1" in path.read_text()
    before = path.stat().st_mtime_ns
    again = check(build, *words, "--formats", "h5")
    assert again.returncode == 0
    assert path.stat().st_mtime_ns == before


def test_a_requirements_file_is_an_environment_of_its_own(build, tmp_path):
    file = tmp_path / "requirements.txt"
    file.write_text("# the service\ntensorflow-cpu==2.15.1\nnumpy<2  # old\n-e .\n")
    done = check(
        build,
        *("--from", "tf2.10", "--to", str(file), "--python", "3.11"),
        *("--models", "mlp_sequential", "--formats", "h5"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "requirements.txt:4: -e . is left out" in done.stderr
    assert f"Going from {TF210}" in done.stdout
    assert "to requirements (TensorFlow 2.15.1" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--from", "tf2", "--to", KERAS3), "'tf2' begins several environments"),
        (("--from", "tf2.15", "--to", TF215), f"both sides are {TF215}"),
        (("--from", "tf2.15", "--to", "gone.txt"), "not an environment, not an existing file"),
        (("--from", "tf2.15", "--to", KERAS3, "--models", "gone.py"), "gone.py: no such file"),
        (("--from", "tf2.15", "--to", KERAS3, "--models", "mpl*"), "matches no reference model"),
    ],
)
def test_what_is_meant_has_to_be_clear(build, words, message):
    done = check(build, *words)
    assert done.returncode == 2
    assert message in done.stderr
