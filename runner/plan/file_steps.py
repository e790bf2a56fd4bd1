"""Steps for users' files, and the keys of their evidence. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from runner.model.steps import FileStep
from runner.plan.evidence_keys import key_of, load_parts

if TYPE_CHECKING:
    from runner.model.matrix import Environment, RecipeInfo
    from runner.model.scripts import Script
    from runner.model.user_file import FileCopy, FileInputs

MADE_BY_WORKER = "made by the worker"


def file_step(
    file: FileCopy,
    loader: Environment,
    *,
    digest: str,
    control: RecipeInfo,
    worker: str,
    inputs: FileInputs | None,
    way: str,
    script: Script,
) -> FileStep:
    """One load of a file. digest: of the loader; worker: of the worker's code."""
    parts = (
        *load_parts(
            artifact=file.digest,
            loader=digest,
            recipe=control,
            format_=file.format,
            worker=worker,
            way=way,
            script=script,
        ),
        ("external", hashlib.sha256(repr(file.external).encode()).hexdigest()),
        ("inputs", inputs.digest if inputs is not None else MADE_BY_WORKER),
    )
    return FileStep(
        file=file,
        loader=loader,
        recipe=control,
        inputs=inputs,
        way=way,
        script=script,
        key=key_of(parts),
        parts=parts,
    )
