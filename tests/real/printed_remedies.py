"""Count the verified remedies of a report that run as printed.

python -m tests.real.printed_remedies RESULTS_JSON BUILD_DIR [--format json]

BUILD_DIR holds the environments and the store of the run that wrote RESULTS_JSON; nothing in it is
changed. Each distinct remedy (its scripts and environment) is executed once, each script in a fresh
process of its environment, in a folder that holds nothing but a copy of the saved model and what
the report says to put beside it. The answer also counts the cells, each by the remedy that it
shows.
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from reports.remedy_count import AUTHOR as NEEDS
from reports.remedy_count import RUNNABLE, scripts_of
from reports.results_json import from_json
from runner.config.matrix_file import load_matrix
from runner.environment_variables import worker_variables
from runner.model.scripts import AUTHOR, needs_author
from runner.model.steps import RESAVE
from runner.worker_client.evidence_reader import evidence_from_json

ROOT = Path(__file__).resolve().parents[2]
EXECUTE = Path(__file__).with_name("execute_printed.py")
SECONDS = 300


class Class(StrEnum):
    """What a user can do with the code."""

    RUNNABLE = RUNNABLE
    AUTHOR = NEEDS
    NOT_RUNNABLE = "not runnable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One script, where it runs, and the modules that lie beside it."""

    environment: str
    code: str
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Remedy:
    """One distinct remedy, and the cells of the report that show it."""

    route: str
    steps: tuple[Step, ...]
    loader: str
    format: str
    cells: tuple[str, ...]
    artifact: str  # of the first of the cells


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How the code of a remedy ended."""

    remedy: Remedy
    is_a: Class
    words: str


def distinct(results, *, by=("steps",)):
    """The remedies of a report, those that differ in ``by``, in the report's order."""
    artifacts = {artifact.id: artifact for artifact in results.artifacts}
    found = {}
    for cell in results.cells:
        if cell.remedy is None:
            continue
        facts = {
            "steps": tuple(steps_of(results, cell)),
            "loader": cell.loader,
            "format": str(artifacts[cell.artifact].format),
            "route": cell.remedy,
        }
        found.setdefault(tuple(facts[name] for name in by), []).append((cell, facts))
    return [
        Remedy(
            artifact=group[0][0].artifact,
            cells=tuple(cell.id for cell, _ in group),
            **group[0][1],
        )
        for group in found.values()
    ]


def steps_of(results, cell):
    """What the report says to run, in order: the last in the loader, one before it elsewhere."""
    known = {one.id: one for one in results.scripts}
    elsewhere = cell.remedy.removeprefix(RESAVE).rsplit(":", 1)[0]
    names = scripts_of(cell)
    for name in names:
        script = known[name]
        yield Step(
            environment=cell.loader if name == names[-1] else elsewhere,
            code=script.code,
            files=tuple((file, known[id_].code) for file, id_ in script.files),
        )


def class_of(step, result):
    """Decide from how the script ended; what it asks of the author its first line says."""
    if result["ended"] == "same":
        return Class.RUNNABLE
    if result["missing"] == AUTHOR and needs_author(step.code):
        return Class.AUTHOR
    return Class.NOT_RUNNABLE


