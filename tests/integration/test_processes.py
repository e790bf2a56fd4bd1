"""The one door to processes: limits, groups, interrupts; what a killed process leaves behind."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from runner import child_processes
from runner.modelfile.guard import Inspector

# A daemon: a session of its own, which inherits the output of whoever started it.
DAEMON = "import os,sys,time\nif os.fork()==0:\n os.setsid()\n time.sleep(20)\n os._exit(0)\n"


def python(text):
    return (sys.executable, "-c", text)


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"


@pytest.fixture(params=["captured", "logged"])
def log(request, tmp_path):
    return tmp_path / "logs" / "log.txt" if request.param == "logged" else None


def test_output_and_code_come_back(log):
    done = child_processes.run(
        python("print('out'); import sys; sys.exit('err')"), seconds=20, log=log
    )
    assert done.code == 1
    assert sorted(done.output.split()) == ["err", "out"]
    assert not done.ok


def test_a_log_names_the_command_and_keeps_what_was_there(tmp_path):
    log = tmp_path / "log.txt"
    for number in range(2):
        done = child_processes.run(python(f"print({number})"), seconds=20, log=log)
        assert done.output == f"{number}\n"
    first, *rest = log.read_text().splitlines()
    assert first.startswith("$ ")
    assert rest[0] == "0"
    assert rest[2] == "1"


def test_over_its_limit_the_whole_group_is_killed(log):
    text = "import subprocess,time\np=subprocess.Popen(['sleep','60'])\nprint(p.pid,flush=True)\n"
    done = child_processes.run(python(text + "time.sleep(60)"), seconds=1, log=log)
    assert done.code is None
    time.sleep(0.1)
    assert gone(int(done.output))


@pytest.mark.parametrize(("rest", "code"), [("time.sleep(60)", None), ("print('done')", 0)])
def test_a_daemon_that_was_left_behind_is_not_waited_for(log, rest, code):
    """Not after a kill, and not after a good end: it holds the output open (review 3(i))."""
    began = time.monotonic()
    done = child_processes.run(python(DAEMON + rest), seconds=1.5, log=log)
    assert done.code == code
    assert time.monotonic() - began < 8


# The process is left behind: that is what is tested.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_process_that_cannot_be_ended_is_not_waited_for_for_ever(monkeypatch):
    """In the state D nothing ends it; here, nobody kills it."""
    monkeypatch.setattr(child_processes, "REAP_SECONDS", 0.2)
    left = []
    monkeypatch.setattr(child_processes, "kill", left.append)
    began = time.monotonic()
    done = child_processes.run(python("import time; time.sleep(3)"), seconds=0.2)
    assert done.code is None
    assert time.monotonic() - began < 2.5
    for one in left:
        one.wait(10)


def test_an_error_in_one_ends_the_others():
    started = threading.Event()

    def work(item):
        if item == "fails":
            started.wait(10)
            raise RuntimeError("disk full")
        threading.Timer(0.3, started.set).start()
        return child_processes.run(python("import time; time.sleep(60)"), seconds=60)

    began = time.monotonic()
    with pytest.raises(RuntimeError, match="disk full"):
        child_processes.side_by_side(work, ["waits", "fails"], threads=2)
    assert time.monotonic() - began < 20
    assert not child_processes.interrupted()


def test_an_interrupt_ends_what_runs_and_what_is_started_later():
    interrupt = child_processes.Interrupt()
    found = []

    def work():
        for _ in range(3):
            found.append(child_processes.run(python("import time; time.sleep(60)"), seconds=60))

    thread = threading.Thread(target=interrupt.run, args=(work,))
    thread.start()
    time.sleep(0.5)
    interrupt.set()
    thread.join(10)
    assert not thread.is_alive()
    assert [done.ok for done in found] == [False] * 3


def test_what_starts_between_the_check_and_the_registration_is_ended_as_well():
    """The state of a whole module could miss it (B21)."""
    interrupt, ended = child_processes.Interrupt(), []
    interrupt.set()
    with interrupt.ends(lambda: ended.append("at once")):
        assert ended == ["at once"]


def test_one_end_of_side_by_side_does_not_undo_the_interrupt_of_another():
    """Two at a time, one of them interrupted, the other one ends in between (B21)."""
    first_ends, seen = threading.Event(), []

    def interrupted_one(_item):
        def look():
            first_ends.wait(10)
            seen.append(child_processes.interrupted())

        own = child_processes.Interrupt()
        own.set()
        own.run(look)

    thread = threading.Thread(
        target=child_processes.side_by_side, args=(interrupted_one, [1]), kwargs={"threads": 1}
    )
    thread.start()
    child_processes.side_by_side(str, [1, 2, 3], threads=2)
    first_ends.set()
    thread.join(10)
    assert seen == [True]


def test_an_interrupt_reaches_those_made_under_it_and_not_the_other_way_round():
    outer = child_processes.Interrupt()
    inner = outer.run(child_processes.Interrupt)
    ended = []
    with inner.ends(lambda: ended.append("inner")), outer.ends(lambda: ended.append("outer")):
        inner.set()
        assert ended == ["inner"]
        assert not outer.is_set()
        outer.set()
    assert ended == ["inner", "inner", "outer"] or ended.count("inner") == 2
    assert inner.is_set()
    assert outer.run(child_processes.interrupted)
    assert not child_processes.interrupted()


def test_an_alarm_that_is_over_never_fires():
    fired = []
    for _ in range(200):
        with child_processes.Alarm(0.001, lambda: fired.append(1)) as alarm:
            time.sleep(0.001)
        count = len(fired)
        assert alarm.fired == bool(count)
        fired.clear()
    time.sleep(0.05)
    assert fired == []


def test_a_reader_that_died_after_an_answer_is_replaced_before_the_next_file(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text('{"class_name": "Sequential", "config": []}')
    with Inspector() as inspector:
        before = inspector.inspect(tmp_path / "a.json")
        child_processes.kill(inspector._process)
        inspector._process.wait(timeout=30)
        after = inspector.inspect(tmp_path / "b.json")
    assert before.format == after.format == "json"
    assert inspector.died == 0


def test_a_limit_that_ends_a_reader_right_after_its_answer_keeps_the_answer(tmp_path, monkeypatch):
    class Late(child_processes.Alarm):
        def __exit__(self, *error):
            self._fire()
            super().__exit__(*error)

    (tmp_path / "a.json").write_text('{"class_name": "Sequential", "config": []}')
    with Inspector() as inspector:
        assert inspector.inspect(tmp_path / "a.json").format == "json"
        monkeypatch.setattr(child_processes, "Alarm", Late)
        assert inspector.inspect(tmp_path / "a.json").format == "json"
        monkeypatch.undo()
        assert inspector.inspect(tmp_path / "a.json").format == "json"
        assert inspector.died == 1
