"""The packages whose change makes results be judged anew are those that there are."""

from pathlib import Path

import pytest

from runner.run.results_cache import RULES, RUNNER


@pytest.mark.parametrize("name", RULES)
def test_every_package_of_the_rules_has_code(name):
    assert list((RUNNER / name).rglob("*.py"))


@pytest.mark.parametrize(
    "module",
    ["evaluate.evaluator", "model.finding", "worker_client.evidence_reader", "signatures.match"],
)
def test_what_turns_evidence_into_findings_is_among_the_rules(module):
    package, name = module.split(".")
    assert package in RULES
    assert (Path(RUNNER) / package / f"{name}.py").is_file()
