"""The matrix on real environments: it runs, it is right, and it knows the known truths."""

import json
import random
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from runner.model.finding import ArtifactStatus, Verdict
from runner.store.artifact_store import ArtifactFolder
from runner.store.evidence_store import Database
from runner.worker_client.evidence_reader import evidence_from_json
from tests.real.conftest import (
    BUILD,
    CHOSEN,
    ENVIRONMENTS,
    JAX,
    KERAS3,
    TF1,
    TF210,
    TF215,
    THEANO,
    environment_python,
    kmatrix,
    plain_environment,
    results_of,
)

PLAIN = Path(__file__).with_name("plain_load.py")
SAMPLES = 14  # for each of the six loaders
PLAIN_FORMATS = ("h5", "keras", "savedmodel")
NOT_PLAIN = {"custom_no_get_config", "noise_at_inference"}


def test_every_environment_is_ready(results):
    assert {item.id: item.status for item in results.environments} == dict.fromkeys(
        ENVIRONMENTS, "ready"
    )


def test_every_cell_is_answered_once(results):
    counts = Counter(cell.id for cell in results.cells)
    assert set(counts.values()) == {1}
    assert results.run.complete
    assert not [cell.id for cell in results.cells if cell.verdict is Verdict.MISSING]


def test_every_environment_reads_its_own_plain_model(cells, artifacts):
    for environment in ENVIRONMENTS:
        for artifact in artifacts.values():
            if artifact.id == f"{THEANO}/mlp_sequential/h5":
                continue  # the next test
            if artifact.id.startswith(f"{environment}/mlp_sequential/"):
                if artifact.status is ArtifactStatus.SAVED:
                    assert cells[f"{artifact.id}/{environment}"].verdict is Verdict.IDENTICAL


def test_multi_backend_keras_cannot_read_its_own_sequential_behind_an_input_layer(cells):
    """It drops the InputLayer from the file (keras-team/keras#10417)."""
    cell = cells[f"{THEANO}/mlp_sequential/h5/{THEANO}"]
    assert (cell.verdict, cell.as_is) == (Verdict.REMEDIED, Verdict.REFUSED)
    assert "into a model with 0 layers" in cell.reason
    assert cell.remedy == "edited-copy"


def test_savers_agree_with_plain_numpy(artifacts):
    checked = [item for item in artifacts.values() if item.oracle is not None]
    assert len(checked) > 30
    assert all(item.oracle.equal for item in checked)


def test_keras3_refuses_its_own_h5_compiled_with_a_string_loss(cells):
    for environment in (KERAS3, JAX):
        cell = cells[f"{environment}/compiled_string_loss/h5/{environment}"]
        assert (cell.verdict, cell.as_is) == (Verdict.REMEDIED, Verdict.REFUSED)
        assert "refused-by-its-saver" in cell.signatures
        assert "mse" in cell.failure.innermost


@pytest.mark.parametrize("recipe", ["conv1d", "conv_bn"])
def test_theano_convolutions_drift_in_silence_from_tensorflow_2_4_on(cells, recipe):
    for loader in (TF210, TF215, KERAS3, JAX):
        cell = cells[f"{THEANO}/{recipe}/h5/{loader}"]
        assert cell.verdict is Verdict.DRIFTED, cell
        assert cell.failure is None
    assert cells[f"{THEANO}/{recipe}/h5/{TF1}"].verdict is Verdict.IDENTICAL


def test_hard_sigmoid_drifts_between_keras_2_and_3(cells):
    for loader in (KERAS3, JAX):
        cell = cells[f"{TF215}/activations/h5/{loader}"]
        assert cell.verdict is Verdict.DRIFTED
        assert cell.weights.all_equal
        assert 0.01 < cell.outputs.max_abs < 0.2


def test_h5_of_keras_3_fails_on_batch_shape_in_keras_2(cells):
    for loader in (TF210, TF215):
        cell = cells[f"{KERAS3}/mlp_sequential/h5/{loader}"]
        assert cell.as_is is Verdict.REFUSED
        assert "batch_shape" in cell.reason


def test_the_layer_without_get_config_cannot_be_saved_before_tensorflow_2_11(artifacts):
    for saver in (TF1, TF210):
        artifact = artifacts[f"{saver}/custom_no_get_config/h5"]
        assert artifact.status is ArtifactStatus.FAILED
        assert artifact.failure.type == "NotImplementedError"
    assert artifacts[f"{TF215}/custom_no_get_config/h5"].status is ArtifactStatus.SAVED


def test_a_model_that_is_random_by_itself_is_not_called_drift(cells):
    cell = cells[f"{TF215}/noise_at_inference/keras/{TF215}"]
    assert cell.verdict is Verdict.IDENTICAL
    assert "random by itself" in cell.reason


