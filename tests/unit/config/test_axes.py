from runner.model.matrix import Backend, KerasApi


def test_backends_share_one_installation(environments):
    found = environments('{tensorflow: "2.21", keras: "3.15", backend: [tensorflow, jax, torch]}')
    assert list(found) == [
        "tf2.21-keras3.15-tensorflow-py312",
        "tf2.21-keras3.15-jax-py312",
        "tf2.21-keras3.15-torch-py312",
    ]
    (installation,) = {item.installation for item in found.values()}
    assert installation.name == "tf2.21-keras3.15-py312"
    assert {"jax", "torch", "tensorflow-cpu==2.21.0"} <= set(installation.requirements)
    assert [dict(item.variables)["KERAS_BACKEND"] for item in found.values()] == [
        *("tensorflow", "jax", "torch"),
    ]


def test_eager_off_is_a_second_environment_of_the_same_installation(environments):
    found = environments('{tensorflow: "2.15", eager: [true, false]}')
    assert list(found) == ["tf2.15-py311", "tf2.15-py311-graph"]
    assert [item.eager for item in found.values()] == [True, False]
    assert len({item.installation for item in found.values()}) == 1


def test_eager_off_alone_still_names_the_installation_after_what_is_installed(environments):
    (found,) = environments('{tensorflow: "2.15", eager: false}').values()
    assert found.id == "tf2.15-py311-graph"
    assert found.installation.name == "tf2.15-py311"


def test_legacy_keras_shares_the_installation_with_keras_3(environments):
    found = environments('{tensorflow: "2.16", keras: "3.3", legacy-keras: [false, true]}')
    assert list(found) == ["tf2.16-keras3.3-tensorflow-py311", "tf2.16-legacy-py311"] or list(
        found
    ) == ["tf2.16-keras3.3-py311", "tf2.16-legacy-py311"]
    plain, legacy = found.values()
    assert plain.installation == legacy.installation
    assert {"keras==3.3.3", "tf-keras==2.16.0"} <= set(plain.installation.requirements)
    assert (plain.api, legacy.api) == (KerasApi.KERAS, KerasApi.TF_KERAS)
    assert dict(legacy.variables) == {"TF_USE_LEGACY_KERAS": "1"}
    assert "TF_USE_LEGACY_KERAS" not in dict(plain.variables)


def test_legacy_keras_keeps_a_second_tensorflow_out_of_the_installation(environments):
    (found,) = environments('{tensorflow: "2.16", legacy-keras: true}').values()
    assert found.installation.overrides == ("tensorflow ; sys_platform == 'never'",)


def test_points_that_cannot_exist_are_left_out(environments):
    found = environments(
        '{tensorflow: "2.21", keras: "3.15", backend: [tensorflow, jax], legacy-keras: '
        "[false, true], eager: [true, false]}"
    )
    points = {(item.backend, item.legacy_keras, item.eager) for item in found.values()}
    assert points == {
        (Backend.TENSORFLOW, False, True),
        (Backend.TENSORFLOW, True, True),
        (Backend.TENSORFLOW, True, False),
        (Backend.JAX, False, True),
    }
    assert len(found) == 4


def test_axes_mark_a_given_id_only_where_there_are_several_values(environments):
    assert list(environments('{id: a, tensorflow: "2.15", eager: [true, false]}')) == [
        *("a", "a-graph"),
    ]
    assert list(environments('{id: a, keras: "3.15", backend: [jax, numpy]}')) == [
        *("a-jax", "a-numpy"),
    ]
    assert list(environments('{id: a, keras: "3.15", backend: jax}')) == ["a"]


def test_the_same_environment_in_two_entries_may_share_an_installation(read):
    matrix = read(
        """
        environments:
          - {tensorflow: "2.15"}
          - {tensorflow: "2.15", eager: false}
        """
    )
    assert [item.id for item in matrix.environments] == ["tf2.15-py311", "tf2.15-py311-graph"]
    assert len({item.installation for item in matrix.environments}) == 1
