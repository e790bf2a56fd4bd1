import pytest

from runner.environments.build_faults import classify, explain
from runner.model.builds import Fault

# Real words of uv 0.13 and pip.
HASH = """error: Failed to install: six-1.16.0.whl
  Caused by: Hash mismatch for `six==1.16.0`

Expected:
  sha256:0000
"""
NETWORK = """error: Request failed after 3 retries
  Caused by: Failed to fetch: `simple/six/`
  Caused by: error sending request for url (simple/six/)
  Caused by: dns error: failed to lookup address information
"""
MISSING = """  × No solution found when resolving dependencies:
  ╰─▶ Because tensorflow==9.9 was not found in the package registry, it cannot be installed.
"""


@pytest.mark.parametrize(
    ("log", "fault"),
    [
        (HASH, Fault.HASH),
        (NETWORK, Fault.NETWORK),
        (MISSING, Fault.INSTALL),
        ("OSError: [Errno 28] No space left on device", Fault.DISK),
        ("error: No interpreter found for Python 3.5 in managed installations", Fault.INTERPRETER),
        ("something nobody has seen", Fault.INSTALL),
    ],
)
def test_a_log_tells_whose_fault_it_was(log, fault):
    assert classify(log) is fault


def test_what_the_installer_says_tells_more_than_what_nox_says_about_it():
    log = (
        "nox > Running session venv\n"
        "error: No solution found when resolving dependencies\n"
        "  cause: Because tiny==2.0 was not found, it cannot be installed.\n"
        "nox > Command uv pip sync --require-hashes failed with exit code 1\n"
    )
    assert explain(log) == (
        "error: No solution found when resolving dependencies; "
        "Because tiny==2.0 was not found, it cannot be installed."
    )


def test_a_build_over_its_time_is_told_apart():
    assert classify("error: not built within 1200 s") is Fault.TIME


def test_the_explanation_is_one_line_of_the_telling_words():
    text = explain(MISSING)
    assert "tensorflow==9.9 was not found" in text
    assert "\n" not in text


def test_a_log_without_telling_words_still_explains_something():
    assert explain("$ uv sync\nthe last line") == "the last line"
