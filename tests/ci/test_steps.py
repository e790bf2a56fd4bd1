"""Every script of the workflows, from the very file, in a clean folder, without the host."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reports.results_json import to_json
from runner.model.finding import Verdict
from tests.ci.steps import ACTION, CHECK, ROOT, Runner, run_steps, step
from tests.unit.shards.test_unite import artifact, cell, environment, results, run

CI, MATRIX, UPDATE, ATLAS = (
    ROOT / ".github" / "workflows" / f"{n}.yml" for n in ("ci", "matrix", "update", "atlas")
)
SOURCES = (
    "kmatrix",
    "runner",
    "reports",
    "environments",
    "pyproject.toml",
    "LICENSE",
    "noxfile.py",
)
SMALL = """\
environments:
  - {keras: "2.3.1", backend: theano}
models: [mlp_functional]
formats: [h5, json]
profiles:
  quick: {}
  full: {}
"""
THEANO = "keras2.3.1-theano-py37"
# Steps that no test below runs, and why.
ELSEWHERE = {
    ("ci.yml", "Install nox"): "installs from the index what this test runs in already",
}


def checkout(folder):
    """This repository as a host checks it out, with a matrix of one cheap environment."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            ignore = shutil.ignore_patterns("__pycache__", "locks")
            shutil.copytree(source, folder / name, ignore=ignore)
        elif source.exists():
            shutil.copy(source, folder / name)
    (folder / "README.md").write_text("# kmatrix\n")
    locks = folder / "environments" / "locks"
    locks.mkdir()
    shutil.copy(ROOT / "environments" / "locks" / f"{THEANO}.txt", locks)
    (folder / "matrix.yaml").write_text(SMALL)
    return folder


@pytest.fixture
def runner(tmp_path):
    """A machine with this kmatrix on its PATH, as the installing steps leave it."""
    found = Runner(folder=tmp_path / "machine", work=checkout(tmp_path / "checkout"))
    found.program("kmatrix", f'exec {sys.executable} {ROOT / "kmatrix"} "$@"')
    return found


def built(place):
    """The environments of the other tests, so that none is built here."""
    place.mkdir(parents=True, exist_ok=True)
    shared = ROOT / "build" / "tests" / "environments"
    shared.mkdir(parents=True, exist_ok=True)
    (place / "environments").symlink_to(shared)


def test_every_script_is_run_by_a_test_or_has_a_reason():
    text = Path(__file__).read_text("utf-8")
    for path, _, one in run_steps():
        named = f'"{one["name"]}"' in text
        assert named or (path.name, one["name"]) in ELSEWHERE, f"{path.name}: {one['name']}"


# The action


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A machine on which the action's own step has installed kmatrix, from this checkout."""
    folder = tmp_path_factory.mktemp("action")
    machine = Runner(folder=folder / "machine", work=checkout(folder / "checkout"))
    machine.program("python", f'exec {sys.executable} "$@"')  # as actions/setup-python leaves it
    machine.variables["GITHUB_ACTION_PATH"] = str(machine.work)
    machine.run(step(ACTION, "Install kmatrix"))
    built(machine.temp / "kmatrix-build")
    return machine


INPUTS = {
    "inputs.matrix": "matrix.yaml",
    "inputs.profile": "quick",
    "inputs.shard": "1/1",
    "inputs.fail-on": "drifted refused",
}


def test_the_action_installs_plans_and_measures(installed):
    installed.run(step(ACTION, "Plan"), INPUTS)
    (job,) = json.loads(installed.outputs()["jobs"])["include"]
    assert job["pythons"] == "3.7"
    assert len(job["key"]) == 16
    pythons = {"fromJSON(steps.plan.outputs.jobs).include[0].pythons": job["pythons"]}
    installed.run(step(ACTION, "Get Pythons"), pythons)
    installed.run(step(ACTION, "Measure"), INPUTS)
    report = Path(installed.outputs()["report"])
    assert (report / "index.html").is_file()
    found = json.loads((report / "results.json").read_text())
    assert "identical" in {one["verdict"] for one in found["cells"]}
    assert "kmatrix quick" in installed.summary.read_text()


def test_the_action_fails_with_the_exit_code_of_the_run(installed):
    done = installed.run(
        step(ACTION, "Measure"), {**INPUTS, "inputs.fail-on": "identical"}, check=False
    )
    assert done.returncode == 1


