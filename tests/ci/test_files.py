"""Workflow files as a linter and a careful reviewer see them."""

import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from reports.site import State
from runner.scaffold.action_source import UNKNOWN
from runner.scaffold.generated_files import check_workflow_text
from tests.ci.steps import ACTION, ACTIONS, CHECK, EXPRESSION, ROOT, WORKFLOWS, read, run_steps

BIN = Path(sys.executable).parent
PINNED = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}$")
NAMES = [path.name for path in WORKFLOWS]


def lint(*argv):
    done = subprocess.run(
        [str(BIN / argv[0]), *argv[1:]], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_workflows_fit_the_schema_of_workflows():
    schema = ("--builtin-schema", "vendor.github-workflows")
    lint("check-jsonschema", *schema, *map(str, WORKFLOWS))
    lint("check-jsonschema", "--builtin-schema", "vendor.github-actions", *map(str, ACTIONS))


def test_the_gitlab_recipe_fits_the_schema_of_gitlab():
    schema = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
    lint("check-jsonschema", *schema, str(ROOT / "docs" / "gitlab-ci.yml"))


def test_an_analyser_of_workflow_security_finds_nothing():
    lint("zizmor", "--offline", "--no-progress", *map(str, [*WORKFLOWS, *ACTIONS]))


@pytest.mark.parametrize(
    "path", [*WORKFLOWS, *ACTIONS], ids=[*NAMES, "action.yml", "check/action.yml"]
)
def test_every_action_is_pinned_by_its_commit_and_says_its_version(path):
    text = path.read_text("utf-8")
    lines = [line.strip() for line in text.splitlines() if re.match(r"\s*(- )?uses:", line)]
    assert lines
    for line in lines:
        reference = line.split("uses:")[1].strip()
        if reference != "./":
            action, _, comment = reference.partition(" # ")
            assert PINNED.match(action), line
            assert re.fullmatch(r"v\d+\.\d+\.\d+", comment), line


def test_one_action_has_one_pin():
    found = {}
    for path in [*WORKFLOWS, *ACTIONS]:
        for action, pin in re.findall(r"uses: ([\w./-]+)@(\S+)", path.read_text("utf-8")):
            found.setdefault(action.split("/")[1], set()).add(pin)
    assert {name: pins for name, pins in found.items() if len(pins) > 1} == {}


@pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)
def test_nothing_is_allowed_but_what_a_job_says(path):
    data = read(path)
    assert data["permissions"] == {}
    for job in data["jobs"].values():
        assert "permissions" in job
        assert "timeout-minutes" in job


def test_no_script_holds_an_expression():
    """What comes from outside comes as a variable, which a shell does not run."""
    for path, job, one in run_steps():
        assert not EXPRESSION.search(one["run"]), f"{path.name} {job} {one['name']}"
        assert one["name"]


def test_every_checkout_forgets_its_token():
    for path in WORKFLOWS:
        for name, job in read(path)["jobs"].items():
            for one in job["steps"]:
                if one.get("uses", "").startswith("actions/checkout@"):
                    assert one["with"]["persist-credentials"] is False, f"{path.name} {name}"


def blocks(page):
    return re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)


def test_a_stranger_needs_one_file_of_under_25_lines():
    (workflow,) = [block for block in blocks("ci.md") if "kmatrix@" in block and "jobs:" in block]
    assert len(workflow.splitlines()) < 25
    data = yaml.safe_load(workflow)
    inputs = read(ACTION)["inputs"]
    for job in data["jobs"].values():
        for one in job["steps"]:
            if "kmatrix@" in one.get("uses", ""):
                assert set(one["with"]) <= set(inputs)


def test_the_strangers_file_fits_the_schema_and_the_analyser(tmp_path):
    (workflow,) = [block for block in blocks("ci.md") if "kmatrix@" in block and "jobs:" in block]
    path = tmp_path / ".github" / "workflows" / "kmatrix.yml"
    path.parent.mkdir(parents=True)
    path.write_text(workflow)
    lint("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(path))


def test_the_workflow_for_pull_requests_is_the_one_that_init_writes(tmp_path):
    (workflow,) = [block for block in blocks("ci.md") if "kmatrix/check@" in block]
    assert workflow == check_workflow_text(UNKNOWN)
    path = tmp_path / ".github" / "workflows" / "kmatrix-check.yml"
    path.parent.mkdir(parents=True)
    path.write_text(check_workflow_text(f"somebody/kmatrix@{'0' * 40}"))
    lint("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(path))
    lint("zizmor", "--offline", "--no-progress", str(path))
    (job,) = read(path)["jobs"].values()
    assert job["steps"][-1]["uses"] == f"somebody/kmatrix/{CHECK.parent.name}@{'0' * 40}"


def test_every_input_of_the_action_is_described_in_the_docs():
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    for path in ACTIONS:
        for name in read(path)["inputs"]:
            assert f"`{name}`" in text


def column(page, heading):
    """The first column of the table with this heading, without the backquotes."""
    lines = (ROOT / "docs" / page).read_text("utf-8").splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(heading))
    rows = itertools.takewhile(lambda line: line.startswith("|"), lines[begin + 2 :])
    return [row.split("|")[1].strip().strip("`") for row in rows]


def test_the_docs_name_every_state_of_a_site():
    assert column("ci.md", "| `state=` |") == [str(state) for state in State]


def test_every_cell_of_an_example_is_split_as_the_command_splits_it():
    """``--shard 2/7`` of the page is one of the shards that ``plan --shards 7`` lists."""
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    (count,) = set(re.findall(r"kmatrix plan --shards (\d+)  ", text)) & {"7"}
    (shard,) = set(re.findall(r"kmatrix run --shard (\S+)", text))
    number, _, of = shard.partition("/")
    assert of == count
    assert 1 <= int(number) <= int(count)
