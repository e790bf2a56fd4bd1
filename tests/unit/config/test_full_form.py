import pytest

from runner.model.matrix import Backend, KerasApi

FULL = """\
environments:
  - id: mine
    python: "3.10"
    requirements: [tensorflow==2.12.1, "numpy<1.24"]
    backend: tensorflow
    api: tf.keras
    variables: {TF_DETERMINISTIC_OPS: 1}
"""


def test_the_full_form_is_taken_as_it_stands(read):
    (found,) = read(FULL).environments
    assert found.id == "mine"
    assert found.installation.python == "3.10"
    assert found.installation.requirements == ("tensorflow==2.12.1", "numpy<1.24")
    assert found.backend is Backend.TENSORFLOW
    assert found.api is KerasApi.TF_KERAS
    assert found.variables == (("TF_DETERMINISTIC_OPS", "1"),)


def test_the_full_form_needs_no_catalogue(read):
    (found,) = read(FULL.replace("2.12.1", "99.1")).environments
    assert found.installation.requirements[0] == "tensorflow==99.1"


@pytest.mark.parametrize("key", ["id", "python", "backend", "api"])
def test_the_full_form_states_everything(mistakes, key):
    lines = [line for line in FULL.splitlines() if line.strip("- ").split(":")[0] != key]
    text = "\n".join(lines).replace("environments:\n    ", "environments:\n  - ")
    (found,) = mistakes(text)
    assert f"the key {key!r} is missing" in found


@pytest.mark.parametrize("key", ["tensorflow: '2.10'", "keras: '3.0'", "nightly: true"])
def test_the_two_forms_do_not_mix(mistakes, key):
    found = mistakes(FULL + f"    {key}\n")
    assert any("cannot be combined with `requirements`" in line for line in found)


def test_requirements_for_different_markers_all_stay(read):
    both = "[keras==3.0, \"numpy<1.25; python_version<'3.9'\", \"numpy<2; python_version>='3.9'\"]"
    (found,) = read(FULL.replace('[tensorflow==2.12.1, "numpy<1.24"]', both)).environments
    assert len(found.installation.requirements) == 3
