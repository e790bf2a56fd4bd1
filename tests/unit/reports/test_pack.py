"""The pool against a reader of its own, written as ``templates/data.js`` is."""

import json
from dataclasses import dataclass, fields

import pytest

from reports.details import cell_detail
from reports.pack import DIGITS, Pool
from reports.page_data import second_block
from reports.shapes import hints
from reports.view import make_view
from tests.unit.reports.samples import BASE, sample


class Reader:
    def __init__(self, block):
        self.block = json.loads(json.dumps(block))

    def noun(self, name, reference):
        if not reference:
            return None
        table = self.block["tables"][name]
        kinds = self.block["kinds"][name]
        return {key: self.value(kind, table[key][reference - 1]) for key, kind in kinds.items()}

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
        return "\n".join(self.string(line) for line in self.block["texts"][-reference - 1])


def of_field(value, name):
    found = getattr(value, name)
    if found is None and "tuple" in str(hints(type(value))[name]):
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
    block = second_block(make_view(found))
    reader = Reader(block)
    for number, cell in enumerate(found.cells):
        assert reader.noun("CellDetail", block["cells"][number]) == plain(cell_detail(cell)), (
            cell.id
        )


def test_what_repeats_is_kept_once():
    found = sample(BASE[2:5], ("gru_stack",))
    block = second_block(make_view(found))
    tables = block["tables"]
    tracebacks = {cell.failure.traceback for cell in found.cells if cell.failure}
    assert len(tables["FailureResult"]["type"]) == len(tracebacks)
    assert len(block["strings"]) == len(set(block["strings"]))


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
    assert hints(Odd)["text"] == str | None
    pool = Pool()
    number = pool.add(Odd, value)
    assert Reader(pool.to_json()).noun("Odd", number) == plain(value)


def test_infinity_is_written_as_a_word_since_json_has_none():
    pool = Pool()
    number = pool.add(Odd, Odd(number=float("inf"), text="x", words=()))
    assert Reader(pool.to_json()).noun("Odd", number)["number"] == "inf"