class Executor:
    """Executes remedies over the store and the environments of one build folder."""

    def __init__(self, results, build):
        self._build = build
        self._artifacts = {artifact.id: artifact for artifact in results.artifacts}
        matrix = load_matrix(ROOT / "matrix.yaml")
        self._environments = {one.id: one for one in matrix.environments}

    def execute(self, remedy):
        """Run the scripts one after the other, up to one that does not end well."""
        with tempfile.TemporaryDirectory(prefix="kmatrix-printed-") as name:
            folder = Path(name)
            arrays = self._case(remedy, folder)
            for step in remedy.steps:
                last = step is remedy.steps[-1]
                case = {"code": step.code, **arrays} | ({} if last else {"expected": None})
                result = self._run(step, case, folder)
                outcome = Outcome(remedy=remedy, is_a=class_of(step, result), words=result["words"])
                if outcome.is_a is not Class.RUNNABLE:
                    break
            return outcome

    def _run(self, step, case, folder):
        (folder / "case.json").write_text(json.dumps(case))
        (folder / "out.json").unlink(missing_ok=True)
        for name, text in step.files:
            (folder / "user" / name).write_text(text)
        home = folder / "home"
        home.mkdir(exist_ok=True)
        environment = self._environments[step.environment]
        with (folder / "log.txt").open("wb") as log:
            try:
                subprocess.run(
                    [self._python(step.environment), "-I", EXECUTE, "../case.json", "../out.json"],
                    cwd=folder / "user",
                    env={**worker_variables(environment, home), "PYTHONPATH": ""},
                    stdout=log,
                    stderr=log,
                    timeout=SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return _failed(f"took more than {SECONDS} s")
        if not (folder / "out.json").exists():
            return _failed("its process died")
        return json.loads((folder / "out.json").read_text())

    def _case(self, remedy, folder):
        artifact = self._artifacts[remedy.artifact]
        digest = artifact.digest.removeprefix("sha256:")
        source = self._build / "store" / "artifacts" / digest[:2] / digest
        shutil.copytree(source, folder / "user")
        for path in (folder / "user", *(folder / "user").rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        saved = self._evidence(artifact.key)
        given = evidence_from_json({"kind": "save", "outputs": saved["inputs"]})
        arrays = {
            "inputs": given.observation.outputs,
            "expected": evidence_from_json(saved).observation.outputs,
        }
        paths = {}
        for name, values in arrays.items():
            paths[name] = [str(folder / f"{name}-{number}.npy") for number in range(len(values))]
            for path, value in zip(paths[name], values, strict=True):
                np.save(path, value)
        return paths

    def _evidence(self, key):
        store = self._build / "store" / "evidence.sqlite"
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
            (data,) = connection.execute(
                "SELECT data FROM evidence WHERE key = ?", (key,)
            ).fetchone()
        return json.loads(zlib.decompress(data))

    def _python(self, environment):
        (found,) = (self._build / "environments").glob(f"{environment}-*/bin/python")
        return found


def _failed(words):
    return {"ended": "failed", "missing": None, "words": words}


def execute_all(remedies, executor, *, jobs=2):
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(executor.execute, remedies))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("build", type=Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--format", choices=("text", "json"), default="text")
    options = parser.parse_args()
    results = from_json(json.loads(options.results.read_text("utf-8")))
    executor = Executor(results, options.build)
    outcomes = execute_all(distinct(results), executor, jobs=options.jobs)
    if options.format == "json":
        print(json.dumps([_as_json(one) for one in outcomes], indent=1))
    else:
        print(_table(outcomes))


def _as_json(one):
    remedy = one.remedy
    return {
        "route": remedy.route,
        "loader": remedy.loader,
        "format": remedy.format,
        "cells": len(remedy.cells),
        "class": one.is_a,
        "words": one.words,
    }


def _table(outcomes):
    remedies, cells = Counter(), Counter()
    reasons = {}
    for one in outcomes:
        remedies[one.is_a] += 1
        cells[one.is_a] += len(one.remedy.cells)
        if one.is_a is not Class.RUNNABLE:
            reasons.setdefault((one.is_a, one.remedy.route), Counter())[one.words[:90]] += len(
                one.remedy.cells
            )
    lines = [f"{'':28}{'distinct remedies':>18}{'cells':>8}"]
    lines += [f"{kind:28}{remedies[kind]:>18}{cells[kind]:>8}" for kind in Class]
    lines.append("")
    lines += [
        f"{kind}, {route}: {count} cells: {words}"
        for (kind, route), found in sorted(reasons.items())
        for words, count in found.most_common()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
