"""``kmatrix check --diff`` in real git repositories, one for each kind of file."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runner.atlas.atlas_files import read_atlas

ROOT = Path(__file__).resolve().parents[2]
INDEX = "https://index.example.org/simple"
OLD, NEW = "tf2.15-py311", "tf2.21-keras3.15-py312"
SAFE_OLD, SAFE_NEW = "tf2.10-py39", "tf2.15-py311"
HASH = " \\\n    --hash=sha256:" + "0" * 64


def kmatrix(folder, *words, **variables):
    kept = {name: text for name, text in os.environ.items() if not name.startswith("KMATRIX_")}
    return subprocess.run(
        [sys.executable, "-m", "kmatrix", *words],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


def git(folder, *words):
    name = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *name, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    """Commit files on main; on a branch others, and answer for the change."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")

    def change(before, after, *words, **variables):
        commit(folder, before)
        git(folder, "checkout", "--quiet", "-b", "bump")
        commit(folder, after)
        return kmatrix(folder, "check", "--diff", "main", *words, **variables)

    change.folder = folder
    return change


def commit(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "change")


def no_index(folder):
    """Variables with which the resolver finds no package at all."""
    return {"UV_OFFLINE": "1", "UV_CACHE_DIR": str(folder / "cache")}


def packages(name):
    """What the atlas has in an environment, TensorFlow by its usual name."""
    found = dict(read_atlas(savers=()).environments[name].packages)
    if "tensorflow-cpu" in found:
        found["tensorflow"] = found.pop("tensorflow-cpu")
    return found


def requirements(name):
    return {"requirements.txt": "".join(f"{p}=={v}\n" for p, v in packages(name).items())}


def compiled(name):
    lines = [f"{p}=={v}{HASH}\n    # via app\n" for p, v in packages(name).items()]
    return {
        "requirements.in": f"--index-url {INDEX}\ntensorflow\nh5py\n",
        "requirements.txt": f"--index-url {INDEX}\n" + "".join(lines),
    }


def project(name):
    listed = ", ".join(f'"{p}=={v}"' for p, v in packages(name).items())
    return {
        "pyproject.toml": f'[project]\nname = "app"\nversion = "1"\ndependencies = [{listed}]\n'
    }


def groups(name):
    listed = ", ".join(f'"{p}=={v}"' for p, v in packages(name).items())
    return {"pyproject.toml": f"[dependency-groups]\nserve = [{listed}]\n"}


def poetry(name):
    lines = "".join(f'{p} = "{v}"\n' for p, v in packages(name).items())
    return {"pyproject.toml": f'[tool.poetry.dependencies]\npython = "*"\n{lines}'}


def toml_lock(file, asks):
    def write(name):
        entries = "".join(
            f'[[package]]\nname = "{p}"\nversion = "{v}"\nsource = {{ registry = "{INDEX}" }}\n\n'
            for p, v in packages(name).items()
        )
        return {file: entries, "pyproject.toml": asks}

    return write


def pipfile_lock(name):
    section = {p: {"version": f"=={v}", "index": "example"} for p, v in packages(name).items()}
    meta = {"sources": [{"name": "example", "url": INDEX}]}
    return {"Pipfile.lock": json.dumps({"_meta": meta, "default": section, "develop": {}})}


def conda(name):
    lines = "".join(f"  - {p}={v}\n" for p, v in packages(name).items() if p != "keras")
    pip = f"  - pip:\n    - keras=={packages(name)['keras']}\n" if "keras" in packages(name) else ""
    return {"environment.yml": f"name: app\nchannels: [example]\ndependencies:\n{lines}{pip}"}


