from runner.model.matrix import Format
from runner.model.steps import LoadStep, SaveStep, Why
from runner.run.batches import MOST_TOGETHER, load_batches, save_batches
from tests.plain_script import plain_script
from tests.unit.factories import environment, recipe


def save(name, format_=Format.H5, *, custom=False):
    return SaveStep(
        saver=environment("a"),
        recipe=recipe(name, custom=custom),
        format=format_,
        key=f"{name}{format_}",
        parts=(),
        why=Why.NEW,
    )


def load(name, *, custom=False):
    return LoadStep(
        save=save(name, custom=custom),
        loader=environment("b"),
        artifact="d",
        script=plain_script(),
        key=name,
        parts=(),
        why=Why.NEW,
    )


def test_saves_of_one_reference_model_share_a_process_and_different_ones_do_not():
    steps = [save("x"), save("y"), save("x", Format.KERAS)]
    groups = [{step.recipe.name for step in batch.steps} for batch in save_batches(steps)]
    assert groups == [{"x"}, {"y"}]


def test_custom_objects_never_share_a_process():
    found = load_batches([load("x"), load("c1", custom=True), load("y"), load("c2", custom=True)])
    shared = [batch for batch in found if not batch.alone]
    assert [[step.save.recipe.name for step in batch.steps] for batch in shared] == [["x", "y"]]
    assert sum(batch.alone for batch in found) == 2


def test_isolated_means_alone():
    assert all(batch.alone for batch in load_batches([load("x"), load("y")], isolate=True))


def test_shared_processes_are_bounded_and_lose_nothing():
    steps = [load(f"m{number}") for number in range(MOST_TOGETHER * 2 + 3)]
    found = load_batches(steps)
    assert max(len(batch.steps) for batch in found) <= MOST_TOGETHER
    assert [step for batch in found for step in batch.steps] == steps
