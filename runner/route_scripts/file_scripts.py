"""The scripts that load a user's file, under the name that its owner gave it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from runner.model.matrix import Format
from runner.route_scripts.route_text import FileNames, Loading, script_of

if TYPE_CHECKING:
    from runner.model.keras_identity import KerasIdentity
    from runner.model.matrix import Environment
    from runner.model.scripts import Script
    from runner.model.user_file import FileCopy


def file_script(
    way: str, file: FileCopy, environment: Environment, identity: KerasIdentity
) -> Script:
    """The script of one route for a user's file."""
    external = file.external
    own = PurePosixPath(external.name).name
    return script_of(
        way,
        Loading(
            format=file.format,
            environment=environment,
            identity=identity,
            supplied=external.custom is not None,
            names=FileNames(main=own, canonical=external.canonical if external.misnamed else ""),
            architecture=external.architecture,
            yaml=external.yaml,
            wrapped=external.misnamed and file.format is Format.JSON,
            shown=((external.name, own),),
            yaml_as_json=file.yaml_as_json,
        ),
    )
