"""What stored results depend on: the code and data that judge them."""

from runner.run import results_cache


def test_every_package_of_rules_exists_and_has_code():
    for name in results_cache.RULES:
        assert list((results_cache.RUNNER / name).rglob("*.py")), name


def test_rules_include_what_reads_evidence_and_what_recognises_failures():
    files = {path.relative_to(results_cache.RUNNER).as_posix() for path in results_cache._files()}
    assert "worker_client/evidence_reader.py" in files
    assert "evaluate/verdict_rules.py" in files
    assert any(name.startswith("signatures/known/") for name in files)
