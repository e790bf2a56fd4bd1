"""Evidence of a save and a load to symptoms. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runner.nouns.signature import Setting, Symptoms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.nouns.evidence import Evidence, LayerOutput
    from runner.nouns.finding import Finding
    from runner.nouns.spec import Environment, Format, Tolerance

# TensorFlow before 2.6 is Keras itself, and has no package that says its version.
KERAS_OF_TENSORFLOW = (("1.", "2.2.4-tf"), ("2.0", "2.2.4-tf"), ("2.1", "2.2.4-tf"),
                       ("2.2", "2.3.0-tf"), ("2.3", "2.4.0"), ("2.4", "2.4.0"),
                       ("2.5", "2.5.0"))  # fmt: skip


def setting_of(environment: Environment, versions: Mapping[str, str]) -> Setting:
    """An environment as signatures see it. ``versions``: package to version, python included."""
    tensorflow = versions.get("tensorflow")
    keras = versions.get("tf_keras") if environment.legacy_keras else versions.get("keras")
    return Setting(
        keras=keras or _keras_of(tensorflow),
        tensorflow=tensorflow,
        backend=str(environment.backend),
        python=versions.get("python", environment.installation.python),
        api=str(environment.api),
    )


def _keras_of(tensorflow: str | None) -> str | None:
    minor = ".".join((tensorflow or "").split(".")[:2])
    for start, keras in KERAS_OF_TENSORFLOW:
        if minor == start or (start.endswith(".") and minor.startswith(start)):
            return keras
    return None


def symptoms_of_load(
    *,
    format_: Format,
    save: Evidence,
    load: Evidence,
    finding: Finding,
    saver: Setting,
    loader: Setting,
    random: bool,
    tolerance: Tolerance,
) -> Symptoms:
    """All that is known of one load.

    random: whether two predictions of one of both models differ. tolerance: for the outputs of
    single layers, where both sides have them.
    """
    saved, loaded = save.observation, load.observation
    layers = first_layer(
        saved.layer_outputs if saved is not None else (),
        loaded.layer_outputs if loaded is not None else (),
        tolerance,
    )
    return Symptoms(
        format=str(format_),
        stage=str(load.stage),
        failure=load.failure,
        signal=load.signal,
        warnings=load.warnings,
        save_again=load.save_again.innermost if load.save_again is not None else None,
        saver=saver,
        loader=loader,
        saved_config=saved.config if saved is not None else None,
        loaded_config=loaded.config if loaded is not None else None,
        outputs=finding.outputs,
        random=random,
        weights=finding.weights,
        lost=finding.lost,
        first_layer=layers,
    )


def symptoms_of_save(*, format_: Format, save: Evidence, saver: Setting) -> Symptoms:
    """All that is known of a save: whoever saves is the one to whom it happens."""
    return Symptoms(
        format=str(format_),
        stage=str(save.stage),
        failure=save.failure,
        signal=save.signal,
        warnings=save.warnings,
        saver=saver,
        loader=saver,
    )


def first_layer(
    saved: Sequence[LayerOutput], loaded: Sequence[LayerOutput], tolerance: Tolerance
) -> str | None:
    """The class of the first layer that puts out something else; by name, in the saver's order."""
    by_name = {layer.name: layer for layer in loaded}
    for layer in saved:
        other = by_name.get(layer.name)
        if other is not None and not _same(layer, other, tolerance):
            return layer.layer_class
    return None


def _same(one: LayerOutput, other: LayerOutput, tolerance: Tolerance) -> bool:
    if one.values.shape != other.values.shape:
        return False
    return bool(
        np.allclose(
            other.values.astype("float64"),
            one.values.astype("float64"),
            rtol=tolerance.rtol,
            atol=tolerance.atol,
            equal_nan=True,
        )
    )
