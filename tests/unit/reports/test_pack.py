"""The pool against a reader of its own, through the very bytes that stand in the page."""

from dataclasses import dataclass, fields
from typing import get_type_hints

import pytest

from reports.block import Block, packed
from reports.details import cell_detail
from reports.pack import DIGITS, Pool
from reports.page_data import second_block
from reports.view import make_view
from runner.compare.since_when import flips
from tests.unit.reports.blocks import read_block
from tests.unit.reports.samples import BASE, sample


class Reader:
    def __init__(self, block):
        self.block = read_block(packed(block))
        self.columns = self.block["columns"]

    def noun(self, name, reference):
        if not reference:
            return None
        found = {}
        for field, kind in self.block["kinds"][name].items():
            column = self.columns.get(f"{name} {field}") or self.block["tables"][name][field]
            found[field] = self.value(kind, column[reference - 1])
        return found

    def value(self, kind, value):
        if kind == "number":
            return value
        if kind == "string":
            return self.string(value)
        what, inner = kind
        if what == "noun":
            return self.noun(inner, value)
        if what == "row":
            return [self.value(one, item) for one, item in zip(inner, value, strict=True)]
        return [self.value(inner, one) for one in self.block["lists"][value - 1]] if value else []

    def string(self, reference):
        if not reference:
            return None
        if reference > 0:
            return self.block["strings"][reference - 1]
        ends = (0, *self.columns["text ends"])
        pieces = self.columns["text pieces"][ends[-reference - 1] : ends[-reference]]
        return "".join(self.string(piece) for piece in pieces)


def of_field(value, name):
    found = getattr(value, name)
    if found is None and "tuple" in str(get_type_hints(type(value))[name]):
        return []  # no list and an empty list are one on the page
    return plain(found)


def plain(value):
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: of_field(value, field.name) for field in fields(value)}
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    return value


def test_every_cell_comes_back_as_it_went_in():
    found = sample(BASE[2:5], ("lambda_layer", "hard_sigmoid_lstm", "custom_no_config"))
    scripts = {one.id: one for one in found.scripts}
    reader = Reader(second_block(make_view(found)))
    since = flips(found)
    assert since
    for number, cell in enumerate(found.cells):
        place = reader.columns["cells"][number]
        detail = cell_detail(cell, scripts, since.get(cell.id))
        assert reader.noun("CellDetail", place) == plain(detail), cell.id


def test_what_repeats_is_kept_once():
    found = sample(BASE[2:5], ("gru_stack",))
    block = second_block(make_view(found))
    tracebacks = {cell.failure.traceback for cell in found.cells if cell.failure}
    assert len(block.columns["FailureResult type"]) == len(tracebacks)
    assert len(block.data["strings"]) == len(set(block.data["strings"]))


@dataclass(frozen=True, kw_only=True, slots=True)
class Odd:
    number: float | None
    text: str | None
    words: tuple[str, ...]


@pytest.mark.parametrize(
    "value",
    [
        Odd(number=None, text=None, words=()),
        Odd(number=0.0, text="", words=("", "a\nb")),
        Odd(number=1e300, text="\n\n", words=("…",)),
    ],
)
def test_empty_and_odd_values_survive(value):
    assert get_type_hints(Odd)["text"] == str | None
    pool = Pool()
    number = pool.add(Odd, value)
    assert Reader(Block(data=pool.to_json(), columns=pool.columns())).noun("Odd", number) == plain(
        value
    )


def test_infinity_is_written_as_a_word_since_json_has_none():
    pool = Pool()
    number = pool.add(Odd, Odd(number=float("inf"), text="x", words=()))
    assert (
        Reader(Block(data=pool.to_json(), columns=pool.columns())).noun("Odd", number)["number"]
        == "inf"
    )
