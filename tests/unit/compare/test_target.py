import pytest

from runner.compare.requirements_file import read_requirements
from runner.compare.upgrade_target import (
    is_requirement,
    requirement,
    resolve,
    settle,
    target,
    with_pins,
)
from runner.errors import ExitCode, ToolError
from runner.model.matrix import Backend, IndexOptions, KerasApi
from tests.unit.factories import environment

IDS = (
    *("tf1.15-py37", "tf2.1-py37", "tf2.10-py39", "tf2.15-py311", "tf2.15-py311-graph"),
    *("tf2.21-keras3.15-py312", "tf2.21-legacy-py312"),
)
ENVIRONMENTS = tuple(environment(name) for name in IDS)
DEFAULT = {"tf2.15-py311", "tf2.21-keras3.15-py312"}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("tf2.10-py39", "tf2.10-py39"),
        ("tf2.10", "tf2.10-py39"),
        ("tf2.1", "tf2.1-py37"),
        ("tf1", "tf1.15-py37"),
        ("tf2.15", "tf2.15-py311"),
        ("tf2.15-py311", "tf2.15-py311"),
        ("tf2.21", "tf2.21-keras3.15-py312"),
        ("tf2.21-leg", "tf2.21-legacy-py312"),
    ],
)
def test_an_id_may_be_cut_short(word, expected):
    assert resolve(word, ENVIRONMENTS, DEFAULT).id == expected


def test_several_candidates_are_named():
    with pytest.raises(ToolError, match=r"several environments: tf2.15-py311, tf2.15-py311-graph"):
        resolve("tf2.15", ENVIRONMENTS, ())


def test_no_candidate_is_told_what_there_is():
    with pytest.raises(
        ToolError, match=r"'tf3' is not the beginning of an id in the matrix: tf1.15"
    ) as e:
        resolve("tf3", ENVIRONMENTS, DEFAULT)
    assert e.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("word", ["numpy==2.0", "keras>=3,<4", "h5py~=3.11", "numpy<2", "a!=1"])
def test_a_package_with_a_version_is_a_requirement(word):
    assert is_requirement(word)
    assert requirement(word) == word


@pytest.mark.parametrize("word", ["tf2.15", "requirements.txt", "numpy", "tf2.21-keras3.15"])
def test_a_name_alone_is_none(word):
    assert not is_requirement(word)


@pytest.mark.parametrize("word", ["numpy==", "==2.0", "a @ https://example.org/a.whl"])
def test_what_is_no_requirement_is_refused(word):
    with pytest.raises(ToolError):
        requirement(word)


BASE = ("tensorflow-cpu==2.15.1", "keras==2.15.0", "numpy==1.26.4")


def test_a_pin_takes_the_place_of_what_it_speaks_of():
    assert with_pins(BASE, ["NumPy==2.0"]) == (*BASE[:2], "NumPy==2.0")
    assert with_pins(BASE, ["h5py==3.14"]) == (*BASE, "h5py==3.14")


def test_another_tensorflow_keeps_the_variant():
    assert with_pins(BASE, ["tensorflow==2.16.2"])[0] == "tensorflow-cpu==2.16.2"
    assert with_pins(("tensorflow==2.15.1",), ["tensorflow==2.16.2"]) == ("tensorflow==2.16.2",)


def on_the_fly(packages, **changes):
    made = target(
        environment("base", **changes),
        name="new",
        requirements=("x==1",),
        python="3.12",
        index=IndexOptions(),
    )
    variables = {
        Backend.TENSORFLOW: {"KERAS_BACKEND": "tensorflow"},
        Backend.JAX: {"KERAS_BACKEND": "jax"},
        Backend.THEANO: {"KERAS_BACKEND": "theano", "THEANO_FLAGS": "cxx="},
    }
    found = settle(made, packages, variables)
    return found.api, found.backend, dict(found.variables)


def test_an_environment_on_the_fly_has_the_base_s_builder_and_its_own_python():
    made = target(
        environment("base"), name="new", requirements=("x==1",), python=None, index=IndexOptions()
    )
    assert (made.id, made.installation.name, made.installation.python) == ("new", "new", "3.9")
    assert made.installation.requirements == ("x==1",)


