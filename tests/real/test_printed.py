"""Verified remedies as a reader would use them: their code executed as printed, without kmatrix."""

from dataclasses import replace

import pytest

from tests.real.conftest import BUILD, KERAS3
from tests.real.printed_remedies import Class, Executor, Remedy, distinct, execute_all

COMPLETE = "import keras\nmodel = keras.models.load_model(FILE)\n"
SCALED = (
    "outputs = [2.0 * model.predict(np.load(path), verbose=0) for path in"
    " sorted(__import__('glob').glob('../inputs-*.npy'))]\n"
)


@pytest.fixture(scope="module")
def executor(results):
    return Executor(results, BUILD)


@pytest.fixture(scope="module")
def outcomes(results, executor):
    """One of each code that the report prints."""
    return execute_all(distinct(results, by=("code", "custom")), executor)


@pytest.fixture
def remedy(artifacts):
    """A remedy of a model that loads as it is."""
    artifact = artifacts[f"{KERAS3}/mlp_sequential/keras"]
    return Remedy(
        route="as-is",
        code=COMPLETE,
        loader=KERAS3,
        format=str(artifact.format),
        cells=(),
        artifact=artifact.id,
        custom=False,
    )


def test_complete_code_is_runnable(executor, remedy):
    assert executor.execute(remedy).is_a is Class.RUNNABLE


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (f"import numpy as np\n{COMPLETE}{SCALED}", "its predictions are not those of the saver"),
        ("import kmatrix", "No module named 'kmatrix'"),
        ("import kmatrix_worker", "No module named 'kmatrix_worker'"),
        ("x = 1", "it defines neither model nor outputs"),
        ("import os\nos._exit(0)", "its process died"),
        ("model = load(FILE)", "name 'load' is not defined"),
    ],
)
def test_code_that_fails_or_predicts_something_else_is_not_runnable(executor, remedy, code, words):
    outcome = executor.execute(replace(remedy, code=code))
    assert outcome.is_a is Class.NOT_RUNNABLE
    assert words in outcome.words


@pytest.mark.parametrize(
    ("code", "custom", "expected"),
    [
        ("model = build()", False, Class.AUTHOR),
        ("objects = OBJECTS", True, Class.AUTHOR),
        ("objects = OBJECTS", False, Class.NOT_RUNNABLE),
    ],
)
def test_only_what_the_author_alone_has_is_asked_of_the_author(
    executor, remedy, code, custom, expected
):
    assert executor.execute(replace(remedy, code=code, custom=custom)).is_a is expected


def test_a_report_prints_several_remedies(outcomes, capsys):
    counted = {kind: sum(one.is_a is kind for one in outcomes) for kind in Class}
    with capsys.disabled():
        print("\n" + ", ".join(f"{count} {kind}" for kind, count in counted.items()))
    assert len(outcomes) >= 10
    assert counted[Class.AUTHOR] > 0


@pytest.mark.xfail(reason="code lacks imports, and edit() and load() are left to the reader")
def test_every_verified_remedy_runs_as_printed_or_needs_the_authors_code(outcomes):
    assert [
        f"{one.remedy.route} in {one.remedy.loader}: {one.words}"
        for one in outcomes
        if one.is_a is Class.NOT_RUNNABLE
    ] == []
