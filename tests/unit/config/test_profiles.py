"""Profiles, and what the command line selects."""

import pytest

from runner.config.matrix_file import select
from runner.errors import ExitCode, ToolError
from runner.model.matrix import Format, PairRule
from runner.plan.planner import wanted_pairs

TEXT = """\
environments: [{tensorflow: "2.10"}, {tensorflow: "2.11"}, {tensorflow: "2.15"}, {nightly: true}]
formats: [h5, keras]
profiles:
  default: {environments: ["tf2.1?-*"]}
  quick:
    environments: [tf2.15-py311, tf2.10-py39]
    models: [mlp_*, conv_bn]
    formats: h5
    pairs: adjacent
  near: {pairs: {touching: nightly-py312}}
  everything: {}
"""
ALL = ["tf2.10-py39", "tf2.11-py310", "tf2.15-py311", "nightly-py312"]


@pytest.fixture
def matrix(read):
    return read(TEXT)


def ids(spec):
    return [environment.id for environment in spec.environments]


def test_without_a_word_the_profile_default_is_taken(matrix):
    spec = select(matrix, profile=None)
    assert spec.profile == "default"
    assert ids(spec) == ALL[:3]
    assert spec.formats == (Format.H5, Format.KERAS)


def test_a_profile_narrows_environments_models_formats_and_pairs(matrix):
    spec = select(matrix, profile="quick")
    assert ids(spec) == ["tf2.10-py39", "tf2.15-py311"]
    assert {recipe.name for recipe in spec.recipes} >= {"mlp_sequential", "conv_bn"}
    assert all(recipe.name.startswith(("mlp_", "conv_bn")) for recipe in spec.recipes)
    assert spec.formats == (Format.H5,)
    assert spec.pairs.rule is PairRule.ADJACENT


def test_an_empty_profile_is_the_whole_matrix(matrix):
    assert ids(select(matrix, profile="everything")) == ALL


def test_a_profile_may_keep_to_pairs_touching_an_environment(matrix):
    assert select(matrix, profile="near").pairs.touching == ("nightly-py312",)


def test_a_profile_may_have_neighbours_and_pairs_with_some(read):
    text = TEXT + "  anchored: {pairs: {adjacent-and: nightly-py312}}\n"
    spec = select(read(text), profile="anchored")
    assert spec.pairs.rule is PairRule.ADJACENT
    assert spec.pairs.everywhere == ("nightly-py312",)
    found = {(saver.id, loader.id) for saver, loader in wanted_pairs(spec)}
    assert ("tf2.10-py39", "nightly-py312") in found
    assert ("nightly-py312", "tf2.10-py39") in found
    assert ("tf2.10-py39", "tf2.15-py311") not in found


def test_default_profile_names_another_one(read):
    matrix = read(TEXT + "default-profile: quick\n")
    assert select(matrix, profile=None).profile == "quick"


def test_without_a_profile_called_default_the_first_one_is_it(read):
    matrix = read("environments: [{nightly: true}]\nprofiles: {b: {}, a: {}}\n")
    assert matrix.default_profile == "b"


def test_without_profiles_there_is_the_whole_matrix(read):
    matrix = read("environments: [{nightly: true}]\n")
    assert ids(select(matrix, profile="default")) == ["nightly-py312"]


def test_selections_reach_beyond_the_profile(matrix):
    spec = select(matrix, profile="quick", environments=["nightly*"], formats=["keras"])
    assert ids(spec) == ["nightly-py312"]
    assert spec.formats == (Format.KERAS,)


def test_what_is_touched_is_there(matrix):
    spec = select(matrix, profile="quick", touching=["nightly-py312"])
    assert ids(spec) == ["tf2.10-py39", "tf2.15-py311", "nightly-py312"]
    assert spec.pairs.touching == ("nightly-py312",)


def test_an_unknown_profile_is_a_usage_error_with_a_hint(matrix):
    with pytest.raises(ToolError, match="did you mean 'quick'") as caught:
        select(matrix, profile="quik")
    assert caught.value.exit_code is ExitCode.USAGE
    with pytest.raises(ToolError, match="there are: default, quick, near, everything"):
        select(matrix, profile="xyz")


def test_every_selector_that_matches_nothing_is_reported(matrix):
    with pytest.raises(ToolError) as caught:
        select(matrix, profile=None, environments=["tf9*", "tf2.1[0", "*"])
    assert caught.value.exit_code is ExitCode.USAGE
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("environments", "tf2.99-*", "matches no environment; nearest: tf2.1"),
        ("models", "mpl_sequential", "matches no reference model; nearest: mlp_sequential"),
        ("formats", "hdf5", "unknown format 'hdf5'"),
        ("pairs", "near", "unknown pair rule"),
        ("limits", "{}", "unknown key; known are environments, models, formats, pairs"),
    ],
)
def test_mistakes_in_profiles(mistakes, key, value, words):
    (found,) = mistakes(TEXT + f"  wrong:\n    {key}: {value}\n")
    assert found.startswith("matrix.yaml:13:")
    assert f"profiles.wrong.{key}" in found
    assert words in found


def test_an_empty_selection_is_a_mistake(mistakes):
    (found,) = mistakes(TEXT + "  wrong: {environments: []}\n")
    assert "is an empty list; leave the key out, or name something" in found


def test_all_selects_all_alone_or_in_a_list(read):
    matrix = read(TEXT + "  a: {environments: all, models: [all]}\n")
    assert select(matrix, profile="a").environments == matrix.environments