def test_a_hostile_input_is_text_and_no_command(installed):
    hostile = '$(touch pwned); "`touch pwned`'
    done = installed.run(step(ACTION, "Plan"), {**INPUTS, "inputs.profile": hostile}, check=False)
    assert done.returncode == 2
    assert "no such profile" in done.stderr
    assert not (installed.work / "pwned").exists()


def test_a_python_that_nobody_has_is_a_warning(installed, tmp_path):
    machine = Runner(folder=tmp_path / "machine", work=tmp_path / "work")
    (machine.temp / "kmatrix" / "bin").mkdir(parents=True)
    uv = machine.temp / "kmatrix" / "bin" / "uv"
    uv.write_text('#!/bin/sh\n[ "$3" = 3.12 ] || [ "$2 $4" = "install 3.9" ]\n')
    uv.chmod(0o755)
    pythons = {"fromJSON(steps.plan.outputs.jobs).include[0].pythons": "3.6 3.9 3.12"}
    done = machine.run(step(ACTION, "Get Pythons"), pythons)
    assert done.stdout.count("::warning::") == 1
    assert "no Python 3.6 here" in done.stdout


# The action for pull requests

OLD = "tensorflow==2.15.1\nnumpy==1.26.4\n"
BUMP = "tensorflow==2.21.0\nkeras==3.15.1\n"
PLAYS_GH = """
echo "$@" >> "$RUNNER_TEMP/asked"
case "$*" in
  *--paginate*) cat "$RUNNER_TEMP/comments" ;;
  *) for word in "$@"; do
       if [[ "$word" == body=@* ]]; then cp "${word#body=@}" "$RUNNER_TEMP/body"; fi
     done ;;
esac
"""


@pytest.fixture(scope="module")
def checking(tmp_path_factory):
    """A machine on which the action for pull requests has installed kmatrix."""
    folder = tmp_path_factory.mktemp("check")
    source = checkout(folder / "checkout")
    shutil.copytree(ROOT / "check", source / "check")
    machine = Runner(folder=folder / "machine", work=folder / "repository")
    machine.program("python", f'exec {sys.executable} "$@"')
    machine.variables["GITHUB_ACTION_PATH"] = str(source / "check")
    machine.run(step(CHECK, "Install kmatrix for the check"))
    return machine


@pytest.fixture
def pull_request(checking, tmp_path):
    """A pull request as the action finds it: the base is a branch of the remote."""
    machine = Runner(folder=tmp_path / "machine", work=tmp_path / "repository")
    (machine.temp / "kmatrix").symlink_to(checking.temp / "kmatrix")
    machine.program("gh", PLAYS_GH)
    (machine.temp / "comments").touch()

    def git(*words):
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *words], cwd=machine.work, check=True, capture_output=True)

    def change(before, after):
        git("init", "--quiet", "--initial-branch=main")
        for text, word in ((before, "before"), (after, "after")):
            (machine.work / "requirements.txt").write_text(text)
            (machine.work / "word.txt").write_text(word)
            git("add", "--all")
            git("commit", "--quiet", "--message", word)
            if word == "before":
                git("update-ref", "refs/remotes/origin/main", "HEAD")
        done = machine.run(step(CHECK, "Compare both sides"), CHECK_INPUTS)
        return machine, done

    return change


CHECK_INPUTS = {"inputs.since": "", "github.base_ref": "main", "inputs.allow-changes": "false"}


def comment(machine, **more):
    found = {"steps.compare.outputs.files": machine.outputs()["files"], **more}
    known = {"inputs.token": "t", "github.event.pull_request.number": "5", **found}
    return machine.run(step(CHECK, "Keep one comment up to date"), known)


def end(machine):
    code = {"steps.compare.outputs.code": machine.outputs()["code"]}
    return machine.run(step(CHECK, "End as the answer says"), code, check=False).returncode


def test_a_bump_that_is_not_safe_gets_one_comment_and_fails(pull_request):
    machine, _ = pull_request(OLD, BUMP)
    assert machine.outputs()["safety"] == "not safe"
    comment(machine)
    asked = (machine.temp / "asked").read_text()
    assert "--method POST repos/somebody/models/issues/5/comments" in asked
    body = (machine.temp / "body").read_text()
    assert body.startswith("<!-- kmatrix check -->\n### `requirements.txt`: ")
    assert "**not safe**" in body
    assert "not safe" in machine.summary.read_text()
    assert end(machine) == 1


