"""The atlas that comes with kmatrix: its files, their schema, and that it answers."""

import json
from pathlib import Path

import jsonschema
import pytest

from reports import atlas_schema
from runner.atlas.atlas_files import DATA, read_atlas
from runner.atlas.known_results import known_results
from runner.model.cell_id import ArtifactId
from runner.model.finding import Verdict
from runner.paths import MATRIX

DOCS = Path(__file__).resolve().parents[3] / "docs"
SCHEMA = atlas_schema.schema()


@pytest.fixture(scope="module")
def atlas():
    return read_atlas()


def test_the_schema_in_the_docs_is_that_of_the_types():
    assert (DOCS / "atlas.schema.json").read_text("utf-8") == atlas_schema.text()


def test_every_file_fits_the_schema():
    jsonschema.validate(json.loads((DATA / "index.json").read_text("utf-8")), SCHEMA)
    kinds = {f"{name}.jsonl": name for name in ("provenance", "unsaved", "scripts")}
    for path in DATA.rglob("*.jsonl"):
        kind = SCHEMA["$defs"][kinds.get(path.name, "cells")]
        check = jsonschema.Draft202012Validator({**kind, "$defs": SCHEMA["$defs"]})
        for line in path.read_text("utf-8").splitlines():
            check.validate(json.loads(line))


def test_lines_are_sorted_and_each_cell_is_there_once():
    for path in (DATA / "cells").glob("*.jsonl"):
        cells = [json.loads(line)["cell"] for line in path.read_text("utf-8").splitlines()]
        assert cells == sorted(set(cells))


def test_every_cell_says_where_it_is_from(atlas):
    for saver, cells in atlas.cells.items():
        for cell in cells:
            name = cell.named(saver)
            found = atlas.measurement(saver, name.loader, name.recipe)
            assert found is not None, name
            assert {saver, name.loader} <= set(dict(found.environments))


def test_pairs_that_were_measured_are_complete(atlas):
    """Every format of every model of a measured pair is a cell, or was not written by its saver."""
    unsaved = {item.artifact for item in atlas.unsaved}
    for pair in atlas.provenance:
        there = {
            (name.recipe, name.format)
            for cell in atlas.cells[pair.saver]
            for name in (cell.named(pair.saver),)
            if name.loader == pair.loader
        }
        for model in {recipe for recipe, _ in there}:
            for format_ in atlas.index.formats:
                artifact = ArtifactId(saver=pair.saver, recipe=model, format=format_)
                assert (model, format_) in there or str(artifact) in unsaved, pair


def test_it_answers_for_every_pair_it_has(atlas):
    for pair in atlas.provenance:
        found = known_results(atlas, [(pair.saver, pair.loader)])
        if pair.saver != pair.loader:
            assert found.enough
            assert all(cell.verdict is not Verdict.MISSING for cell in found.results.cells)


def test_the_environments_are_those_of_the_matrix(atlas):
    text = MATRIX.read_text("utf-8")
    assert set(atlas.index.everywhere) <= {item.id for item in atlas.index.environments}
    assert all(name in text for name in atlas.index.everywhere)


def test_it_is_small():
    assert sum(path.stat().st_size for path in DATA.rglob("*.json*")) < 4_000_000
