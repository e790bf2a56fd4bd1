import pytest

from reports.block import Block, packed
from tests.unit.reports.blocks import read_block


def there_and_back(columns, **data):
    return read_block(packed(Block(data=data, columns=columns)))


def test_json_and_columns_of_any_length_come_back():
    columns = {"a": (1, 2, 3), "none": (), "b": (-1,), "c": (70_000,) * 5, "d": (-40_000, 0)}
    found = there_and_back(columns, word="…<\u20ac", inner={"columns": [1.5, None]})
    assert found.pop("columns") == columns
    assert found == {"word": "…<€", "inner": {"columns": [1.5, None]}}


@pytest.mark.parametrize(
    "values",
    [(0, 255), (0, 256), (-128, 127), (-129,), (65_535,), (65_536,), (-1, 65_535), (2**32 - 1,)],
)
def test_the_narrowest_kind_that_fits_loses_nothing(values):
    assert there_and_back({"a": values})["columns"] == {"a": values}


def test_a_number_that_fits_in_no_column_is_an_error():
    with pytest.raises(OverflowError, match="do not fit"):
        packed(Block(data={}, columns={"a": (2**32,)}))


def test_a_lone_surrogate_becomes_a_mark():
    assert there_and_back({}, word="caf\udce9")["word"] == "caf?"