def test_the_next_push_changes_that_comment(pull_request):
    machine, _ = pull_request(OLD, BUMP)
    (machine.temp / "comments").write_text("77\n78\n")
    comment(machine)
    asked = (machine.temp / "asked").read_text()
    assert "--method PATCH repos/somebody/models/issues/comments/77" in asked
    assert "POST" not in asked


def test_a_change_that_moves_nothing_of_ours_gets_no_comment(pull_request):
    machine, _ = pull_request(OLD, OLD)
    comment(machine)
    assert not (machine.temp / "body").exists()
    assert end(machine) == 0
    (machine.temp / "comments").write_text("77\n")  # an earlier push had one: it is set right
    comment(machine)
    assert "Nothing that saved models depend on changed" in (machine.temp / "body").read_text()


def test_a_token_that_may_not_write_is_a_warning(pull_request):
    machine, _ = pull_request(OLD, BUMP)
    for script in ("exit 1", 'case "$*" in *--paginate*) ;; *) exit 1 ;; esac'):
        machine.program("gh", script)
        assert "::warning::" in comment(machine).stdout
    assert end(machine) == 1


def test_a_base_that_was_not_fetched_is_an_error_that_says_so(pull_request):
    machine, _ = pull_request(OLD, OLD)
    other = {**CHECK_INPUTS, "github.base_ref": "release"}
    done = machine.run(step(CHECK, "Compare both sides"), other, check=False)
    assert done.returncode == 2
    assert "git fetch origin release" in done.stderr


def test_a_hostile_name_of_a_branch_is_text_and_no_command(pull_request):
    machine, _ = pull_request(OLD, OLD)
    hostile = {**CHECK_INPUTS, "github.base_ref": "$(touch pwned);`touch pwned`"}
    done = machine.run(step(CHECK, "Compare both sides"), hostile, check=False)
    assert done.returncode == 2
    assert not (machine.work / "pwned").exists()


# ci.yml


# The step of each job of ci.yml that runs tests.
TESTING = {
    "tests": "Style, types, import contracts, and the tests that need no environment",
    "processes": "Tests that start processes",
    "real": "The matrix, its remedies, and the commands of the README",
}
# Folders of tests/ that GitHub's machines do not run, and why.
NOT_ON_GITHUB = {
    "bench": "measures, and asserts nothing",
    "samples": "data",
    "reported": "data",
    "real_models": "the saved models are other people's, and not in the repository",
}


def asked_of_nox(runner, job):
    asked = runner.work / "asked"
    asked.unlink(missing_ok=True)
    runner.program("nox", 'echo "$@" >> asked')
    runner.run(step(CI, TESTING[job], job))
    first, session, dashes, *paths = asked.read_text().split()
    assert (first, dashes) == ("-s", "--")
    return session, paths


