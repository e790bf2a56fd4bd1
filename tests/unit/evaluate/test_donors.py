"""Which resaves are worth a try, and what each of them asks."""

import pytest

from runner.evaluate.donors import MOST_RESAVES, resaves
from runner.model.matrix import Format
from runner.model.routes import RESAVED, find_route
from runner.model.scripts import Script
from runner.model.steps import AS_IS
from runner.plan.planner import make_plan
from tests.unit.factories import recipe, spec
from tests.unit.plan.test_planner import CONTROL, done, known


def loads(format_=Format.SAVEDMODEL):
    """The loads of one artifact, saved by a: in a itself and in b."""
    asked = spec(recipes=(recipe("mlp"),), formats=(format_,))
    before = known()
    saved = done(make_plan(asked, before, control=CONTROL), before)
    plan = make_plan(asked, saved, control=CONTROL)
    found = {step.loader.id: step for step in plan.loads if step.id.startswith("a/mlp/")}
    return found["a"], found["b"]


def everything(_saver, _format, _loader):
    return True


def test_a_resave_saves_again_and_the_loader_takes_what_it_wrote():
    own, load = loads()
    (resave, *_) = resaves(load, [own], [Format.H5], everything)
    assert resave.id == "resave:a:h5"
    there, here = Script(text="there"), Script(text="here")
    again = resave.save_again(there)
    assert (again.way, again.loader.id, again.script) == ("save-again:h5", "a", there)
    assert again.artifact == load.artifact
    taken = resave.load_of(load, "d" * 64, here)
    assert taken.script == here
    assert (taken.loader.id, taken.artifact, taken.format) == ("b", "d" * 64, Format.H5)
    assert taken.save == load.save  # what the first saver predicted and promised stays the truth
    assert taken.subject == f"{load.id}#resave:a:h5"
    assert len({taken.key, load.key, again.key}) == 3


def test_the_saver_itself_is_not_a_resave_in_the_format_it_was_saved_in():
    own, load = loads(Format.H5)
    assert not list(resaves(load, [own], [Format.H5], everything))
    assert [one.format for one in resaves(load, [own], [Format.KERAS], everything)] == [
        Format.KERAS
    ]


def test_only_what_the_loader_is_known_to_read_is_written():
    own, load = loads()

    def only_keras(_saver, format_, _loader):
        return format_ is Format.KERAS

    found = list(resaves(load, [own], list(Format), only_keras))
    assert [one.format for one in found] == [Format.KERAS]
    assert not list(resaves(load, [], list(Format), everything))


def test_there_are_few_resaves_and_whole_models_come_first():
    own, load = loads()
    found = list(resaves(load, [own, load], list(Format), everything))
    assert len(found) == MOST_RESAVES
    assert {one.donor_load.way for one in found} == {AS_IS}
    assert found[0].format is Format.H5


@pytest.mark.parametrize("format_", RESAVED)
def test_a_resave_is_called_by_its_environment_and_format(format_):
    title = find_route(f"resave:tf2.10-py39:{format_}").title
    assert "tf2.10-py39" in title
    assert str(format_) in title


def test_a_graph_is_not_saved_again():
    own, load = loads(Format.EXPORT)
    assert not list(resaves(load, [own], list(Format), everything))