def test_a_format_that_a_loader_never_had_is_unsupported_as_is(cells):
    for cell in (
        f"{TF215}/mlp_sequential/savedmodel/{KERAS3}",
        f"{TF215}/lstm/keras/{TF1}",
        f"{TF215}/lstm/savedmodel/{THEANO}",
    ):
        assert cells[cell].as_is is Verdict.UNSUPPORTED, cells[cell]


def test_a_plain_script_agrees_with_the_verdicts(cells, artifacts, tmp_path):
    """At least 60 cells over all environments, against a script that shares no code."""
    agreed, wrong = 0, []
    for loader in ENVIRONMENTS:
        chosen = sample(cells, artifacts, loader)
        found = ask_plainly(loader, chosen, artifacts, tmp_path / loader)
        for cell in chosen:
            if fits(cell.as_is, found[cell.id]):
                agreed += 1
            else:
                wrong.append(f"{cell.id}: {cell.as_is} ({cell.reason}); {found[cell.id]}")
    assert not wrong, "\n".join(wrong)
    assert agreed >= 60


def sample(cells, artifacts, loader):
    """Some cells of this loader, of every verdict that it has."""
    pool = [
        cell
        for cell in cells.values()
        if cell.loader == loader
        and cell.key is not None
        and artifacts[cell.artifact].format in PLAIN_FORMATS
        and artifacts[cell.artifact].recipe not in NOT_PLAIN
    ]
    random.Random(loader).shuffle(pool)
    by_verdict = {}
    for cell in pool:
        by_verdict.setdefault(cell.as_is, []).append(cell)
    chosen = []
    while len(chosen) < SAMPLES and any(by_verdict.values()):
        for group in by_verdict.values():
            if group:
                chosen.append(group.pop())
    return chosen


def ask_plainly(loader, chosen, artifacts, folder):
    folder.mkdir()
    database = Database(BUILD / "store" / "evidence.sqlite")
    store = ArtifactFolder(BUILD / "store" / "artifacts")
    cases = []
    for number, cell in enumerate(chosen):
        artifact = artifacts[cell.artifact]
        data = database.get(artifact.key)
        arrays = evidence_from_json({"kind": "save", "outputs": data["inputs"]}).observation
        expected = evidence_from_json(data).observation.outputs
        paths = {}
        for name, values in (("inputs", arrays.outputs), ("expected", expected)):
            paths[name] = [str(folder / f"{number}-{name}-{n}.npy") for n in range(len(values))]
            for path, value in zip(paths[name], values, strict=True):
                np.save(path, value)
        place = store.get(artifact.digest.removeprefix("sha256:")).folder
        file = {"h5": "model.h5", "keras": "model.keras", "json": "model.json"}
        weights = str(place / "model.weights.h5") if artifact.format == "json" else None
        path = str(place / file.get(artifact.format, "model"))
        cases.append({"id": cell.id, "path": path, "weights": weights, **paths})
    (folder / "cases.json").write_text(json.dumps(cases))
    variables = {THEANO: {"PLAIN_KERAS": "keras", "KERAS_BACKEND": "theano"}}
    variables[THEANO]["THEANO_FLAGS"] = "cxx="
    variables[JAX] = {"PLAIN_KERAS": "keras", "KERAS_BACKEND": "jax"}
    subprocess.run(
        [environment_python(loader), PLAIN, folder / "cases.json", folder / "found.json"],
        check=True,
        capture_output=True,
        timeout=600,
        env=plain_environment(HOME=str(folder), **variables.get(loader, {})),
    )
    return json.loads((folder / "found.json").read_text())


def fits(verdict, plain):
    match verdict:
        case Verdict.IDENTICAL | Verdict.DEGRADED:
            return plain == "same"
        case Verdict.DRIFTED:
            return plain.startswith("differs")
        case Verdict.REFUSED | Verdict.UNSUPPORTED:
            return plain.startswith("fails")
        case Verdict.BROKEN:
            return plain != "same"
        case _:
            return False


def test_an_unchanged_matrix_starts_nothing(results):
    kmatrix("run", *CHOSEN)
    again = results_of(BUILD)
    assert again.run.ran == 0
    assert verdicts(again) == verdicts(results)


def verdicts(results):
    return {cell.id: (cell.verdict, cell.reason) for cell in results.cells}


def test_one_cell_can_be_asked_again_and_shows_its_evidence(results):
    cell = f"{TF215}/activations/h5/{KERAS3}"
    done = kmatrix("run", "--cell", cell)
    assert "drifted: predictions differ by up to" in done.stdout
    assert "largest difference" in done.stdout