@pytest.mark.parametrize(
    ("packages", "expected"),
    [
        (
            {"tensorflow": "2.15.1", "keras": "2.15.0"},
            (KerasApi.TF_KERAS, Backend.TENSORFLOW, {}),
        ),
        ({"tensorflow_cpu": "1.15.5"}, (KerasApi.TF_KERAS, Backend.TENSORFLOW, {})),
        (
            {"tensorflow": "1.15.5", "Keras": "2.3.1"},
            (KerasApi.KERAS, Backend.TENSORFLOW, {"KERAS_BACKEND": "tensorflow"}),
        ),
        (
            {"tensorflow": "2.21.0", "keras": "3.15.0"},
            (KerasApi.KERAS, Backend.TENSORFLOW, {"KERAS_BACKEND": "tensorflow"}),
        ),
        (
            {"keras": "3.15.0", "jax": "0.5"},
            (KerasApi.KERAS, Backend.JAX, {"KERAS_BACKEND": "jax"}),
        ),
        (
            {"keras": "2.2.5", "theano": "1.0.5"},
            (
                KerasApi.KERAS,
                Backend.THEANO,
                {"KERAS_BACKEND": "theano", "THEANO_FLAGS": "cxx="},
            ),
        ),
        ({"keras": "3.15.0"}, (KerasApi.KERAS, Backend.NUMPY, {})),
    ],
)
def test_the_lock_tells_which_keras_it_is(packages, expected):
    assert on_the_fly(packages) == expected


def test_the_base_s_backend_stays_where_it_is_there():
    packages = {"keras": "3.15.0", "jax": "0.5", "tensorflow": "2.21.0"}
    assert on_the_fly(packages, backend=Backend.JAX)[1] is Backend.JAX


def test_variables_that_follow_from_packages_are_not_carried_over():
    variables = (("KERAS_BACKEND", "jax"), ("OMP_NUM_THREADS", "1"))
    found = on_the_fly({"tensorflow": "2.15.0"}, variables=variables)
    assert found[2] == {"OMP_NUM_THREADS": "1"}


def test_legacy_keras_stays_legacy_where_its_package_is_there():
    variables = (("TF_USE_LEGACY_KERAS", "1"),)
    packages = {"tensorflow": "2.21.0", "keras": "3.15.0", "tf-keras": "2.21.0"}
    found = on_the_fly(packages, variables=variables, legacy_keras=True)
    assert found == (KerasApi.TF_KERAS, Backend.TENSORFLOW, dict(variables))


def test_packages_without_any_keras_are_refused():
    with pytest.raises(ToolError, match="new: neither Keras nor TensorFlow"):
        on_the_fly({"numpy": "2.0"})


REQUIREMENTS = r"""
# what we use
tensorflow==2.15.1   # not newer
numpy<2 ; python_version < "3.13"
keras==2.15.0 \
    --hash=sha256:0123 \
    --hash=sha256:4567

-r more/extra.txt
--index-url https://example.org/simple
-e .
./local
wheel @ https://example.org/wheel.whl
"""


def test_a_requirements_file_is_read_with_what_it_includes():
    files = {"r.txt": REQUIREMENTS, "more/extra.txt": "h5py==3.11\nnumpy<2 ; x\n-r ../none.txt\n"}
    files["more/../none.txt"] = ""
    found = read_requirements("r.txt", files.__getitem__)
    assert found.requirements == (
        "tensorflow==2.15.1",
        'numpy<2 ; python_version < "3.13"',
        "keras==2.15.0",
        "h5py==3.11",
    )
    assert [note.split(":")[0:2] for note in found.notes] == [
        ["more/extra.txt", "2"],
        ["r.txt", "10"],
        ["r.txt", "11"],
        ["r.txt", "12"],
        ["r.txt", "13"],
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"r.txt": "numpy\n-r r.txt\n"},
        {"r.txt": "-r sub/a.txt\n", "sub/a.txt": "-r ../r.txt\n"},
        {"r.txt": "-r a.txt\n", "a.txt": "-r b.txt\n", "b.txt": "-r ./a.txt\n"},
    ],
)
def test_requirements_files_that_include_themselves_are_one_clear_message(files):
    with pytest.raises(ToolError, match=r":\d+: -r .* -> .*; remove one of these") as caught:
        read_requirements("r.txt", files.__getitem__)
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_file_that_two_others_include_is_no_loop():
    files = {
        "r.txt": "-r a.txt\n-r b.txt\n",
        "a.txt": "-r c.txt",
        "b.txt": "-r c.txt",
        "c.txt": "x",
    }
    assert read_requirements("r.txt", files.__getitem__).requirements == ("x",)
