"""An environment as signatures see it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.matrix import KerasApi
from runner.model.signature import EnvironmentVersions
from runner.signatures.applicability import parse_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.version import Version

    from runner.model.matrix import Environment

# TensorFlow up to 2.5 is Keras itself, and its Keras has numbers of its own.
OWN_KERAS = {(2, 2): "2.3.0-tf", (2, 3): "2.4.0", (2, 4): "2.4.0"}
OLDEST_KERAS = "2.2.4-tf"  # TensorFlow 1.13 to 2.1
FIRST_KERAS_3 = (2, 16)


def versions_of(environment: Environment, versions: Mapping[str, str]) -> EnvironmentVersions:
    """What an environment said of its versions: package to version, python included.

    Where ``tf.keras`` does not say its version, TensorFlow's tells it up to 2.15.
    """
    keras = versions.get("tf_keras" if environment.legacy_keras else "keras")
    if parse_version(keras) is None and environment.api is KerasApi.TF_KERAS:
        keras = _keras_inside(parse_version(versions.get("tensorflow")))
    return EnvironmentVersions(
        keras=keras,
        tensorflow=versions.get("tensorflow"),
        backend=str(environment.backend),
        python=versions.get("python", environment.installation.python),
        api=str(environment.api),
    )


def _keras_inside(tensorflow: Version | None) -> str | None:
    if tensorflow is None or tensorflow.release[:2] >= FIRST_KERAS_3:
        return None
    minor = (tensorflow.major, tensorflow.minor)
    if minor < (2, 2):
        return OLDEST_KERAS
    return OWN_KERAS.get(minor, f"{tensorflow.major}.{tensorflow.minor}.0")