def test_ci_asks_nox_for_sessions_that_there_are(runner):
    sessions = {asked_of_nox(runner, job)[0] for job in TESTING}
    listed = subprocess.run(
        [sys.executable, "-m", "nox", "--list"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert sessions
    assert all(re.search(rf"^. {session}\b", listed.stdout, re.MULTILINE) for session in sessions)


def test_ci_runs_every_folder_of_tests_that_its_machines_can(runner):
    paths = [path for job in TESTING for path in asked_of_nox(runner, job)[1]]
    folders = [path.name for path in (ROOT / "tests").iterdir() if (path / "__init__.py").is_file()]
    wanted = {f"tests/{name}" for name in folders if name not in NOT_ON_GITHUB}
    assert sorted(paths) == sorted(wanted)


def test_the_browser_of_the_machine_gets_the_names_that_tests_look_for(runner):
    driver = runner.folder / "webdriver"
    driver.mkdir()
    (driver / "chromedriver").touch()
    runner.program("google-chrome", "true")
    runner.program("sudo", 'echo "$@" >> asked')
    runner.variables |= {
        "CHROMEWEBDRIVER": str(driver),
        "GITHUB_PATH": str(runner.folder / "path"),
    }
    runner.run(step(CI, "Install what the tests ask for", "processes"))
    (added,) = (runner.folder / "path").read_text().split()
    assert (Path(added) / "chromium").resolve() == runner.bin / "google-chrome"
    assert (Path(added) / "chromedriver").resolve() == driver / "chromedriver"
    assert "docker-registry" in (runner.work / "asked").read_text()


# matrix.yml


def test_kmatrix_is_installed_from_the_checkout(runner):
    runner.program("python", 'echo "$@" >> asked')
    jobs = ((MATRIX, "plan"), (MATRIX, "merge"), (UPDATE, "update"), (ATLAS, "atlas"))
    for path, job in jobs:
        runner.run(step(path, "Install kmatrix", job))
    asked = (runner.work / "asked").read_text().splitlines()
    assert all(line.endswith(" .") and line.startswith("-m pip install") for line in asked)
    assert len(asked) == len(jobs)


def plan_shards(runner, shards):
    runner.variables |= {"PROFILE": "full", "SHARDS": str(shards)}
    runner.run(step(MATRIX, "List the shards", "plan"))
    return json.loads(runner.outputs()["jobs"])["include"]


def test_the_plan_lists_the_shards_that_have_something_to_do(runner):
    jobs = plan_shards(runner, 40)
    assert [job["shard"] for job in jobs] == ["1/40"]


def test_more_shards_than_the_host_takes_fail_the_plan(runner):
    runner.variables |= {"PROFILE": "full", "SHARDS": "257"}
    done = runner.run(step(MATRIX, "List the shards", "plan"), check=False)
    assert done.returncode == 2
    assert "at most 256" in done.stderr


def test_a_shard_measured_merged_and_published_from_the_files(installed, runner):
    """Plan, shard, merge, publish: each step's own script, on a real environment."""
    (job,) = plan_shards(runner, 3)
    shard = {**INPUTS, "inputs.profile": "full", "inputs.shard": job["shard"], "inputs.fail-on": ""}
    installed.run(step(ACTION, "Measure"), shard)
    uploaded = runner.work / "build" / "shards" / f"shard-{job['slug']}"
    shutil.copytree(installed.temp / "kmatrix-report", uploaded)
    runner.run(step(MATRIX, "Unite the shards", "merge"))
    merged = json.loads((runner.work / "build" / "report" / "results.json").read_text())
    assert merged["run"]["complete"]
    assert len(merged["cells"]) == 2
    runner.program("gh", "exit 1")  # no site yet
    runner.run(step(MATRIX, "Get what is on the site now", "merge"), {"github.token": "t"})
    runner.run(step(MATRIX, "Decide what to publish", "merge"))
    assert runner.outputs()["state"] == "good"
    assert runner.outputs()["new-red"] == "0"
    assert (runner.work / "build" / "site" / "index.html").is_file()


def write(results_, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(to_json(results_)))
    (folder / "index.html").write_text("<!doctype html><body class=x><h1>grid</h1>")


def grid(verdict=Verdict.IDENTICAL, **changes):
    return results(
        [environment("a"), environment("b")],
        [artifact("a")],
        [cell("a", "a"), cell("a", "b", verdict, "why | <b>not</b>")],
        run=run(**changes),
    )


def decide(runner):
    return runner.run(step(MATRIX, "Decide what to publish", "merge"), check=False)


def test_no_shard_at_all_leaves_the_last_good_grid_with_its_date(runner):
    done = runner.run(step(MATRIX, "Unite the shards", "merge"))
    assert "::warning::kmatrix merge ended with 3" in done.stdout
    write(grid(started="2026-11-17T00:00:00Z"), runner.work / "build" / "last-good")
    assert decide(runner).returncode == 0
    assert runner.outputs()["state"] == "stale"
    page = (runner.work / "build" / "site" / "index.html").read_text()
    assert "This is the grid of 2026-11-17, the last good one" in page
    assert "the run gave no results" in page


def test_a_grid_with_a_hole_does_not_take_the_place_of_a_good_one(runner):
    holes = grid(missing_shards=("2/3",), complete=False)
    write(holes, runner.work / "build" / "report")
    write(grid(started="2026-11-17T00:00:00Z"), runner.work / "build" / "last-good")
    assert decide(runner).returncode == 0
    site = runner.work / "build" / "site"
    assert "shard 2/3 is missing" in (site / "index.html").read_text()
    assert json.loads((site / "results.json").read_text())["run"]["started"].startswith(
        "2026-11-17"
    )
    assert (site / "latest" / "index.html").is_file()
    assert json.loads((site / "status.json").read_text())["state"] == "stale"


def test_without_a_good_grid_a_half_one_says_what_it_is(runner):
    write(grid(complete=False), runner.work / "build" / "report")
    assert decide(runner).returncode == 0
    assert runner.outputs()["state"] == "partial"
    page = (runner.work / "build" / "site" / "index.html").read_text()
    assert "This grid is not whole: the run did not come to its end" in page


def test_nothing_at_all_fails(runner):
    done = decide(runner)
    assert done.returncode == 3
    assert "nothing to publish" in done.stderr


@pytest.mark.parametrize(
    ("status", "code", "kept"), [("200", 0, True), ("404", 0, False), ("502", 1, True)]
)
def test_a_site_that_does_not_answer_fails_and_is_not_forgotten(runner, status, code, kept):
    runner.program("gh", "echo https://somebody.example/models/")
    runner.program(
        "curl",
        'echo "${@: -1}" > "$RUNNER_TEMP/url"\n'
        'while [[ "$1" != --output ]]; do shift; done\n'
        f'echo "{{}}" > "$2"; printf {status}',
    )
    done = runner.run(
        step(MATRIX, "Get what is on the site now", "merge"), {"github.token": "t"}, check=False
    )
    assert done.returncode == code
    assert (runner.work / "build" / "last-good" / "results.json").exists() is kept
    url = (runner.temp / "url").read_text().strip()
    assert url == "https://somebody.example/models/results.json"


ISSUE = {"github.token": "t", "github.repository": "somebody/models"}


def new_red(runner):
    write(grid(Verdict.DRIFTED), runner.work / "build" / "report")
    write(grid(), runner.work / "build" / "last-good")
    assert decide(runner).returncode == 0
    assert runner.outputs()["new-red"] == "1"
    shutil.copy(runner.work / "build" / "issue.md", runner.work / "issue.md")


@pytest.mark.parametrize("open_", ["", "12"])
def test_new_red_opens_one_issue_and_then_adds_to_it(runner, open_):
    new_red(runner)
    runner.program(
        "gh", f'echo "$1 $2 $3" >> "$RUNNER_TEMP/asked"\n[[ "$2" != list ]] || echo "{open_}"'
    )
    runner.run(step(MATRIX, "One issue, however often", "issue"), ISSUE)
    asked = (runner.temp / "asked").read_text().splitlines()
    assert asked[-1] == ("issue comment 12" if open_ else "issue create --title")
    text = (runner.work / "issue.md").read_text()
    assert "a/mlp/h5/b" in text
    assert "`why \\| <b>not</b>`" in text
    assert "https://git.example/somebody/models/actions/runs/77" in text


@pytest.mark.parametrize(("state", "code"), [("good", 0), ("stale", 1), ("partial", 1), ("", 1)])
def test_the_workflow_is_red_where_the_last_good_grid_had_to_stay(runner, state, code):
    one = step(MATRIX, "Fail where the last good grid had to stay", "whole")
    done = runner.run(one, {"needs.merge.outputs.state": state}, check=False)
    assert done.returncode == code


# update.yml


@pytest.mark.parametrize(("code", "new"), [(0, "false"), (1, "true"), (3, None)])
def test_the_index_is_asked_and_the_answer_kept(runner, code, new):
    runner.program("kmatrix", f'echo "$@" > asked; echo "| keras | 3.99 |"; exit {code}')
    done = runner.run(step(UPDATE, "Ask the index", "update"), check=False)
    asked = (runner.work / "asked").read_text().split()
    assert asked == ["update", "--write", "--format", "markdown"]
    if new is None:
        assert done.returncode == 3
        return
    assert done.returncode == 0
    assert runner.outputs() == {"new": new}
    assert (runner.temp / "body.md").read_text() == "| keras | 3.99 |\n"


NEW_LINES = (UPDATE, "update", "Commit", "Open or update the pull request", "matrix.yaml")
NEW_CELLS = (
    *(ATLAS, "atlas", "Commit the atlas", "Open or update the pull request of the atlas"),
    "runner/atlas/data/index.json",
)


@pytest.mark.parametrize("number", ["", "7"])
@pytest.mark.parametrize("steps", [NEW_LINES, NEW_CELLS], ids=["update", "atlas"])
def test_what_is_new_is_committed_pushed_and_one_pull_request_opened(
    runner, tmp_path, number, steps
):
    path, job, commit, open_it, file = steps

    def git(*arguments, cwd=runner.work):
        done = subprocess.run(
            ["git", *arguments], cwd=cwd, check=True, capture_output=True, text=True
        )
        return done.stdout

    git("init", "--quiet", "--bare", str(tmp_path / "host.git"), cwd=tmp_path)
    git("init", "--quiet", "--initial-branch", "main")
    git("add", "--all")
    git("-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "--quiet", "-m", "first")
    git("remote", "add", "origin", str(tmp_path / "host.git"))
    git("push", "--quiet", "origin", "main")
    with (runner.work / file).open("a") as stream:
        stream.write("\n")
    runner.variables |= {"BRANCH": f"kmatrix/{job}", "HOME": str(tmp_path)}
    runner.program(
        "gh", f'echo "$1 $2 $3" >> "$RUNNER_TEMP/asked"\n[[ "$2" != list ]] || echo "{number}"'
    )
    (runner.temp / "body.md").write_text("new\n")
    runner.run(step(path, commit, job))
    given = {**ISSUE, "github.event.repository.default_branch": "main"}
    runner.run(step(path, open_it, job), given)
    pushed = git("log", "--format=%s", f"kmatrix/{job}", cwd=tmp_path / "host.git").splitlines()
    assert len(pushed) == 2
    assert pushed[-1] == "first"
    changed = git("show", "--format=", "--name-only", f"kmatrix/{job}", cwd=tmp_path / "host.git")
    assert changed.splitlines() == [file]
    asked = (runner.temp / "asked").read_text().splitlines()
    assert asked[-1] == ("pr edit 7" if number else "pr create --head")
    assert os.environ.get("HOME") != str(tmp_path)


# atlas.yml


def measure(runner, script, parts=3, minutes=1):
    """Run the step with a kmatrix that does what the script says."""
    subprocess.run(["git", "init", "--quiet"], cwd=runner.work, check=True)
    subprocess.run(["git", "add", "--all"], cwd=runner.work, check=True)
    runner.variables |= {"PARTS": str(parts), "MINUTES": str(minutes)}
    runner.program("kmatrix", f'echo "$@" >> "$RUNNER_TEMP/asked"\n{script}')
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, "commit", "-qm", "first"], cwd=runner.work, check=True)
    done = runner.run(step(ATLAS, "Measure part by part", "atlas"))
    return done, (runner.temp / "asked").read_text().splitlines()


def test_the_atlas_is_measured_part_by_part(runner):
    done, asked = measure(runner, '[[ "$2" == update ]] || echo "6 environments"')
    shards = [f"atlas update --shard {number}/3" for number in (1, 2, 3)]
    assert asked == [*shards, "atlas show"]
    assert runner.outputs() == {"new": "false"}
    assert "6 environments" in runner.summary.read_text()
    assert "::warning::" not in done.stdout


def test_a_part_that_is_not_complete_costs_no_other(runner):
    script = 'echo x >> runner/atlas/data/index.json; [[ "$4" != 2/3 ]]'
    done, asked = measure(runner, script)
    assert len(asked) == 4
    assert done.stdout.count("::warning::") == 1
    assert runner.outputs() == {"new": "true"}


def test_what_a_run_does_not_reach_is_left_for_the_next(runner):
    done, asked = measure(runner, "true", minutes=0)
    assert asked == ["atlas show"]
    assert "::notice::parts 1 to 3 are left" in done.stdout


def test_the_pythons_of_the_atlas_are_fetched_where_they_are_missing(runner):
    runner.program("kmatrix", "printf '3.6\\n3.9\\n3.12\\n'")
    runner.program("uv", '[ "$3" = 3.12 ] || [ "$2 $4" = "install 3.9" ]')
    done = runner.run(step(ATLAS, "Get Pythons for the atlas", "atlas"))
    assert done.stdout.count("::warning::") == 1
    assert "no Python 3.6 here" in done.stdout