ASKS = '[project]\nname = "app"\nversion = "1"\ndependencies = ["tensorflow>=2.10"]\n'
KINDS = {
    "requirements": requirements,
    "compiled with hashes": compiled,
    "project": project,
    "dependency groups": groups,
    "poetry": poetry,
    "uv.lock": toml_lock("uv.lock", ASKS),
    "poetry.lock": toml_lock("poetry.lock", ASKS),
    "Pipfile.lock": pipfile_lock,
    "environment.yml": conda,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_bump_that_is_not_safe_is_said_for_every_kind_of_file(repository, kind):
    write = KINDS[kind]
    done = repository(write(OLD), write(NEW), "--format", "json")
    assert done.returncode == 1, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["safety"] == "not safe"
    (file,) = found["files"]
    (direction,) = file["answer"]["directions"]
    assert (direction["saver"]["id"], direction["loader"]["id"]) == (OLD, NEW)
    assert direction["counts"]["drifts"] >= 1
    assert {"keras", "numpy", "tensorflow"} <= set(file["changed"])
    assert file["answer"]["known"]["dates"]
    assert not (repository.folder / "build").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_what_touches_nothing_of_ours_is_one_line(repository, kind):
    files = KINDS[kind](OLD)
    done = repository(files, {"requirements-docs.txt": "sphinx==8.0\n", "app.py": "print()\n"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == "Nothing that saved models depend on changed since main.\n"


def test_a_safe_bump_ends_with_0(repository):
    done = repository(requirements(SAFE_OLD), requirements(SAFE_NEW), "--formats", "savedmodel")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\nsafe\n" in done.stdout


def test_a_bump_that_needs_another_way_of_loading_may_be_allowed(repository):
    words = ("--formats", "h5")
    done = repository(requirements(SAFE_OLD), requirements(SAFE_NEW), *words)
    assert done.returncode == 1
    assert "\nsafe with changes\n" in done.stdout
    again = kmatrix(repository.folder, "check", "--diff", "main", *words, "--allow-changes")
    assert again.returncode == 0


def test_what_the_resolver_refuses_ends_with_3_and_its_reason(repository, tmp_path):
    done = repository(
        {"requirements.txt": "tensorflow==2.15.1\n"},
        {"requirements.txt": "tensorflow==2.99.0\n"},
        **no_index(tmp_path),
    )
    assert done.returncode == 3, done.stdout + done.stderr
    assert "could not tell" in done.stdout
    assert "cannot be installed" in done.stdout


def test_a_library_of_layers_that_changes_is_measured(repository, tmp_path):
    """The atlas has no models of it; without an index it cannot be installed here."""
    done = repository(
        {"requirements.txt": requirements(OLD)["requirements.txt"] + "tensorflow-addons==0.21.0\n"},
        {"requirements.txt": requirements(OLD)["requirements.txt"] + "tensorflow-addons==0.23.0\n"},
        **no_index(tmp_path),
    )
    assert done.returncode == 3, done.stdout + done.stderr
    assert "requirements.txt: tensorflow-addons 0.21.0 -> 0.23.0" in done.stdout


def test_a_lock_decides_and_not_what_is_asked_for(repository):
    lock = toml_lock("uv.lock", ASKS)
    looser = ASKS.replace("2.10", "2.12")
    done = repository(lock(OLD), {**lock(OLD), "pyproject.toml": looser})
    assert done.returncode == 0
    assert "Nothing that saved models depend on" in done.stdout


def test_the_files_as_they_are_count_before_they_are_committed(repository):
    repository(requirements(OLD), {"app.py": "print()\n"})
    (repository.folder / "requirements.txt").write_text(requirements(NEW)["requirements.txt"])
    done = kmatrix(repository.folder, "check", "--diff", "main")
    assert done.returncode == 1, done.stdout + done.stderr


def test_what_came_into_main_later_is_no_change_of_the_branch(repository):
    repository(requirements(OLD), {"app.py": "print()\n"})
    git(repository.folder, "checkout", "--quiet", "main")
    commit(repository.folder, requirements(NEW))
    git(repository.folder, "checkout", "--quiet", "bump")
    done = kmatrix(repository.folder, "check", "--diff", "main")
    assert "Nothing that saved models depend on" in done.stdout


def test_a_file_that_is_broken_is_named(repository):
    done = repository(project(OLD), {"pyproject.toml": "[project\n"})
    assert done.returncode == 0
    assert "note: pyproject.toml: could not be read after the change" in done.stdout


def test_the_markdown_of_a_foreign_text_is_no_markup(repository, tmp_path):
    file = tmp_path / "answer.md"
    repository(requirements(OLD), requirements(NEW), "--markdown", str(file))
    text = file.read_text()
    assert text.startswith("### `requirements.txt`: ")
    assert "**not safe** for saved models" in text
    assert "hard\\_sigmoid" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--diff", "gone"), "git does not know it"),
        (("--diff", "main", "--from", "tf2.15"), "use --diff, or --from and --to"),
        (("--from", "tf2.15"), "name both sides"),
        (("--from", "gone.txt", "--to", "tf2.15"), "--from gone.txt: not an environment"),
        (("--from", "tf2.15", "--to", "gone.txt"), "--to gone.txt: not an environment"),
        (("--from", "tf2.15", "--to", "tf2.15-py311"), "both sides are tf2.15-py311"),
        (("--from", "tf2", "--to", "tf2.15"), "'tf2' begins several environments"),
        (("--diff", "--output=x"), "expected one argument"),
        (("--diff=--output=x",), "not the name of a commit"),
    ],
)
def test_a_wrong_question_ends_with_2(repository, words, message):
    repository(requirements(OLD), {"app.py": ""})
    done = kmatrix(repository.folder, "check", *words)
    assert done.returncode == 2, done.stdout + done.stderr
    assert message in done.stderr


def test_outside_of_a_repository_it_says_so(tmp_path):
    done = kmatrix(
        tmp_path, "check", "--diff", "main", GIT_CEILING_DIRECTORIES=str(tmp_path.parent)
    )
    assert done.returncode == 2
    assert "no git repository here" in done.stderr


def test_an_id_is_answered_anywhere_without_a_matrix_file(tmp_path):
    done = kmatrix(tmp_path, "check", "--from", "tf2.15", "--to", "tf2.21")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("not safe\n")
    assert "from kmatrix's atlas, measured " in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_two_requirements_files_are_answered_too(tmp_path):
    for side, name in (("old", OLD), ("new", NEW)):
        (tmp_path / f"{side}.txt").write_text(requirements(name)["requirements.txt"])
    done = kmatrix(tmp_path, "check", "--from", "old.txt", "--to", "new.txt", "--format", "json")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert found["known"]["taken_as"] == [f"old.txt: {OLD}", f"new.txt: {NEW}"]


def test_a_matrix_whose_locks_are_others_is_not_answered_from_the_atlas(tmp_path):
    """Its environments have the ids of the atlas, and other packages: they are to be measured."""
    entries = (
        '{tensorflow: "2.15", pins: ["h5py==3.12.1"]}',
        '{tensorflow: "2.21", keras: "3.15"}',
    )
    (tmp_path / "matrix.yaml").write_text(
        "environments:\n" + "".join(f"  - {e}\n" for e in entries)
    )
    done = kmatrix(tmp_path, "check", "--from", "tf2.15", "--to", "tf2.21")
    assert done.returncode == 3
    assert "the atlas does not know this: it is measured now" in done.stderr
    assert "has no lock" in done.stdout


def test_a_cell_is_explained_with_its_cause_and_its_code(tmp_path):
    done = kmatrix(tmp_path, "explain", "tf2.15/lstm/h5/tf2.21")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{OLD}/lstm/h5/{NEW}\nfrom kmatrix's atlas, measured ")
    for words in ("verdict: remedied", "cause:   ", "remedy:  "):
        assert words in done.stdout
    plain = json.loads(
        kmatrix(tmp_path, "explain", "tf2.15/lstm/h5/tf2.21", "--format", "json").stdout
    )
    assert plain["cell"]["verdict"] == "remedied"
    assert [item["id"] for item in plain["routes"]] == [plain["cell"]["remedy"]]


@pytest.mark.parametrize(
    ("cell", "code", "message"),
    [
        ("tf2.15", 2, "saver/model/format/loader"),
        ("tf9.9/lstm/h5/tf2.21", 2, "is not the beginning of an id in the atlas"),
        ("tf2.15/lsmt/h5/tf2.21", 2, "'lsmt' is not in the atlas"),
        ("tf1.15/lstm/keras/tf2.15", 3, "unsupported"),
    ],
)
def test_a_cell_that_is_not_there_is_said(tmp_path, cell, code, message):
    done = kmatrix(tmp_path, "explain", cell)
    assert done.returncode == code
    assert message in done.stderr
