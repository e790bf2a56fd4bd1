"""The catalogue that comes with kmatrix, and what is wrong in one."""

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from runner.config.catalogue import Facts, PinCondition, neighbours
from runner.config.catalogue_file import CATALOGUE, default_catalogue, load_catalogue
from runner.errors import ToolError
from runner.model.keras_identity import KerasKind
from runner.model.matrix import Backend


@pytest.fixture(scope="module")
def catalogue():
    return default_catalogue()


def test_every_fact_has_its_reason(catalogue):
    facts = [*catalogue.tensorflow.values(), *catalogue.keras.values(), *catalogue.pins]
    facts += [*catalogue.backends.values(), catalogue.legacy, catalogue.nightly]
    assert all(fact.why for fact in facts)


def test_it_reaches_from_tensorflow_1_12_to_2_21_and_keras_2_2_to_3_15(catalogue):
    minors = [f"2.{minor}" for minor in range(22)]
    assert set(catalogue.tensorflow) == {"1.12", "1.13", "1.14", "1.15", *minors}
    assert {"2.2", "2.3", *(f"3.{minor}" for minor in range(16))} <= set(catalogue.keras)
    assert set(catalogue.backends) == set(Backend)


def test_every_release_can_be_installed_on_the_python_it_gets(catalogue):
    for minor, facts in catalogue.tensorflow.items():
        assert facts.newest.startswith(f"{minor}.")
        assert facts.pythons.contains(facts.python), minor
        assert facts.package in {"tensorflow", "tensorflow-cpu"}
    for minor, facts in catalogue.keras.items():
        assert facts.newest.startswith(f"{minor}.")
        assert facts.pythons is None or facts.pythons.contains(facts.python), minor


def test_the_keras_a_tensorflow_gets_is_one_it_accepts(catalogue):
    for minor, facts in catalogue.tensorflow.items():
        if facts.keras is not None:
            assert facts.accepts_keras.contains(facts.keras), minor
            assert facts.tf_keras, minor


def test_the_tensorflow_a_keras_gets_exists_and_accepts_it(catalogue):
    for minor, facts in catalogue.keras.items():
        if facts.tensorflow is not None:
            under = catalogue.tensorflow[facts.tensorflow]
            assert under.accepts_keras.contains(facts.newest), minor
            assert under.pythons.contains(facts.python), minor


def test_every_short_entry_that_the_catalogue_offers_can_be_written(catalogue, environments):
    for minor in catalogue.tensorflow:
        assert len(environments(f'tensorflow: "{minor}"')) == 1
    for minor, facts in catalogue.keras.items():
        if facts.kind is KerasKind.KERAS3:
            for backend in ("tensorflow", "jax", "torch", "numpy"):
                assert len(environments(f'{{keras: "{minor}", backend: {backend}}}')) == 1


def test_keras_inside_tensorflow_is_no_separate_keras(catalogue):
    assert catalogue.keras["2.10"].kind is KerasKind.TENSORFLOW
    assert catalogue.keras["2.3"].kind is KerasKind.MULTI_BACKEND
    assert catalogue.keras["3.0"].kind is KerasKind.KERAS3


def test_pins_are_requirements(catalogue):
    for rule in catalogue.pins:
        for pin in rule.pins:
            assert Requirement(pin).specifier


def facts(**changes):
    values = {"tensorflow": None, "keras": None, "python": "3.9", "backends": ()}
    return Facts(**{**values, **changes})


@pytest.mark.parametrize(
    ("found", "pin"),
    [
        ({"tensorflow": "1.15.5"}, "protobuf<3.21"),
        ({"tensorflow": "2.5.3"}, "protobuf<3.21"),
        ({"tensorflow": "1.14.0", "python": "3.7"}, "protobuf<3.21"),
        ({"tensorflow": "1.14.0", "python": "3.6"}, "h5py<3"),
        ({"tensorflow": "2.10.1"}, "numpy<2"),
        ({"keras": "2.3.1", "backends": (Backend.THEANO,)}, "h5py<3"),
        ({"keras": "3.6.0", "backends": (Backend.JAX,)}, "jax==0.4.30"),
    ],
)
def test_a_rule_pins_what_it_is_about(catalogue, found, pin):
    assert pin in catalogue.pins_for(facts(**found))


@pytest.mark.parametrize(
    ("found", "pin"),
    [
        ({"tensorflow": "2.6.5"}, "protobuf<3.21"),
        ({"tensorflow": "1.14.0", "python": "3.6"}, "protobuf<3.21"),
        ({"tensorflow": "2.12.1"}, "numpy<2"),
        ({"keras": "3.15.1", "backends": (Backend.JAX,)}, "jax==0.4.30"),
        ({"keras": "3.6.0", "backends": (Backend.TENSORFLOW,)}, "jax==0.4.30"),
    ],
)
def test_a_rule_leaves_alone_what_it_is_not_about(catalogue, found, pin):
    assert pin not in catalogue.pins_for(facts(**found))


def test_a_condition_about_a_package_that_is_not_there_does_not_hold():
    condition = PinCondition(tensorflow=SpecifierSet(">=1"), keras=None, python=None, backend=None)
    assert condition.holds(facts(tensorflow="2.10.1"))
    assert not condition.holds(facts())


def test_neighbours_are_by_version_and_not_by_spelling():
    known = dict.fromkeys(["2.2", "2.10", "2.9"])
    assert neighbours("2.5", known) == ("2.2", "2.9")
    assert neighbours("2.11", known) == ("2.10",)
    assert Version("2.9") < Version("2.10")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("newest: ", "newst: "), "did you mean 'newest'?"),
        (('pythons: "==3.6.*"', 'pythons: "three"'), "'three' is not a version specifier"),
        (("kind: keras3", "kind: keras4"), "unknown kind 'keras4'; did you mean 'keras3'?"),
        (("  theano:\n", "  theanno:\n"), "unknown backend 'theanno'"),
        (('["h5py<3"]', '["h5py=3"]'), "is not a requirement"),
        (("nightly:\n", "nihgtly:\n"), "the key 'nightly' is missing"),
        (("prerelease: true", "prerelease: 3"), "expected true or false"),
        (("backend: jax}", "backend: jaxx}"), "unknown backend 'jaxx'"),
    ],
)
def test_mistakes_in_a_catalogue_are_placed_like_those_in_a_matrix(tmp_path, change, words):
    text = CATALOGUE.read_text("utf-8")
    assert change[0] in text
    path = tmp_path / "catalogue.yaml"
    path.write_text(text.replace(*change), "utf-8")
    with pytest.raises(ToolError) as caught:
        load_catalogue(path)
    lines = str(caught.value).splitlines()
    assert any(words in line for line in lines)
    assert all(line.startswith(f"{path}:") for line in lines)
