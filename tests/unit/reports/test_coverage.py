"""Which signature is reached by which cell."""

from reports.coverage import Known, coverage, coverage_table
from tests.unit.factories import results

KNOWN = (
    Known(id="batch-shape", code="F02", title="batch_shape"),
    Known(id="never-seen", code="F99", title="Nobody has this"),
)


def with_signatures(*names):
    shown = {"verdict": "refused", "signatures": names}
    return results({"a/mlp/h5/b": shown, "a/mlp/keras/b": shown})


def test_a_signature_is_reached_by_the_cells_that_show_it():
    found = coverage(with_signatures("batch-shape"), KNOWN)
    assert [len(item.cells) for item in found] == [2, 0]


def test_the_table_counts_and_names_a_cell_to_run_again():
    given = with_signatures("batch-shape")
    text = coverage_table(given, coverage(given, KNOWN))
    assert "1 of 2" in text
    assert "`a/mlp/h5/b`" in text
    assert "| `never-seen` Nobody has this | F99 | 0 | |" in text
