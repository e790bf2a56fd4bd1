"""Damaged files through ``inspect``: an answer each time, in bounded time and memory.

``KMATRIX_MUTATIONS`` sets how many of each file, ``600+200`` the first number as well. A seed is
made of the file's id and a number, so that a file that is added does not change what is done to
the others.
"""

import os
import random
import shutil
import time

from runner.modelfile.guard import Inspector
from tests.real_models.conftest import units
from tests.real_models.mutations import mutate

DEFAULT = 25  # of each file
HANGS = ("m001", 742)  # a file, and the seed of a mutation over which the HDF5 library never ends
LOST_SHARE = 0.003  # readers that the HDF5 library may take down, of all files
TRACEBACK = "Traceback (most recent call last)"


def test_every_damaged_file_gets_an_answer(tmp_path, capsys):
    first, _, number = os.environ.get("KMATRIX_MUTATIONS", str(DEFAULT)).rpartition("+")
    numbers = range(int(first or 0), int(first or 0) + int(number))
    seeds = [(unit, f"{unit.id}:{one}") for one in numbers for unit in units()]
    number = len(seeds)
    formats, slowest = {}, (0.0, "")
    began = time.monotonic()
    with Inspector(seconds=30) as inspector:
        for unit, seed in seeds:
            folder = tmp_path / seed.replace(":", "-")
            folder.mkdir()
            path = mutate(random.Random(seed), unit.path, folder)
            started = time.monotonic()
            inspection = inspector.inspect(path)
            slowest = max(slowest, (time.monotonic() - started, f"seed {seed}, {unit.path}"))
            formats[inspection.format] = formats.get(inspection.format, 0) + 1
            assert inspection.title
            shutil.rmtree(folder)
        said = inspector.errors()
        died = inspector.died
    seconds = time.monotonic() - began
    with capsys.disabled():
        print(
            f"\n{number} mutations in {seconds:.0f} s, {number / seconds:.0f} a second; slowest "
            f"{slowest[0]:.2f} s ({slowest[1]}); reader started anew {died} times; {formats}"
        )
    assert TRACEBACK not in said, said[-4000:]
    # A crash inside the HDF5 library is contained; it must stay the rarest of answers.
    assert died <= max(3, number * LOST_SHARE)


def test_a_file_that_hangs_its_library_costs_only_its_own_answer(tmp_path):
    name, seed = HANGS
    sources = {unit.id: unit.path for unit in units()}
    path = mutate(random.Random(seed), sources[name], tmp_path)
    with Inspector(seconds=5) as inspector:
        hung = inspector.inspect(path)
        after = inspector.inspect(sources[name])
        died = inspector.died
    assert [remark.id for remark in hung.problems] == ["unreadable"]
    assert after.saver.keras is not None
    assert died == 1
