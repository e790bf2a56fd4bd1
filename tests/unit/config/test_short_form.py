import pytest

from runner.model.matrix import Backend, KerasApi

# entry -> id, Python, requirements that must be there
SHORT = {
    'tensorflow: "2.10"': ("tf2.10-py39", "3.9", ["tensorflow-cpu==2.10.1", "numpy<2"]),
    'tensorflow: "1.15"': ("tf1.15-py37", "3.7", ["tensorflow==1.15.5", "protobuf<3.21"]),
    'tensorflow: "2.15"': ("tf2.15-py311", "3.11", ["tensorflow-cpu==2.15.1"]),
    '{keras: "2.3.1", backend: theano}': (
        "keras2.3.1-theano-py37",
        "3.7",
        ["keras==2.3.1", "theano==1.0.5", "h5py<3"],
    ),
    '{keras: "2.2.4", tensorflow: "1.12"}': (
        "keras2.2.4-tf1.12-py36",
        "3.6",
        ["tensorflow==1.12.3", "keras==2.2.4", "h5py<3"],
    ),
    '{tensorflow: "2.21", keras: "3.15"}': (
        "tf2.21-keras3.15-py312",
        "3.12",
        ["tensorflow-cpu==2.21.0", "keras==3.15.1"],
    ),
    '{keras: "3.15", backend: jax}': ("keras3.15-jax-py312", "3.12", ["keras==3.15.1", "jax"]),
    '{keras: "3.6", backend: jax}': ("keras3.6-jax-py311", "3.11", ["jax==0.4.30", "numpy<2"]),
    '{keras: "3.15", backend: tensorflow}': (
        "keras3.15-tensorflow-py312",
        "3.12",
        ["tensorflow-cpu==2.21.0", "keras==3.15.1"],
    ),
    '{tensorflow: "2.16", legacy-keras: true}': (
        "tf2.16-legacy-py311",
        "3.11",
        ["tensorflow-cpu==2.16.2", "tf-keras==2.16.0"],
    ),
    "nightly: true": ("nightly-py312", "3.12", ["tf-nightly-cpu", "keras-nightly"]),
}


@pytest.mark.parametrize("entry", SHORT)
def test_a_short_entry_gets_its_id_python_and_pins_from_the_catalogue(environments, entry):
    name, python, requirements = SHORT[entry]
    found = environments(entry)
    assert list(found) == [name]
    installation = found[name].installation
    assert installation.name == name
    assert installation.python == python
    assert set(requirements) <= set(installation.requirements)


def test_tensorflow_to_2_15_is_reached_as_tf_keras_and_a_separate_keras_as_keras(environments):
    assert environments('tensorflow: "2.10"')["tf2.10-py39"].api is KerasApi.TF_KERAS
    separate = environments('{keras: "2.3.1", tensorflow: "1.15"}')["keras2.3.1-tf1.15-py37"]
    assert separate.api is KerasApi.KERAS
    assert environments('{tensorflow: "2.16", keras: "3.0"}')["tf2.16-keras3.0-py311"].api is (
        KerasApi.KERAS
    )
    legacy = environments('{tensorflow: "2.21", legacy-keras: true}')["tf2.21-legacy-py312"]
    assert legacy.api is KerasApi.TF_KERAS


def test_a_separate_keras_has_its_backend_set_so_that_nobodys_settings_decide(environments):
    (theano,) = environments('{keras: "2.3.1", backend: theano}').values()
    assert dict(theano.variables) == {"KERAS_BACKEND": "theano", "THEANO_FLAGS": "cxx="}
    (inside,) = environments('tensorflow: "2.10"').values()
    assert inside.variables == ()


def test_from_2_16_on_tensorflow_gets_a_keras_of_its_own(environments):
    (found,) = environments('tensorflow: "2.16"').values()
    assert found.id == "tf2.16-keras3.15-py311"
    assert "keras==3.15.1" in found.installation.requirements


def test_the_minor_version_3_10_is_not_3_1(environments):
    (found,) = environments("{keras: 3.10, backend: jax, python: 3.11}").values()
    assert found.id == "keras3.10-jax-py311"
    (python,) = environments("{tensorflow: 2.10, python: 3.10}").values()
    assert python.installation.python == "3.10"
    assert python.id == "tf2.10-py310"


def test_an_exact_version_is_installed_as_written_and_under_its_own_name(environments):
    (found,) = environments('{tensorflow: "2.10.0"}').values()
    assert "tensorflow==2.10.0" in found.installation.requirements
    assert found.id == "tf2.10-py39"


def test_pins_add_to_and_replace_the_catalogues(environments):
    entry = '{tensorflow: "2.10", pins: ["numpy==1.23.5", "scipy<1.11"]}'
    (found,) = environments(entry).values()
    assert found.installation.requirements == (
        "tensorflow-cpu==2.10.1",
        "numpy==1.23.5",
        "scipy<1.11",
    )


def test_pins_are_matched_by_canonical_name(environments):
    (found,) = environments('{tensorflow: "1.15", pins: ["Protobuf==3.20.3"]}').values()
    assert "Protobuf==3.20.3" in found.installation.requirements
    assert "protobuf<3.21" not in found.installation.requirements


def test_the_package_can_be_chosen(environments):
    (found,) = environments('{tensorflow: "2.10", package: tensorflow}').values()
    assert "tensorflow==2.10.1" in found.installation.requirements


def test_variables_of_the_entry_win_over_the_catalogues(environments):
    entry = '{keras: "2.3.1", backend: theano, variables: {THEANO_FLAGS: "", N: 010}}'
    (found,) = environments(entry).values()
    assert dict(found.variables) == {"KERAS_BACKEND": "theano", "THEANO_FLAGS": "", "N": "010"}


def test_index_options_reach_the_installation(environments):
    entry = '{tensorflow: "2.10", prerelease: true, exclude-newer: 2022-12-16, find-links: wheels}'
    (found,) = environments(entry).values()
    index = found.installation.index
    assert (index.prerelease, index.exclude_newer, index.find_links) == (
        True,
        "2022-12-16",
        ("wheels",),
    )


def test_nightly_allows_prereleases(environments):
    (found,) = environments("nightly: true").values()
    assert found.installation.index.prerelease
    assert found.backend is Backend.TENSORFLOW


def test_the_users_own_id_is_the_id(environments):
    assert list(environments('{id: production, tensorflow: "2.10"}')) == ["production"]


def test_environments_may_be_a_mapping_from_ids(read):
    matrix = read('environments:\n  here: {tensorflow: "2.10"}\n  there: {tensorflow: "2.15"}\n')
    assert [item.id for item in matrix.environments] == ["here", "there"]


def test_an_id_does_not_depend_on_the_other_entries(read, environments):
    alone = list(environments('tensorflow: "2.10"'))
    matrix = read('environments: [{tensorflow: "2.10"}, {tensorflow: "2.11"}, {nightly: true}]')
    assert alone[0] == matrix.environments[0].id
