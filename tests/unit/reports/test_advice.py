"""Claims beside what was measured: counted from cells, and silent where there are none."""

from reports.measured_advice import advice
from runner.model.finding import Verdict
from runner.model.results import AttemptResult
from tests.unit.factories import environment_result, results


def attempt(route, verdict, error=None):
    return AttemptResult(route=route, verdict=verdict, reason="", key="k", error=error)


def page(cells, **backends):
    found = results(cells)
    environments = tuple(
        environment_result(item.id, backend=backends.get(item.id, "tensorflow"))
        for item in found.environments
    )
    return advice(type(found)(**{**fields(found), "environments": environments}))


def fields(noun):
    return {name: getattr(noun, name) for name in noun.__dataclass_fields__}


def section(text, words):
    return next(part for part in text.split("## ") if words in part)


def test_exceptions_are_counted_by_type():
    scenarios = (
        attempt("nothing-supplied", Verdict.REFUSED, "ValueError: Unknown layer: Scale"),
        attempt("definition-missing", Verdict.REFUSED, "ImportError: cannot import name"),
    )
    cell = {"verdict": "identical", "as_is": Verdict.IDENTICAL, "scenarios": scenarios}
    text = page({"a/custom_layer/h5/b": cell, "a/custom_layer/keras/b": cell})
    found = section(text, "missing custom layer gives")
    assert "nothing supplied, 2 loads of the custom layer: 2 ValueError" in found
    assert "2 ImportError" in found


def test_backends_are_compared_pair_by_pair():
    cells = {
        "t/conv_bn/h5/b": {"verdict": "drifted", "as_is": Verdict.DRIFTED},
        "t/mlp/h5/b": {"verdict": "identical", "as_is": Verdict.IDENTICAL},
        "b/mlp/h5/b": {"verdict": "refused", "as_is": Verdict.REFUSED},
    }
    found = section(page(cells, t="theano"), "another backend")
    assert "theano to tensorflow, H5 and .keras as is: 1 drifted, 1 identical" in found
    assert "refused" not in found


def test_a_layer_that_saves_is_told_with_what_its_saver_makes_of_the_file():
    refused = {"verdict": "broken", "reason": "fails on its own artifact: 0 layers"}
    cells = {"a/custom_no_get_config/h5/a": refused, "b/custom_no_get_config/h5/a": "identical"}
    found = section(page(cells), "without get_config")
    assert "- a: saves; fails on its own artifact: 0 layers" in found
    assert "- b: saves; its own file was not loaded" in found


def test_eager_off_is_compared_on_the_same_files():
    cells = {
        "a/mlp/h5/b": {"verdict": "refused", "as_is": Verdict.REFUSED},
        "a/mlp/h5/b-graph": {"verdict": "identical", "as_is": Verdict.IDENTICAL},
    }
    found = section(page(cells), "disable_eager_execution")
    assert "the same 1 files with eager execution off: 1 load that did not, 0 do not" in found


def test_a_claim_without_cells_says_so():
    text = page({"a/mlp/h5/a": "identical"})
    assert "this run has no cell that could tell" in section(text, "A wrong shape")
