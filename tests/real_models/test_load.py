"""``kmatrix load`` against a plain ``load_model`` script, file by file, in real environments.

CI takes two environments and every twelfth file; ``KMATRIX_REAL=full`` takes the default profile
and all files. ``KMATRIX_LOAD_IN`` (ids, comma-separated) chooses other environments.
"""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from runner.cli.progress_bars import make_progress
from runner.config.matrix_file import load_matrix, select
from runner.config.recipe_source import control_recipe
from runner.environment_variables import worker_variables
from runner.environments.builders import make_builders
from runner.environments.locks import read_lock
from runner.evaluate.file_answer import UNTRIED
from runner.model.evidence import Stage
from runner.model.steps import AS_IS
from runner.modelfile.inspect_file import inspect
from runner.plan.candidates import candidates
from runner.run.file_run import FileRun, FileRunOptions, Given
from runner.run.session import open_session
from tests.real.conftest import KERAS3, TF215
from tests.real.scale import scaled
from tests.real_models.conftest import ROOT
from tests.real_models.conftest import units as all_units

# Theano without a compiler takes four minutes for a large Embedding; a script has no limit at all.
PATIENCE = 900
PLAIN = Path(__file__).with_name("plain.py")
SAMPLE_IN = scaled(f"{TF215},{KERAS3}", "")
STEP = scaled(12, 1)
KINDS = {"json-arch": "json", "json-arch-0.x": "json", "yaml-arch": "yaml"}


def units():
    """The files to load, a sample by their order in the manifests where not all are."""
    return all_units()[::STEP]


def chosen():
    matrix = load_matrix(ROOT / "matrix.yaml")
    named = tuple(filter(None, os.environ.get("KMATRIX_LOAD_IN", SAMPLE_IN).split(",")))
    spec = select(matrix, profile=None, environments=named)
    locks = {e.installation.name: read_lock(ROOT, e.installation) for e in spec.environments}
    return matrix, candidates(spec.environments, locks), locks


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Every file in every environment, all routes; and the evidence with its arrays."""
    matrix, known, locks = chosen()
    limits = replace(matrix.limits, cell_seconds=PATIENCE)
    build = Path(os.environ.get("KMATRIX_BUILD_DIR", ROOT / "build"))
    session = open_session(build)
    builder_for = make_builders(folder=ROOT, build=build.resolve())
    try:
        with make_progress(Console(stderr=True)) as progress:
            run = FileRun(
                session=session,
                builder_for=builder_for,
                locks=locks,
                control=control_recipe(),
                given=Given(),
                options=FileRunOptions(limits=limits, tolerance=matrix.tolerance, jobs=2),
                progress=progress,
            )
            files = [(unit.path, inspect(unit.path)) for unit in units()]
            # A file that would run code is opened in a sandbox, where this script cannot follow.
            files = [(path, found) for path, found in files if not found.code]
            loads = run.execute(files, known)
    finally:
        session.close()
    pythons = {
        one.environment.id: builder_for(installation)
        .find(installation, locks[installation.name])
        .python
        for one in known
        for installation in (one.environment.installation,)
    }
    return {"loads": loads, "evidence": run.answers, "known": known, "pythons": pythons}


def run_plain(candidate, python, loaded, folder):
    cases = []
    by_path = {str(unit.path): unit for unit in units()}
    for loads in loaded["loads"]:
        unit = by_path[loads.path]
        # Weights alone are answered without any environment.
        tried = loaded["evidence"].get(unit.path, {}).get(candidate.environment.id, {})
        if AS_IS not in tried:
            continue
        inputs = None
        if tried[AS_IS].inputs:
            inputs = str(folder / f"{unit.id}-inputs.npz")
            arrays = {f"{n:03d}": value for n, value in enumerate(tried[AS_IS].inputs)}
            np.savez(inputs, **arrays)
        kind = KINDS.get(unit.data["format"], "whole")
        cases.append({"id": unit.id, "path": str(unit.path), "kind": kind, "inputs": inputs})
    (folder / "cases.json").write_text(json.dumps(cases))
    variables = worker_variables(candidate.environment, folder)
    subprocess.run(
        [python, "-I", PLAIN, folder / "cases.json", folder / "out.json"],
        env={**variables, "KERAS": str(candidate.environment.api)},
        timeout=3000,
        capture_output=True,
    )
    return json.loads((folder / "out.json").read_text())


@pytest.mark.timeout(7200)
def test_load_agrees_with_a_plain_script_in_verdict_and_numbers(loaded, tmp_path, capsys):
    wrong, asked = [], 0
    for candidate in loaded["known"]:
        name = candidate.environment.id
        folder = tmp_path / name
        folder.mkdir()
        plain = run_plain(candidate, loaded["pythons"][name], loaded, folder)
        for unit in units():
            if unit.id not in plain:
                continue
            asked += 1
            ours, theirs = loaded["evidence"][unit.path][name][AS_IS], plain[unit.id]
            if disagreement := _disagreement(ours, theirs):
                wrong.append(f"{unit.id} in {name}: {disagreement}")
    with capsys.disabled():
        print(f"\n{asked} loads, {len(wrong)} disagree with the plain script")
    assert wrong == []
    assert asked


def _disagreement(ours, theirs):
    evidence = ours.evidence
    # A process that was killed while it predicted had loaded the model before.
    loads = evidence.observation is not None or evidence.stage is Stage.PREDICT
    if loads is not theirs["loads"]:
        return f"loads {loads}, and {theirs} ({evidence.failure and evidence.failure.innermost})"
    if not theirs.get("predicts"):
        return None
    if not ours.outputs:
        return f"the script predicts, and we do not: {evidence.failure}"
    with np.load(theirs["outputs"]) as found:
        for name, value in zip(sorted(found.files), ours.outputs, strict=True):
            if not np.allclose(found[name], value, rtol=1e-4, atol=1e-5, equal_nan=True):
                return f"other numbers: {np.abs(found[name] - value).max():g}"
    return None


@pytest.mark.timeout(7200)
def test_every_refusal_has_a_signature(loaded, capsys):
    with capsys.disabled():
        for one in loaded["loads"]:
            print(f"  {Path(one.path).parent.name}/{Path(one.path).name}: {one.answer}")
    unknown = [
        f"{one.path} in {load.environment}: {load.attempts[0].reason}"
        for one in loaded["loads"]
        for load in one.environments
        if not load.verdict.safe and load.verdict not in UNTRIED and not load.attempts[0].signatures
    ]
    assert unknown == []
