"""docs/coverage.md: what reaches each signature, and that it is true."""

from pathlib import Path

import pytest

from runner.config.matrix_file import load_matrix
from runner.config.recipe_source import built_in_recipes
from runner.model.routes import SCENARIOS, find_route
from runner.signatures import load_signatures, recognise
from tests.samples.coverage import PAGE, by_signature, kind_of, page, read_counted, read_reasons
from tests.samples.play import all_scenes
from tests.samples.sample import read_samples

SIGNATURES = load_signatures()
SAMPLES = by_signature(read_samples())
KINDS = {signature.id: kind_of(SAMPLES[signature.id]) for signature in SIGNATURES}
ROOT = Path(__file__).resolve().parents[3]


def test_the_page_is_up_to_date():
    written = page(SIGNATURES, read_samples(), read_counted(), read_reasons())
    assert PAGE.read_text("utf-8") == written


def test_what_no_cell_shows_has_a_reason_and_nothing_else_has_one():
    without = {name for name, kind in KINDS.items() if kind != "cell"}
    assert set(read_reasons()) == without


def test_a_signature_that_nothing_shows_has_no_place_on_the_page():
    others = [sample for sample in read_samples() if sample.signature != "batch-shape"]
    with pytest.raises(LookupError, match="batch-shape"):
        page(SIGNATURES, others, read_counted(), read_reasons())


def test_a_cell_named_there_is_one_of_the_matrix():
    matrix = load_matrix(ROOT / "matrix.yaml")
    environments = {each.id for each in matrix.environments}
    recipes = {recipe.name for recipe in built_in_recipes()}
    for source in _sources("cell"):
        cell, _, way = source.partition("#")
        saver, recipe, format_, *loader = cell.split("/")
        assert {saver, *loader} <= environments, source
        assert recipe in recipes, source
        assert format_ in {str(each) for each in matrix.formats}, source
        assert _is_way(way), source


def _is_way(way):
    kind, _, scenario = way.partition("scenario:")
    if scenario:
        return scenario in {each.id for each in SCENARIOS}
    return all(find_route(part) is not None for part in filter(None, kind.split("+")))


def test_a_scene_named_there_is_played_by_the_recorder():
    assert set(_sources("scene")) <= set(all_scenes())


def _sources(kind):
    found = [sample.source.partition(" ") for each in SAMPLES.values() for sample in each]
    return [rest for first, _, rest in found if first == kind]


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind == "cell"])
def test_the_cell_named_there_is_recognised_as_what_it_stands_for(name):
    for sample in SAMPLES[name]:
        if sample.source.startswith("cell "):
            assert name in recognise(sample.symptoms, SIGNATURES), sample.source


def test_what_was_counted_is_counted_of_known_signatures_and_never_none_for_a_cell():
    shown = read_counted()["shown"]
    assert set(shown) <= set(KINDS)
    assert {name for name, kind in KINDS.items() if kind == "cell"} <= set(shown)
    behind = {"hidden-sublayers-not-saved"}  # another explains those cells
    assert {name for name in shown if KINDS[name] != "cell"} == behind
