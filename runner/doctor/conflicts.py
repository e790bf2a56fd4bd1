"""Versions that are known not to go together, and what helps. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from runner.model.keras_identity import KERAS_PACKAGES, TENSORFLOW_PACKAGES, TENSORFLOW_PARTS
from runner.plan.candidates import version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.doctor.interpreter_survey import Survey

BACKENDS = {
    "tensorflow": "tensorflow",
    "jax": "jax",
    "torch": "torch",
    "theano": "theano",
    "openvino": "openvino",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """Something that does not go together. ``code``: the class of failure it leads to."""

    text: str
    remedy: str
    code: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A TensorFlow that does not go with another package."""

    tensorflow: str
    package: str
    bad: str
    symptom: str
    remedy: str
    code: str


RULES = (
    Rule(tensorflow="<2.6", package="protobuf", bad=">=3.21", code="F12",
         symptom="import fails: Descriptors cannot be created directly", remedy="protobuf<3.21"),
    Rule(tensorflow=">=2.6,<2.12", package="protobuf", bad=">=3.20", code="F12",
         symptom="import fails: Descriptors cannot be created directly", remedy="protobuf<3.20"),
    Rule(tensorflow=">=2.14,<2.18", package="numpy", bad=">=2", code="F13",
         symptom="import fails: numpy.core.umath failed to import", remedy="numpy<2"),
    Rule(tensorflow=">=2.7,<2.14", package="numpy", bad=">=2", code="F13",
         symptom="import fails: Unable to convert function return value", remedy="numpy<2"),
    Rule(tensorflow=">=2.5,<2.7", package="numpy", bad=">=1.24", code="F13",
         symptom="import fails: module 'numpy' has no attribute 'object'", remedy="numpy<1.24"),
    Rule(tensorflow="<2.5", package="numpy", bad=">=1.20", code="F13",
         symptom="every LSTM and GRU fails: Cannot convert a symbolic Tensor",
         remedy="numpy<1.20"),
    Rule(tensorflow="<2.5", package="h5py", bad=">=3", code="F03",
         symptom=".h5 files fail: 'str' object has no attribute 'decode'", remedy="h5py<3"),
    Rule(tensorflow=">=2.16", package="keras", bad="<3", code="F13",
         symptom="TensorFlow 2.16 and later need Keras 3",
         remedy="keras>=3, or tf_keras beside it"),
    Rule(tensorflow=">=2.6,<2.16", package="keras", bad=">=3", code="F16",
         symptom="tf.keras is Keras 2 and takes the package keras for its own",
         remedy="keras of the same minor version as TensorFlow"),
    Rule(tensorflow=">=2.21,<2.22", package="h5py", bad=">=3.15", code="F13",
         symptom="its requirements exclude it", remedy="h5py<3.15"),
)  # fmt: skip


def conflicts(found: Survey) -> tuple[Conflict, ...]:
    """Return what is known not to go together in this Python, the worst first."""
    return (
        *_absent(found),
        *_by_rules(found),
        *_kerases(found),
        *_doubles(found),
        *_backend(found),
    )


def _absent(found: Survey) -> Iterator[Conflict]:
    if not {"keras", "tensorflow", "tf_keras"} & set(found.modules):
        yield Conflict(
            text=f"{found.executable} has neither Keras nor TensorFlow",
            remedy="name the Python you mean: kmatrix doctor --python venv/bin/python",
        )


def _by_rules(found: Survey) -> Iterator[Conflict]:
    tensorflow = version(found.tensorflow)
    for rule in RULES:
        other = found.of(rule.package)
        if tensorflow is None or other is None:
            continue
        if SpecifierSet(rule.tensorflow).contains(tensorflow, prereleases=True) and SpecifierSet(
            rule.bad
        ).contains(other, prereleases=True):
            yield Conflict(
                text=f"tensorflow {tensorflow} with {rule.package} {other}: {rule.symptom}",
                remedy=f"pip install '{rule.remedy}'" if "," not in rule.remedy else rule.remedy,
                code=rule.code,
            )
    keras = found.of("keras")
    if keras is not None and keras < Version("2.4"):
        h5py = found.of("h5py")
        if h5py is not None and h5py >= Version("3"):
            yield Conflict(
                text=f"keras {keras} with h5py {h5py}: .h5 files fail: 'str' object has no "
                "attribute 'decode'",
                remedy="pip install 'h5py<3'",
                code="F03",
            )


def _kerases(found: Survey) -> Iterator[Conflict]:
    """More than one Keras, or one that does not belong to this TensorFlow."""
    tensorflow, keras, legacy = version(found.tensorflow), found.of("keras"), found.of("tf-keras")
    if (
        tensorflow is not None
        and legacy is not None
        and tensorflow.release[:2] != legacy.release[:2]
    ):
        yield Conflict(
            text=f"tf_keras {legacy} with tensorflow {tensorflow}: they come in pairs",
            remedy=f"pip install 'tf_keras=={tensorflow.major}.{tensorflow.minor}.*'",
        )
    if keras is not None and legacy is not None and keras >= Version("3"):
        switched = dict(found.variables).get("TF_USE_LEGACY_KERAS")
        yield Conflict(
            text=f"two Kerases: keras {keras} and tf_keras {legacy}; tf.keras is "
            f"{'tf_keras' if switched else 'keras'} here, and their models do not mix",
            remedy="TF_USE_LEGACY_KERAS=1 before the first import chooses tf_keras",
        )
    if (
        tensorflow is not None
        and keras is not None
        and Version("2.6") <= tensorflow < Version("2.16")
        and keras < Version("3")
        and keras.minor != tensorflow.minor
    ):
        yield Conflict(
            text=f"keras {keras} with tensorflow {tensorflow}: they come in pairs",
            remedy=f"pip install 'keras=={tensorflow.major}.{tensorflow.minor}.*'",
        )


def _doubles(found: Survey) -> Iterator[Conflict]:
    names = [name for name, _ in found.packages]
    for group in (TENSORFLOW_PACKAGES, KERAS_PACKAGES):
        several = [name for name in group if name in names]
        if len(set(several) - set(TENSORFLOW_PARTS)) > 1:
            yield Conflict(
                text=f"{' and '.join(several)} are both installed, into the same folder",
                remedy=f"pip uninstall {' '.join(several)}, then install one of them",
            )
    for name in found.doubled:
        yield Conflict(
            text=f"{name} is there in two versions",
            remedy=f"pip uninstall {name} until none is left",
        )


def _backend(found: Survey) -> Iterator[Conflict]:
    keras = found.of("keras")
    named = dict(found.variables).get("KERAS_BACKEND") or found.keras_json
    if keras is None or (keras >= Version("2.4") and keras < Version("3")):
        return
    wanted = BACKENDS.get(named or "tensorflow")
    if wanted is not None and wanted not in found.modules:
        source = "KERAS_BACKEND" if "KERAS_BACKEND" in dict(found.variables) else "keras.json"
        asked = f"{source} asks for {named}" if named else "it asks for tensorflow by default"
        yield Conflict(
            text=f"keras {keras} has no backend: {asked}, which is not installed",
            remedy=f"pip install {wanted}, or set KERAS_BACKEND to one that is there",
        )
