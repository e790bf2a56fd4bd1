"""Environments that print, die, change or do not start again: what that costs, and what not."""

import json
import sqlite3
import zlib

from tests.integration.project import MIDDLE, NEW, OLD, answers


def cells_of(project):
    return {cell.id: cell for cell in project.results().cells}


def test_a_step_that_kills_its_worker_costs_no_other_cell_and_is_asked_again_next_time(
    project, undisturbed
):
    """With a worker that dies each time, the cell says so: it is not dropped, it is not red."""
    project.install(OLD, refuses_newer=True, kills_its_worker_over='"units": 7')
    output = project.kmatrix("run", "--jobs", "2", code=3)
    assert "run the same command again" in output
    found = cells_of(project)
    expected, _ = answers(undisturbed.results())
    killed = {name for name, cell in found.items() if str(cell.verdict) == "missing"}
    assert killed == {f"{saver}/wide/h5/{OLD}" for saver in (OLD, MIDDLE, NEW)}
    for name in killed:
        assert found[name].reason.startswith("tried 3 times: its worker ended (signal 9)")
    same = {name: cell for name, cell in found.items() if name not in killed}
    assert {name: str(cell.as_is) for name, cell in same.items()} == {
        name: as_is for name, (_, as_is, *_) in expected.items() if name not in killed
    }
    project.install(OLD, refuses_newer=True)
    project.kmatrix("run", "--jobs", "2")
    assert answers(project.results()) == answers(undisturbed.results())


def test_a_line_that_an_interpreter_prints_when_it_starts_disturbs_nothing(project, undisturbed):
    """``-I`` still runs ``site``, and with it every ``.pth`` (B3)."""
    for name, line in ((OLD, "print('hello')"), (MIDDLE, "sys.stdout.write('no end of line')")):
        (project.install(name, refuses_newer=name == OLD) / "noise.pth").write_text(
            f"import sys; {line}\n"
        )
    project.kmatrix("run", "--jobs", "2")
    assert answers(project.results()) == answers(undisturbed.results())


def test_an_environment_that_does_not_start_again_keeps_what_it_answered(project, undisturbed):
    """Its remaining cells are missing, with the reason; the column is not broken (B13)."""
    project.kmatrix("run", "--jobs", "2", "--models", "mlp_sequential", "narrow")
    before, _ = answers(project.results())
    project.install(MIDDLE, does_not_import="libfoo.so.1: cannot open shared object file")
    output = project.kmatrix("run", "--jobs", "2", code=3)
    assert f"{MIDDLE}: " in output
    after = cells_of(project)
    again = {name: cell for name, cell in after.items() if name in before}
    assert {name: str(cell.verdict) for name, cell in again.items()} == {
        name: verdict for name, (verdict, *_) in before.items()
    }
    missing = {name for name, cell in after.items() if str(cell.verdict) == "missing"}
    assert missing
    assert all(MIDDLE in name and name not in before for name in missing)
    assert "could not be started again" in after[f"{OLD}/wide/h5/{MIDDLE}"].reason
    assert "libfoo.so.1" in after[f"{OLD}/wide/h5/{MIDDLE}"].reason
    project.install(MIDDLE)
    project.kmatrix("run", "--jobs", "2")
    assert answers(project.results()) == answers(undisturbed.results())


def test_an_environment_that_never_started_is_broken(project):
    project.install(MIDDLE, does_not_import="libfoo.so.1: cannot open shared object file")
    project.kmatrix("run", "--jobs", "2")
    (broken,) = [item for item in project.results().environments if item.status != "ready"]
    assert (broken.id, broken.status) == (MIDDLE, "broken")
    assert "libfoo.so.1" in broken.reason


def test_damaged_evidence_in_the_store_is_forgotten_and_asked_again(project, undisturbed):
    """Once stored, it ended every later run (B6)."""
    project.kmatrix("run", "--jobs", "2")
    damage = (
        b"not even compressed",
        zlib.compress(b'{"kind": "load", "stage": "elsewhere"}'),
        zlib.compress(b"[]"),
        zlib.compress(json.dumps({"kind": "save", "outputs": 3}).encode()),
    )
    with sqlite3.connect(project.build / "store" / "evidence.sqlite") as database:
        keys = [key for (key,) in database.execute("SELECT key FROM evidence ORDER BY key")]
        for number, key in enumerate(keys[:40:3]):
            changed = (damage[number % len(damage)], key)
            database.execute("UPDATE evidence SET data = ? WHERE key = ?", changed)
        database.execute("DELETE FROM evidence WHERE key = ?", (keys[-1],))  # the run judges anew
    database.close()
    output = project.kmatrix("run", "--jobs", "2")
    assert "14 damaged answers in the store are asked again" in output
    assert answers(project.results()) == answers(undisturbed.results())


def test_a_loader_that_writes_into_its_file_does_not_change_the_store(project, undisturbed):
    """Also as root, whom no mode of a file keeps away (B11)."""
    project.install(OLD, refuses_newer=True, writes_into_artifacts=True)
    project.install(MIDDLE, writes_into_artifacts=True)
    project.kmatrix("run", "--jobs", "2")
    assert answers(project.results()) == answers(undisturbed.results())
    stored = list((project.build / "store" / "artifacts").rglob("model.h5"))
    assert stored
    assert not [path for path in stored if b"tampered" in path.read_bytes()]
    assert {path.stat().st_mode & 0o777 for path in stored} == {0o444}


def test_a_process_for_every_cell_says_the_same(project, undisturbed):
    chosen = ("--environments", OLD, NEW, "--models", "narrow", "special", "--formats", "h5")
    project.kmatrix("run", "--jobs", "2", "--isolate", *chosen)
    chosen, _ = answers(project.results())
    whole, _ = answers(undisturbed.results())
    assert chosen
    assert {name: found[:4] for name, found in chosen.items()} == {
        name: found[:4] for name, found in whole.items() if name in chosen
    }
