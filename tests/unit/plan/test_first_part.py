"""What a long run measures first."""

from dataclasses import replace

import pytest

from runner.model.matrix import Backend, Format
from runner.model.steps import Plan, SaveStep, Why
from runner.plan.first_part import first_part
from tests.unit.factories import environment, recipe, spec


def planned(backends, models=10, why=Why.NEW):
    environments = tuple(
        environment(f"e{number}", backend=backend) for number, backend in enumerate(backends)
    )
    recipes = tuple(recipe(f"m{number}") for number in range(models))
    saves = tuple(
        SaveStep(saver=saver, recipe=one, format=Format.H5, key=f"{saver.id}{one.name}{n}",
                 parts=(), why=why, control=False)
        for saver in environments for one in recipes for n in range(4)
    )  # fmt: skip
    made = replace(spec(environments=environments, recipes=recipes))
    return made, Plan(saves=saves, loads=())


TF, JAX = Backend.TENSORFLOW, Backend.JAX


@pytest.mark.parametrize(
    ("backends", "ids"),
    [((TF, TF, TF, JAX), {"e1", "e2"}), ((Backend.NUMPY, TF, JAX), {"e1", "e2"})],
)
def test_the_last_two_with_the_commonest_backend_come_first(backends, ids):
    made, plan = planned(backends)
    part = first_part(made, plan)
    assert part.environments == ids
    assert part.models == {f"m{number}" for number in range(6)}
    assert {step.saver.id for step in plan.saves if step in part} == ids
    assert {step.recipe.name for step in plan.saves if step in part} == part.models


def test_a_short_run_and_a_known_one_have_no_first_part():
    assert first_part(*planned((TF, TF))) is None
    assert first_part(*planned((TF, TF, TF), models=2)) is None
    assert first_part(*planned((TF, TF, TF), why=Why.KNOWN)) is None
