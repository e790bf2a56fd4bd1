"""Count the verified remedies of a report that run as printed.

python -m tests.real.printed_remedies RESULTS_JSON BUILD_DIR [--prelude] [--format json]

BUILD_DIR holds the environments and the store of the run that wrote RESULTS_JSON; nothing in it is
changed. Each distinct remedy (its code, environment and format) is executed once, in a fresh
process of that environment, in a folder that holds nothing but a copy of the saved model. The
answer also counts the cells, each by the remedy that it shows.
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

from reports.results_json import from_json
from runner.config.matrix_file import load_matrix
from runner.environment_variables import worker_variables
from runner.worker_client.evidence_reader import evidence_from_json

ROOT = Path(__file__).resolve().parents[2]
EXECUTE = Path(__file__).with_name("execute_printed.py")
NAMES = {"h5": "model.h5", "keras": "model.keras", "weights-h5": "model.weights.h5"}
SECONDS = 300


class Class(StrEnum):
    """What a user can do with the code."""

    RUNNABLE = "runnable as printed"
    AUTHOR = "needs the author's code"
    NOT_RUNNABLE = "not runnable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Remedy:
    """One distinct remedy, and the cells of the report that show it."""

    route: str
    code: str
    loader: str
    format: str
    cells: tuple[str, ...]
    artifact: str  # of the first of the cells
    custom: bool  # its model has classes of its author


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How the code of a remedy ended."""

    remedy: Remedy
    is_a: Class
    words: str


def distinct(results, *, by=("code", "loader", "format", "custom")):
    """The remedies of a report, those that differ in ``by``, in the report's order."""
    codes = {route.id: route.code for route in results.routes}
    artifacts = {artifact.id: artifact for artifact in results.artifacts}
    custom = {recipe.name: recipe.custom for recipe in results.recipes}
    found = {}
    for cell in results.cells:
        if cell.remedy is None:
            continue
        artifact = artifacts[cell.artifact]
        facts = {
            "code": codes[cell.remedy],
            "loader": cell.loader,
            "format": str(artifact.format),
            "custom": custom[artifact.recipe],
        }
        found.setdefault(tuple(facts[name] for name in by), []).append((cell, facts))
    return [
        Remedy(
            route=group[0][0].remedy,
            artifact=group[0][0].artifact,
            cells=tuple(cell.id for cell, _ in group),
            **group[0][1],
        )
        for group in found.values()
    ]


def class_of(remedy, result):
    """Decide from how the code ended; the author's names are those that docs/routes.md lists."""
    if result["ended"] == "same":
        return Class.RUNNABLE
    if result["missing"] == "build" or (result["missing"] == "OBJECTS" and remedy.custom):
        return Class.AUTHOR
    return Class.NOT_RUNNABLE


class Executor:
    """Executes remedies over the store and the environments of one build folder."""

    def __init__(self, results, build, *, prelude=False):
        self._build = build
        self._prelude = prelude
        self._artifacts = {artifact.id: artifact for artifact in results.artifacts}
        matrix = load_matrix(ROOT / "matrix.yaml")
        self._environments = {one.id: one for one in matrix.environments}

    def execute(self, remedy):
        with tempfile.TemporaryDirectory(prefix="kmatrix-printed-") as name:
            folder = Path(name)
            case = self._case(remedy, folder)
            (folder / "case.json").write_text(json.dumps(case))
            home = folder / "home"
            home.mkdir()
            environment = self._environments[remedy.loader]
            with (folder / "log.txt").open("wb") as log:
                try:
                    subprocess.run(
                        [self._python(remedy.loader), "-I", EXECUTE, "../case.json", "../out.json"],
                        cwd=folder / "user",
                        env={**worker_variables(environment, home), "PYTHONPATH": ""},
                        stdout=log,
                        stderr=log,
                        timeout=SECONDS,
                        check=False,
                    )
                except subprocess.TimeoutExpired:
                    return self._outcome(remedy, _failed(f"took more than {SECONDS} s"))
            if not (folder / "out.json").exists():
                return self._outcome(remedy, _failed("its process died"))
            return self._outcome(remedy, json.loads((folder / "out.json").read_text()))

    @staticmethod
    def _outcome(remedy, result):
        return Outcome(remedy=remedy, is_a=class_of(remedy, result), words=result["words"])

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
        return {
            "code": remedy.code,
            "file": NAMES.get(remedy.format, "model"),
            "prelude": self._prelude,
            "custom": remedy.custom,
            **paths,
        }

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
    parser.add_argument("--prelude", action="store_true", help="add the imports that are missing")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--format", choices=("text", "json"), default="text")
    options = parser.parse_args()
    results = from_json(json.loads(options.results.read_text("utf-8")))
    executor = Executor(results, options.build, prelude=options.prelude)
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
