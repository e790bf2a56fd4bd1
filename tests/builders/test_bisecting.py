"""`kmatrix bisect` as a user runs it, over releases of a tiny package in a local folder."""

import base64
import contextlib
import hashlib
import json
import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME = "kmatrix-tiny-layers"
SEGFAULT = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)\n"
MATRIX = f"""\
environments:
  - id: tiny
    python: "{sys.version_info.major}.{sys.version_info.minor}"
    api: keras
    backend: numpy
    requirements: ["{NAME}==1.0"]
    find-links: wheels
models: [mlp_sequential]
"""
CHECK = (
    "import kmatrix_tiny_layers as tiny; print('answer', tiny.ANSWER); assert tiny.ANSWER == 42\n"
)
DEAD = "http://127.0.0.1:9/simple"  # the port "discard", where nothing listens


def make_wheel(folder, version, code, name=NAME):
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    files = {
        f"{module}/__init__.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = f"{info}/RECORD,,\n"
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        record += f"{path},sha256={digest.decode()},{len(text)}\n"
    whole = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(whole, "w") as wheel:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(zipfile.ZipInfo(path), text)


class Project:
    def __init__(self, folder):
        self.folder = folder
        (folder / "wheels").mkdir()
        (folder / "matrix.yaml").write_text(MATRIX)
        (folder / "check.py").write_text(CHECK)

    def release(self, **answers):
        """Make releases: ``r3_0="ANSWER = 42"``."""
        for name, code in answers.items():
            make_wheel(self.folder / "wheels", name[1:].replace("_", "."), f"{code}\n")

    def kmatrix(self, *arguments, **variables):
        kept = {name: text for name, text in os.environ.items() if not name.startswith("KMATRIX")}
        done = subprocess.run(
            [sys.executable, "-m", "kmatrix", *arguments],
            cwd=self.folder,
            env={**kept, "PYTHONPATH": str(ROOT), **variables},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert "Traceback (most recent call last)" not in done.stderr, done.stderr
        return done

    def bisect(self, *arguments, **variables):
        command = ("bisect", "--package", NAME, "--exec", "python check.py", *arguments, "--json")
        done = self.kmatrix(*command, **variables)
        return done, json.loads(done.stdout) if done.stdout else None


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path)
    made.release(r1_0="ANSWER = 42", r2_0="ANSWER = 42")
    made.release(r3_0="ANSWER = 41", r5_0="ANSWER = 41", r6_0="ANSWER = 41")
    done = made.kmatrix("lock", "tiny")
    assert done.returncode == 0, done.stdout + done.stderr
    return made


ENDS = ("--good", "1.0", "--bad", "6.0")


def marks(found):
    return [(one["version"], one["mark"]) for one in found["steps"]]


def test_a_release_that_segfaults_on_import_is_skipped_and_named(project):
    project.release(r4_0=SEGFAULT)
    done, found = project.bisect(*ENDS)
    assert done.returncode == 0, done.stderr
    assert (found["before"]["version"], found["after"]["version"]) == ("2.0", "3.0")
    assert ("4.0", "skip") in marks(found)
    (skipped,) = [one for one in found["steps"] if one["mark"] == "skip"]
    assert "signal 11" in skipped["reason"]
    assert "answer 41" in found["after"]["error"]
    assert "answer 42" in found["before"]["error"]
    assert found["command"].endswith("--good 2.0 --bad 3.0")


def test_a_change_behind_skipped_releases_names_all_that_it_may_be(project):
    project.release(r2_5=SEGFAULT)
    done, found = project.bisect(*ENDS)
    assert done.returncode == 1, done.stderr
    assert not found["found"]
    assert [one["version"] for one in found["skipped"]] == ["2.5"]
    assert "one of 2.5, 3.0" in found["summary"]


def test_a_segfault_that_the_import_does_not_have_is_bad(project):
    project.release(r3_0=f"ANSWER = 42\ndef crash():\n    {SEGFAULT}")
    (project.folder / "check.py").write_text(
        "import kmatrix_tiny_layers as tiny\nif hasattr(tiny, 'crash'): tiny.crash()\n"
        "assert tiny.ANSWER == 42\n"
    )
    done, found = project.bisect(*ENDS)
    assert done.returncode == 0, done.stderr
    assert found["after"]["version"] == "3.0"
    assert "signal 11" in found["after"]["reason"]


def test_ends_are_found_by_themselves(project):
    done, found = project.bisect()
    assert done.returncode == 0, done.stderr
    assert (found["held"], found["after"]["version"]) == ("1.0", "3.0")


def test_a_library_that_the_environment_does_not_have_is_put_on_top_of_it(project):
    make_wheel(project.folder / "wheels", "1.0", "", name="kmatrix-tiny-base")
    matrix = project.folder / "matrix.yaml"
    matrix.write_text(MATRIX.replace(f"{NAME}==1.0", "kmatrix-tiny-base==1.0"))
    done = project.kmatrix("lock", "tiny")
    assert done.returncode == 0, done.stdout + done.stderr
    done, found = project.bisect(*ENDS)
    assert done.returncode == 0, done.stderr
    assert (found["held"], found["after"]["version"]) == (None, "3.0")
    assert found["changed"] == []


def test_an_index_that_refuses_ends_it_and_the_next_call_goes_on(project):
    project.bisect(*ENDS)
    built = sorted(path.name for path in (project.folder / "build" / "environments").iterdir())
    done, found = project.bisect(*ENDS, PIP_INDEX_URL=DEAD, PIP_RETRIES="0")
    assert (done.returncode, found) == (3, None)
    assert "the index did not answer" in done.stderr
    assert "127.0.0.1:9" in done.stderr
    done, found = project.bisect(*ENDS)
    assert done.returncode == 0, done.stderr
    after = sorted(path.name for path in (project.folder / "build" / "environments").iterdir())
    assert after == built


def test_an_index_that_does_not_answer_ends_it(project):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        done, found = project.bisect(
            *ENDS, PIP_INDEX_URL=address, PIP_RETRIES="0", PIP_DEFAULT_TIMEOUT="2"
        )
    assert (done.returncode, found) == (3, None)
    assert "the index did not answer" in done.stderr


def test_mistakes_on_the_command_line_are_answered_with_2(project):
    for arguments, words in (
        (("--good", "1.0", "--bad", "9.9"), "not among the releases"),
        (("--good", "1.0", "--bad", "1.0"), "the same release"),
        (("--good", "1.0", "--bad", "6.0", "--fixed"), "has to be newer"),
        (("--good", "x"), "not a version"),
    ):
        done, _ = project.bisect(*arguments)
        assert done.returncode == 2, done.stderr
        assert words in done.stderr
    assert project.kmatrix("bisect", "--package", NAME).returncode == 2
