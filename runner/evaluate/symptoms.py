"""What a signature looks at, gathered from a cell's evidence. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.finding import Verdict
from runner.model.signature import Symptoms

if TYPE_CHECKING:
    from runner.model.evidence import Evidence, LayerOutput
    from runner.model.finding import Finding
    from runner.model.matrix import Tolerance
    from runner.model.signature import EnvironmentVersions
    from runner.model.steps import LoadStep, SaveStep


def symptoms_of(
    load: LoadStep,
    evidence: Evidence,
    finding: Finding,
    saved: Evidence,
    *,
    saver: EnvironmentVersions,
    loader: EnvironmentVersions,
    first_layer: str | None = None,
) -> Symptoms:
    """Everything known of one load, and of what it was loaded from."""
    before, after = saved.observation, evidence.observation
    return Symptoms(
        format=str(load.save.format),
        stage=str(evidence.stage),
        failure=evidence.failure,
        signal=evidence.signal,
        stack=evidence.stack,
        warnings=evidence.warnings,
        save_again=evidence.save_again.innermost if evidence.save_again is not None else None,
        saver=saver,
        loader=loader,
        saved_config=before.config if before is not None else None,
        loaded_config=after.config if after is not None else None,
        outputs=finding.outputs,
        random=finding.code.random,
        weights=finding.weights,
        lost=finding.lost,
        first_layer=first_layer,
        own_file=load.save.saver.id == load.loader.id,
    )


def symptoms_of_save(save: SaveStep, evidence: Evidence, setting: EnvironmentVersions) -> Symptoms:
    """Everything known of a save that wrote nothing."""
    return Symptoms(
        format=str(save.format),
        stage=str(evidence.stage),
        failure=evidence.failure,
        signal=evidence.signal,
        stack=evidence.stack,
        saver=setting,
        loader=setting,
        own_file=True,
    )


def first_different_layer(
    saved: Evidence, explained: Evidence, tolerance: Tolerance
) -> LayerOutput | None:
    """Return the first layer, in the saver's order, whose output is another one in the loader."""
    import numpy as np  # noqa: PLC0415 - slow to import, and an unchanged run needs no arrays

    if saved.observation is None or explained.observation is None:
        return None
    after = {layer.name: layer.values for layer in explained.observation.layer_outputs}
    for layer in saved.observation.layer_outputs:
        other = after.get(layer.name)
        if other is None:
            continue
        if other.shape != layer.values.shape or not np.allclose(
            other, layer.values, rtol=tolerance.rtol, atol=tolerance.atol, equal_nan=True
        ):
            return layer
    return None


def worth_recognising(verdict: Verdict) -> bool:
    """Whether a verdict has a cause to look for."""
    return verdict not in {Verdict.IDENTICAL, Verdict.UNAVAILABLE, Verdict.MISSING}
