import io

import pytest
from rich.console import Console

from reports.history import History
from reports.terminal import summary
from runner.model.comparison import PastRun
from runner.model.finding import Verdict
from tests.unit.reports.factories import cell, environment, results, run
from tests.unit.reports.samples import BASE, many_kinds, sample


def shown(found, width=80, encoding="utf-8", **more):
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    summary(found, Console(file=file, width=width), **more)
    file.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("count", [1, 3, 6, 9, 14, 30])
def test_the_grid_fits_80_columns_and_cuts_no_name(count):
    kinds = many_kinds(count)
    text = shown(sample(kinds, ("hard_sigmoid_lstm",), ("h5",)))
    table = text[: text.index("identical")].splitlines()
    assert max(map(len, table)) <= 80
    assert all(any(kind.id in line for line in table) for kind in kinds)
    assert "…" not in "".join(table)


def test_a_terminal_that_knows_ascii_only_gets_ascii_signs():
    text = shown(sample(BASE[:3]), encoding="ascii")
    assert "~" in text
    assert "drifted" in text


def test_a_log_has_no_colours():
    assert "\x1b" not in shown(sample(BASE[:3]))


def test_environments_that_were_not_there_are_told_with_the_reason():
    down = environment("c", status="unavailable", reason="no Python 3.7 here")
    text = shown(results([cell("a/m/h5/b")], environments=(environment("a"), down)))
    assert "unavailable: c: no Python 3.7 here" in text


def test_the_last_line_is_the_command_for_the_worst_cell():
    cells = [cell("a/m/h5/b", Verdict.REFUSED), cell("a/n/h5/b", Verdict.DRIFTED)]
    last = shown(results(cells)).splitlines()[-1]
    assert last == "the worst, drifted: kmatrix run --cell 'a/n/h5/b'"


def test_a_run_that_was_stopped_says_how_to_go_on():
    text = shown(results([cell("a/m/h5/b")], run=run(complete=False)))
    assert "run the same again, and it goes on" in text


def test_names_with_brackets_are_no_markup():
    text = shown(results([cell("a[bold]/m/h5/b[nope]", Verdict.REFUSED, reason="[red]x")]))
    assert "a[bold]" in text
    assert "b[nope]" in text


def test_a_name_that_is_no_utf8_is_no_crash():
    shown(results([cell("a/caf\udce9/h5/b", Verdict.REFUSED, reason="\udce9")]))


def test_changes_are_told():
    before = results([cell("a/m/h5/b")], run=run(id="0"))
    past = History(runs=(PastRun.of(before),))
    text = shown(results([cell("a/m/h5/b", Verdict.REFUSED)]), history=past)
    assert "1 broke" in text
    assert "broke: a/m/h5/b was identical, is refused" in text


def test_no_cells_is_no_crash():
    assert "0 of 0 answered cells" in shown(results())
