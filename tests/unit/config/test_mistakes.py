"""Every kind of mistake: where, what, and what now."""

import pytest

# what stands in an entry -> where in it, and what is said
ENTRIES = {
    # versions
    "tensorflow: '2.99'": ("nearest known: '2.21'", "version '2.99' is not known"),
    "tensorflow: '1.11'": ("nearest known: '1.12'", "version '1.11' is not known"),
    "tensorflow: '2.10.7'": ("newest known of 2.10: '2.10.1'", "'2.10.7' is not known"),
    "tensorflow: '2'": ("write it as '2.10'", "has no minor version"),
    "tensorflow: latest": ("write it as '2.10' or '2.10.1'", "'latest' is not a version"),
    "tensorflow: 2.16rc0": ("write '2.16'", "is not a release"),
    "tensorflow: 2.16+cpu": ("write '2.16'", "is not a release"),
    "{keras: '2.10'}": ("write tensorflow: '2.10'", "Keras 2.10.0 is part of TensorFlow"),
    "{keras: '3.15'}": ("add backend: jax, or tensorflow:", "Keras 3.15.1 needs a backend"),
    "{keras: '2.3.1'}": ("add backend: theano, or tensorflow:", "needs a backend"),
    "{keras: '2.3', backend: tensorflow}": ("add tensorflow: '1.15'", "needs a TensorFlow version"),
    # what does not go together
    "{tensorflow: '2.10', keras: '3.0'}": ("it takes keras==2.10.*", "does not go with"),
    "{tensorflow: '2.20', keras: '3.5'}": ("it takes keras", "does not go with Keras 3.5.0"),
    "{tensorflow: '2.10', python: '3.12'}": ("it takes Python", "cannot be installed on"),
    "{tensorflow: '2.10', backend: jax}": ("", "the Keras inside TensorFlow 2.10 has no backend"),
    "{keras: '3.0', backend: openvino}": ("Keras >=3.8 has it", "has no backend openvino"),
    "{keras: '3.0', backend: theano}": ("Keras <2.4 has it", "has no backend theano"),
    "{tensorflow: '2.10', legacy-keras: true}": ("leave legacy-keras out", "already uses Keras 2"),
    "{keras: '3.15', backend: jax, legacy-keras: true}": (
        "add tensorflow: '2.16'",
        "legacy Keras needs TensorFlow 2.16",
    ),
    "{tensorflow: '1.15', eager: false}": ("leave eager out", "does not use eager execution"),
    "{tensorflow: '2.21', eager: false}": ("add legacy-keras", "Keras 3 does not work with eager"),
    "{keras: '3.15', backend: jax, eager: false}": ("", "only TensorFlow can turn eager"),
    "{nightly: true, tensorflow: '2.10'}": (
        "use requirements",
        "cannot be combined with `nightly`",
    ),
    "{nightly: false}": ("", "has nothing to install"),
    "{python: '3.9'}": ("nightly: true, or requirements", "has nothing to install"),
    "{}": ("nightly: true, or requirements", "has nothing to install"),
    # types
    "tensorflow: [2.10]": ("", "expected a version, found a list"),
    "tensorflow: {a: b}": ("", "expected a version, found a mapping"),
    "tensorflow: true": ("quote it, if it is meant as text", "found true or false"),
    "tensorflow: null": ("", "expected a version, found nothing"),
    "tensorflow: ''": ("", "expected a version, found empty text"),
    "tensorflow: !2.10": ("", "is a YAML tag here, not text"),
    "hello": ("", "expected a mapping such as {tensorflow: '2.10'}, found text"),
    "null": ("", "expected a mapping such as {tensorflow: '2.10'}, found nothing"),
    # scalars with a meaning
    "{tensorflow: '2.10', python: 3.9.18}": ("write '3.9'", "'3.9.18' is not a Python version"),
    "{tensorflow: '2.10', python: /usr/bin/python3}": ("such as '3.9'", "is not a Python version"),
    "{tensorflow: '1.12', python: 3.5}": ("3.6 is the oldest", "Python 3.5 is too old"),
    "{tensorflow: '2.10', python: 3}": ("such as '3.9'", "'3' is not a Python version"),
    "{tensorflow: '2.10', id: a/b}": ("use letters, digits", "cannot be the name of"),
    "{tensorflow: '2.10', id: -a}": ("start with a letter or digit", "cannot be the name of"),
    "{tensorflow: '2.10', pins: [numpy=1]}": ("numpy==1.23.5 or numpy<2", "is not a requirement"),
    "{tensorflow: '2.10', pins: [-r more.txt]}": ("write it as", "is not a requirement"),
    "{tensorflow: '2.10', pins: ['x @ file:///x.whl']}": ("use find-links", "from an address"),
    "{tensorflow: '2.10', pins: [numpy==1.1, NumPy<2]}": (
        "the first is",
        "NumPy is twice in this list",
    ),
    "{tensorflow: '2.10', pins: []}": ("leave the key out", "is an empty list"),
    "{tensorflow: '2.10', find-links: 'http://x'}": ("settings for indexes", "is an address"),
    "{tensorflow: '2.10', exclude-newer: yesterday}": (
        "use YYYY-MM-DD",
        "'yesterday' is not a date",
    ),
    "{tensorflow: '2.10', variables: {1A: x}}": ("", "is not a name of an environment variable"),
    "{tensorflow: '2.10', variables: {A: [x]}}": ("", "expected text, found a list"),
    "{tensorflow: '2.10', builder: podman}": ("known are nox, docker", "unknown builder"),
    "{tensorflow: '2.10', package: tensorflow-gpu}": ("tensorflow", "unknown package"),
    "{keras: '3.15', backend: [jax, jax]}": ("", "jax is twice in this list"),
    "{tensorflow: '2.15', eager: [true, true]}": ("", "true is twice in this list"),
    "{tensorflow: '2.15', eager: sometimes}": ("", "expected true or false, found text"),
    "{keras: '3.15', backend: mxnet}": ("known are tensorflow, theano", "unknown backend"),
    "{tensorflow: '2.10', prerelease: 'maybe'}": ("", "expected true or false"),
    # keys
    "{tensorflow: '2.10', env: {A: b}}": ("did you mean 'variables'?", "unknown key"),
    "{tf: '2.10'}": ("did you mean 'tensorflow'?", "unknown key"),
    "{tensorflow: '2.10', pyhton: '3.9'}": ("did you mean 'python'?", "unknown key"),
    "{tensorflow: '2.10', colour: red}": ("known are tensorflow, keras", "unknown key"),
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_wrong_entry_says_where_what_and_what_now(mistakes, entry):
    hint, words = ENTRIES[entry]
    found = mistakes(f"environments:\n  - {entry}\n")
    (line,) = [each for each in found if words in each]
    assert line.startswith("matrix.yaml:2:")
    assert "environments[0]" in line
    assert hint in line.split("; ", 1)[-1]


def test_a_value_is_placed_at_the_value_and_a_key_at_the_key(mistakes):
    text = """\
    environments:
      - tensorflow: "2.10"
        pyhton: "3.9"
        python: "3.12"
    """
    assert [line.split(": ")[0] for line in mistakes(text)] == ["matrix.yaml:3:5"]
    text = text.replace('pyhton: "3.9"', "pins: [a, =]")
    assert [line.split(": ")[0] for line in mistakes(text)] == ["matrix.yaml:3:15"]


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file(mistakes):
    found = mistakes(
        """\
        enviroments: []
        environments:
          - tensorflow: "2.99"
          - {tensorflow: "2.10", python: "3.13"}
          - {keras: "3.15", backend: mxnet}
        models: [no_such_model]
        formats: [h6]
        pairs: some
        tolerance: {rtol: small}
        limits: {cell: 5, memory: 1}
        profiles:
          default: {colour: red}
          "a b": {}
        default-profile: nightly
        builder: make
        """
    )
    assert [line.split(": ")[0].split(":")[1] for line in found] == [
        *("1", "3", "4", "5", "6", "7", "8", "9", "10", "10", "12", "13", "14", "15"),
    ]
    assert "did you mean 'environments'?" in found[0]


def test_a_mistake_in_an_environment_is_no_mistake_of_the_selectors_that_name_it(mistakes):
    found = mistakes(
        """\
        environments: [{tensorflow: "2.99"}, {tensorflow: "2.10"}]
        pairs: {touching: "tf2.99-*"}
        profiles: {default: {environments: ["tf2.99-*", tf2.10-py39]}}
        """
    )
    assert len(found) == 1


def test_a_matrix_without_environments_is_none(mistakes):
    assert mistakes("models: all\n") == [
        "matrix.yaml:1:1: the key 'environments' is missing; declare at least one"
    ]
    for empty in ("[]", "{}"):
        (found,) = mistakes(f"environments: {empty}\n")
        assert "has no environment" in found
    (found,) = mistakes("environments: tensorflow\n")
    assert "expected a list, found text" in found


def test_two_environments_of_one_name_are_told_apart_by_place(mistakes):
    (found,) = mistakes("environments:\n- tensorflow: '2.10'\n- tensorflow: '2.10'\n")
    assert found.startswith("matrix.yaml:3:3: environments[1]: a second environment is called")
    assert "the first is at matrix.yaml:2:3; give one of them an id" in found


def test_two_installations_of_one_name_are_a_mistake(mistakes):
    (found,) = mistakes(
        "environments:\n"
        "- {tensorflow: '2.15'}\n"
        "- {tensorflow: '2.15', eager: false, pins: [scipy<2]}\n"
    )
    assert "a second installation is called 'tf2.15-py311'" in found


def test_an_id_beside_a_key_that_is_the_id_already(mistakes):
    (found,) = mistakes("environments: {a: {id: b, tensorflow: '2.10'}}\n")
    assert "an id is not needed here; the key above is the id" in found
