"""Nouns of results for tests, with everything filled in that a test does not care about."""

from runner.model.finding import ArtifactStatus, EnvironmentStatus, Verdict
from runner.model.results import (
    ArtifactResult,
    CellResult,
    EnvironmentResult,
    FailureResult,
    RecipeResult,
    Results,
    RunInfo,
)


def run(**changes):
    values = {
        "id": "run-1",
        "started": "2026-11-24T06:00:00Z",
        "finished": "2026-11-24T06:10:00Z",
        "profile": "default",
        "matrix": "matrix.yaml",
        "kmatrix": "0.1.0",
        "system": "Linux x86_64",
        "complete": True,
        "seconds": 600.0,
    }
    return RunInfo(**{**values, **changes})


def environment(name, **changes):
    values = {
        "id": name,
        "status": "ready",
        "reason": None,
        "installation": name,
        "builder": "venv",
        "python": "3.11",
        "backend": "tensorflow",
        "api": "keras",
        "lock": "sha256:" + "0" * 64,
    }
    values |= changes
    return EnvironmentResult(**{**values, "status": EnvironmentStatus(values["status"])})


def recipe(name, **changes):
    values = {"name": name, "title": name, "custom": False, "exposes": (), "file": "dense.py"}
    return RecipeResult(**{**values, **changes})


def artifact(name, **changes):
    saver, model, format_ = name.split("/")
    values = {
        "id": name,
        "saver": saver,
        "recipe": model,
        "format": format_,
        "status": ArtifactStatus.SAVED,
        "reason": "saved",
        "key": "k",
    }
    return ArtifactResult(**{**values, **changes})


def cell(name, verdict=Verdict.IDENTICAL, **changes):
    values = {
        "id": name,
        "artifact": name.rsplit("/", 1)[0],
        "loader": name.rsplit("/", 1)[1],
        "verdict": verdict,
        "reason": "predicts the same" if verdict.safe else str(verdict),
        "route": "as-is",
    }
    return CellResult(**{**values, **changes})


def failure(text="Unknown layer: 'Scale'", kind="ValueError"):
    return FailureResult(
        type=kind, message=text, innermost=text, traceback=f"Traceback\n  line\n{kind}: {text}"
    )


def results(cells=(), **changes):
    """Results around some cells: environments, recipes, formats and artifacts follow from them."""
    cells = tuple(cells)
    names = [one.id.split("/") for one in cells]
    environments = dict.fromkeys([*(one[0] for one in names), *(one[3] for one in names)])
    values = {
        "run": run(),
        "environments": tuple(map(environment, environments)),
        "recipes": tuple(map(recipe, dict.fromkeys(one[1] for one in names))),
        "formats": tuple(dict.fromkeys(one[2] for one in names)),
        "artifacts": tuple(map(artifact, dict.fromkeys(one.artifact for one in cells))),
        "cells": cells,
    }
    return Results(**{**values, **changes})
