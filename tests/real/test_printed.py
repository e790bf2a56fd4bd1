"""Verified remedies as a reader would use them: their code executed as printed, without kmatrix."""

from dataclasses import replace

import pytest

from reports.remedy_count import count_remedies
from runner.model.scripts import NEEDS
from tests.real.conftest import BUILD, KERAS3
from tests.real.printed_remedies import Class, Executor, Remedy, Step, distinct, execute_all

COMPLETE = 'import keras\nmodel = keras.models.load_model("model.keras")\n'
SCALED = "predict = lambda inputs: 2.0 * model.predict(inputs, verbose=0)\n"
OF_AUTHOR = f"{NEEDS}my_model.py with build()\nfrom my_model import build\nmodel = build()\n"


@pytest.fixture(scope="module")
def executor(results):
    return Executor(results, BUILD)


@pytest.fixture(scope="module")
def outcomes(results, executor):
    """Of every distinct remedy that the report prints."""
    return execute_all(distinct(results), executor)


@pytest.fixture
def remedy(artifacts):
    """A remedy of a model that loads as it is."""
    artifact = artifacts[f"{KERAS3}/mlp_sequential/keras"]
    return Remedy(
        route="as-is",
        steps=(Step(environment=KERAS3, code=COMPLETE),),
        loader=KERAS3,
        format=str(artifact.format),
        cells=(),
        artifact=artifact.id,
    )


def with_code(remedy, code):
    return replace(remedy, steps=(Step(environment=KERAS3, code=code),))


def test_complete_code_is_runnable(executor, remedy):
    assert executor.execute(remedy).is_a is Class.RUNNABLE


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (COMPLETE + SCALED, "its predictions are not those of the saver"),
        ("import kmatrix", "No module named 'kmatrix'"),
        ("import kmatrix_worker", "No module named 'kmatrix_worker'"),
        ("x = 1", "it defines neither model nor predict"),
        ("import os\nos._exit(0)", "its process died"),
        ("model = load(FILE)", "name 'load' is not defined"),
        ("from my_model import build", "No module named 'my_model'"),
    ],
)
def test_code_that_fails_or_predicts_something_else_is_not_runnable(executor, remedy, code, words):
    outcome = executor.execute(with_code(remedy, code))
    assert outcome.is_a is Class.NOT_RUNNABLE
    assert words in outcome.words


def test_what_only_the_author_has_is_named_in_the_first_line(executor, remedy):
    assert executor.execute(with_code(remedy, OF_AUTHOR)).is_a is Class.AUTHOR
    other = OF_AUTHOR + "import another_module\n"
    assert executor.execute(with_code(remedy, other)).is_a is Class.AUTHOR
    elsewhere = f"{NEEDS}my_model.py with build()\nimport another_module\n"
    assert executor.execute(with_code(remedy, elsewhere)).is_a is Class.NOT_RUNNABLE


def test_a_report_prints_several_remedies(outcomes, capsys):
    counted = {kind: sum(one.is_a is kind for one in outcomes) for kind in Class}
    with capsys.disabled():
        print("\n" + ", ".join(f"{count} {kind}" for kind, count in counted.items()))
    assert len(outcomes) >= 10
    assert counted[Class.AUTHOR] > 0


def test_every_verified_remedy_runs_as_printed_or_needs_the_authors_code(outcomes):
    assert [
        f"{one.remedy.route} in {one.remedy.loader}: {one.words}"
        for one in outcomes
        if one.is_a is Class.NOT_RUNNABLE
    ] == []


def test_the_report_counts_what_was_counted_here(results, outcomes):
    counted = count_remedies(results)
    assert counted.runnable == sum(one.is_a is Class.RUNNABLE for one in outcomes)
    assert counted.author == sum(one.is_a is Class.AUTHOR for one in outcomes)
