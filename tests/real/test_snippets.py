"""Snippets of signatures as a reader would use them: executed as printed, without kmatrix."""

import json
import subprocess

import pytest

from runner.config.matrix_file import load_matrix
from runner.environment_variables import worker_variables
from runner.signatures import load_reported, load_signatures, signature_result
from runner.signatures.complete_code import NEEDED, is_python
from tests.real.conftest import BUILD, KERAS3
from tests.real.printed_remedies import ROOT

EXECUTE = ROOT / "tests/real/execute_snippets.py"
# The first that a snippet's loader allows, by the version of its Keras.
ENVIRONMENTS = {KERAS3: "3.15.0", "tf2.15-py311": "2.15.0", "tf2.10-py39": "2.10.0"}
# What a snippet's file is in the case that it is for.
FILES = {
    "hdf5-named-keras": {"model.keras": "model.h5"},
    "json-is-no-model": {"model.json": "text.json"},
}


def snippets():
    """Environment to name to code, of the snippets that need nothing of the reader's."""
    found = {name: {} for name in ENVIRONMENTS}
    for signature in (*load_signatures(), *load_reported()):
        allowed = signature.where.loader.keras
        for number, remedy in enumerate(signature_result(signature).remedies):
            code = remedy.code
            if not code or not is_python(code) or code.startswith(NEEDED):
                continue
            for name, version in ENVIRONMENTS.items():
                if allowed is None or allowed.contains(version):
                    found[name][f"{signature.id}-{number}"] = [code, FILES.get(signature.id, {})]
                    break
    return found


SNIPPETS = snippets()


def test_most_snippets_that_need_nothing_have_an_environment():
    assert sum(map(len, SNIPPETS.values())) >= 50


@pytest.mark.usefixtures("results")
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_snippet_that_needs_nothing_runs_as_printed(tmp_path, name):
    (python,) = (BUILD / "environments").glob(f"{name}-*/bin/python")
    environment = {one.id: one for one in load_matrix(ROOT / "matrix.yaml").environments}[name]
    (tmp_path / "home").mkdir()
    (tmp_path / "in.json").write_text(json.dumps(SNIPPETS[name]))
    subprocess.run(
        [python, "-I", EXECUTE, tmp_path / "in.json", tmp_path / "out.json"],
        env=worker_variables(environment, tmp_path / "home"),
        check=True,
    )
    found = json.loads((tmp_path / "out.json").read_text())
    assert set(found) == set(SNIPPETS[name])
    failed = {key: words for key, words in found.items() if words and not addon(key, name, words)}
    assert failed == {}


def addon(key, name, words):
    """Whether all that lacks is a package, and the code says how to install it."""
    return "No module named" in words and "# pip install" in SNIPPETS[name][key][0]
