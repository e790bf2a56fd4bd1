"""Stopped at any moment, run again, equal to an undisturbed run. Grouped, isolated: the same."""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter

import pytest

from tests.real.conftest import (
    KERAS3,
    ROOT,
    TF1,
    TF215,
    THEANO,
    kmatrix,
    results_of,
    share_environments,
)
from tests.real.scale import scaled

SMALL = (
    *("--environments", THEANO, TF1),
    *("--models", *scaled(("custom_layer",), ("mlp_sequential", "conv1d", "custom_layer"))),
    *("--formats", *scaled(("h5", "savedmodel"), ("h5", "json", "savedmodel"))),
)
FEW = ("mlp_sequential", "activations", "compiled_string_loss")
MANY = ("mlp*", "conv_bn", "activations", "compiled*", "same_class_twice")
KILLS = scaled(6, 20)  # tests/integration kills far more often, over a toy Keras


@pytest.fixture(scope="module")
def undisturbed(built, tmp_path_factory):
    build = share_environments(tmp_path_factory.mktemp("undisturbed") / "build")
    began = time.monotonic()
    kmatrix("run", *SMALL, build=build)
    return answers(results_of(build)), time.monotonic() - began


def answers(results):
    """What a run says, without what differs between any two runs."""
    cells = {cell.id: (cell.verdict, cell.outputs, cell.weights) for cell in results.cells}
    assert len(cells) == len(results.cells)
    return cells, {item.id: item.status for item in results.artifacts}


def test_killed_at_random_moments_nothing_is_lost_or_doubled(undisturbed, tmp_path):
    expected, seconds = undisturbed
    build = share_environments(tmp_path / "build")
    moments = random.Random(20)
    argv = [sys.executable, "-m", "kmatrix", "run", "--build-dir", str(build), *SMALL]
    for _ in range(KILLS):
        process = subprocess.Popen(
            argv,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(moments.uniform(0.2, seconds * 0.5))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    kmatrix("run", *SMALL, build=build)
    assert answers(results_of(build)) == expected
    assert not [path for path in (build / "scratch").iterdir() if path.is_dir()]


def test_two_runs_at_once_on_one_folder_do_not_hurt_each_other(undisturbed, tmp_path):
    build = share_environments(tmp_path / "build")
    argv = [sys.executable, "-m", "kmatrix", "run", "--build-dir", str(build), *SMALL]
    both = [
        subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(2)
    ]
    for process in both:
        output, _ = process.communicate(timeout=600)
        assert process.returncode == 0, output.decode()
    kmatrix("run", *SMALL, build=build)
    assert answers(results_of(build)) == undisturbed[0]


def test_an_interrupt_says_how_to_go_on_and_ends_with_130(built, tmp_path):
    build = share_environments(tmp_path / "build")
    # A shell starts what runs behind it with this signal ignored, and that is inherited.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, "-m", "kmatrix", "run", "--build-dir", str(build), *SMALL],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    signal.signal(signal.SIGINT, before)
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "run the same command to go on" in errors
    assert "Traceback" not in errors


def test_grouped_and_isolated_cells_have_the_same_verdicts(built, tmp_path):
    chosen = (
        *("--environments", TF215, KERAS3),
        *("--models", *scaled(FEW, MANY)),
        *("--formats", *scaled(("h5", "keras"), ("h5", "keras", "weights-h5"))),
    )
    found = []
    for number, options in enumerate(((), ("--no-group",))):
        build = share_environments(tmp_path / f"build-{number}")
        kmatrix("run", *chosen, *options, build=build)
        found.append(answers(results_of(build)))
    assert found[0] == found[1]
    assert len(Counter(str(verdict) for verdict, _, _ in found[0][0].values())) >= 3


def subjects(build):
    """What the evidence in the store is about, by its key."""
    with contextlib.closing(sqlite3.connect(build / "store" / "evidence.sqlite")) as store:
        return dict(store.execute("SELECT key, subject FROM evidence"))


def test_one_more_environment_runs_its_own_row_and_column(built, tmp_path):
    build = share_environments(tmp_path / "build")
    kmatrix("run", "--no-fallbacks", *SMALL, build=build)
    before, asked_before = results_of(build), subjects(build)
    kmatrix("run", "--no-fallbacks", *SMALL[:3], TF215, *SMALL[3:], build=build)
    after, asked = results_of(build), subjects(build)
    new = {cell.id for cell in after.cells} - {cell.id for cell in before.cells}
    assert new
    assert all(TF215 in (cell.split("/")[0], cell.split("/")[3]) for cell in new)
    # Saves are saver/model/format, loads saver/model/format/loader; controls are among them.
    ran = [key for key in asked if key not in asked_before]
    assert len(ran) == after.run.ran
    assert all(TF215 in (asked[key].split("/")[0], asked[key].split("/")[-1]) for key in ran)
    assert answers(before)[0].items() <= answers(after)[0].items()
