"""Ended at any moment and run again: equal to an undisturbed run, nothing left behind."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.integration.project import MIDDLE, NEW, answers

KILLS = 6


def processes_below(folder):
    """The command lines of processes that have to do with a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if str(folder) in text:
            found.append(text)
    return found


def wait_until(true, seconds=15):
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.05)
    return true()


def test_an_undisturbed_run_answers_every_cell(undisturbed):
    cells, artifacts = answers(undisturbed.results())
    assert len(artifacts) == 3 * 5 * 2
    assert len(cells) == 3 * 3 * 5 * 2
    verdicts = {verdict for verdict, *_ in cells.values()}
    assert verdicts == {"identical", "refused"} or "remedied" in verdicts
    assert undisturbed.results().run.complete


def test_killed_at_random_moments_nothing_is_lost_or_doubled(project, undisturbed):
    moments = random.Random(11)
    for _ in range(KILLS):
        process = project.start("run", "--jobs", "2")
        time.sleep(moments.uniform(0.3, 2.5))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    project.kmatrix("run", "--jobs", "2")
    assert answers(project.results()) == answers(undisturbed.results())
    assert not [path for path in (project.build / "scratch").iterdir() if path.is_dir()]
    assert wait_until(lambda: not processes_below(project.build)), processes_below(project.build)


def test_a_run_again_asks_nothing_and_says_the_same(undisturbed):
    before = answers(undisturbed.results())
    undisturbed.kmatrix("run")
    after = undisturbed.results()
    assert after.run.ran == 0
    assert answers(after) == before


def test_two_runs_at_once_in_one_folder_do_not_hurt_each_other(project, undisturbed):
    both = [project.start("run", "--jobs", "2") for _ in range(2)]
    for process in both:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output
    project.kmatrix("run")
    assert project.results().run.ran == 0
    assert answers(project.results()) == answers(undisturbed.results())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_all_workers_and_says_how_to_go_on(project, undisturbed, number):
    for name in (MIDDLE, NEW):
        project.install(name, seconds=1.0)
    # A shell starts what runs behind it with this signal ignored, and that is inherited.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = project.start("run", "--jobs", "2")
    signal.signal(signal.SIGINT, before)
    assert wait_until(lambda: any("kmatrix_worker" in text for text in mine(project)))
    time.sleep(0.5)
    process.send_signal(number)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 130, output
    assert "run the same command to go on" in output
    assert "Traceback" not in output
    assert wait_until(lambda: not mine(project), seconds=5), mine(project)
    assert not [path for path in (project.build / "scratch").iterdir() if path.is_dir()]
    for name in (MIDDLE, NEW):
        project.install(name)
    project.kmatrix("run", "--jobs", "2")
    assert answers(project.results()) == answers(undisturbed.results())


def mine(project):
    return processes_below(project.build)


def test_the_page_is_there_while_the_run_goes_on_and_says_so(project):
    page = project.build / "report" / "index.html"
    process = project.start("run", "--jobs", "1")
    assert wait_until(page.exists, seconds=60)
    text = page.read_text("utf-8")
    assert "cells have no answer yet" in text
    assert process.poll() is None
    output, _ = process.communicate(timeout=120)
    assert f"report while this runs: {page}" in output
    assert "have no answer yet" not in page.read_text("utf-8")
