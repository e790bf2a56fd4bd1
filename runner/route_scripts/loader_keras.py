"""How a script spells the Keras of an environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import Version

from runner.model.keras_identity import parse_version
from runner.model.matrix import Backend, KerasApi

if TYPE_CHECKING:
    from runner.model.keras_identity import KerasIdentity
    from runner.model.matrix import Environment
    from runner.route_scripts.script_builder import ScriptBuilder

FIRST_ARCHIVES = Version("2.13")  # the first Keras that writes .keras without being asked
KERAS = "keras"  # the name in every script


@dataclass(frozen=True, kw_only=True, slots=True)
class LoaderKeras:
    """What scripts for an environment differ in."""

    statement: str  # that imports Keras
    variables: tuple[tuple[str, str], ...]  # without which it is another Keras
    eager: bool
    keras3: bool = False
    graphs: bool = False  # models are graphs: a layer that is changed does not change its model
    archives: bool = False  # its own format is ``.keras``

    def imported(self, script: ScriptBuilder) -> None:
        """Let a script import this Keras."""
        for one in self.variables:
            if one not in script.variables:
                script.variables.append(one)
        script.need(self.statement)
        if not self.eager:
            script.need("import tensorflow as tf")
            script.write("tf.compat.v1.disable_eager_execution()")


def loader_keras(environment: Environment, identity: KerasIdentity | None = None) -> LoaderKeras:
    """The Keras of an environment. Loading as is differs by the environment alone."""
    inside = environment.api is KerasApi.TF_KERAS
    variables = []
    if environment.legacy_keras:
        variables.append(("TF_USE_LEGACY_KERAS", "1"))
    if not inside and environment.backend is not Backend.TENSORFLOW:
        variables.append(("KERAS_BACKEND", str(environment.backend)))
    version = parse_version(identity.version) if identity is not None else None
    keras3 = identity is not None and identity.keras3
    old = identity is not None and (identity.tensorflow or "").startswith("1.")
    return LoaderKeras(
        statement="from tensorflow import keras" if inside else "import keras",
        variables=tuple(variables),
        eager=environment.eager,
        keras3=keras3,
        graphs=not keras3 and (not inside or old or not environment.eager),
        archives=keras3 or (inside and version is not None and version >= FIRST_ARCHIVES),
    )
