"""How an invented cell came out: every verdict, with evidence that looks like real one.

Deterministic: chance is a checksum of the cell's id.
"""

from dataclasses import replace
from zlib import crc32

from runner.model.evidence import Stage
from runner.model.finding import Comparison, Verdict, WeightsComparison
from runner.model.results import (
    AttemptResult,
    CellResult,
    ExpectationResult,
    FailureResult,
)

MODELS = (
    "mlp_sequential",
    "functional_two_inputs",
    "conv_batch_norm",
    "bidirectional_lstm",
    "gru_stack",
    "embedding_mean",
    "same_class_twice",
    "nested_model",
    "shared_layer",
    "custom_layer",
    "custom_no_config",
    "custom_sublayers",
    "custom_loss_metric",
    "lambda_layer",
    "subclassed",
    "mixed_precision",
    "preprocessing_norm",
    "depthwise_conv",
    "separable_conv",
    "attention_dot",
    "layer_norm",
    "masking_lstm",
    "multi_output",
    "residual_add",
    "hard_sigmoid_lstm",
    "transposed_conv",
    "prelu_layer",
    "time_distributed",
    "conv_lstm",
    "quantised_dense",
    "orthogonal_rnn",
)
CUSTOM = {"custom_layer", "custom_no_config", "custom_sublayers", "custom_loss_metric"}
RECURRENT = {name for name in MODELS if "lstm" in name or "gru" in name or "rnn" in name}
CONVOLUTIONS = {name for name in MODELS if "conv" in name}


def pick(*names, of):
    return crc32("/".join(names).encode()) % of


def hexes(*names):
    return "".join(f"{crc32(f'{one}{names}'.encode()):08x}" for one in range(8))


def numbers(name, size):
    exact = size == 0.0
    return Comparison(
        equal=exact,
        rtol=1e-4,
        atol=1e-5,
        elements=24,
        mismatched=0 if exact else 17,
        max_abs=pick(name, of=9999) * 1e-11 if exact else size * (1 + pick(name, of=997) / 997),
        worst_saved=None if exact else 0.731058,
        worst_loaded=None if exact else 0.731058 + size,
        worst_index=None if exact else (0, 3, 2),
    )


def _config(artifact):
    """A model's config as Keras prints it into its messages: some thousand characters."""
    layers = [
        f"{{'module': 'keras.layers', 'class_name': 'Dense', 'config': {{'name': 'dense_{number}', "
        f"'trainable': True, 'dtype': 'float32', 'units': {pick(artifact, str(number), of=64)}, "
        "'activation': 'relu', 'use_bias': True, 'kernel_initializer': {'module': "
        "'keras.initializers', 'class_name': 'GlorotUniform', 'config': {'seed': None}, "
        f"'registered_name': None}}}}, 'build_config': {{'input_shape': [None, {number + 4}]}}}}"
        for number in range(4 + pick(artifact, of=14))
    ]
    return f"{{'name': 'model_{pick(artifact, of=90)}', 'layers': [{', '.join(layers)}]}}"


def _failure(kind, text, loader, artifact, frames=14):
    model = artifact.split("/")[1]
    path = f"/run/kmatrix-{hexes(loader.id, model)[:8]}/artifact"
    lines = ["Traceback (most recent call last):"]
    for frame in range(frames):
        place = f"/envs/{loader.id}/lib/python{loader.python}/site-packages/keras/src/saving"
        line = f"line {100 + frame * 7}, in deserialize_{frame}"
        lines += [
            f'  File "{place}/saving_lib_{frame}.py", {line}',
            f"    return cls.from_config(config, custom_objects=custom_objects)  # {frame}",
        ]
    lines.append(f'  File "{path}", line 1, in <module>')
    message = (
        f"Error when deserializing class '{model}' using config={_config(artifact)}."
        f"\n\nException encountered: {text}"
    )
    lines += [f"{kind}: {line}" for line in message.split("\n")]
    return FailureResult(
        type=f"builtins.{kind}", message=message, innermost=text, traceback="\n".join(lines)
    )


def _attempt(name, route, verdict, reason, **changes):
    return AttemptResult(
        route=route,
        verdict=verdict,
        reason=reason,
        key=hexes(name, route),
        seconds=0.4,
        scripts=(route,),
        **changes,
    )


def invent_cell(saver, model, one, loader, number):
    name = f"{saver.id}/{model}/{one}/{loader.id}"
    bare = CellResult(
        id=name,
        artifact=f"{saver.id}/{model}/{one}",
        loader=loader.id,
        verdict=Verdict.IDENTICAL,
        reason="predicts the same",
        route="as-is",
        as_is=Verdict.IDENTICAL,
        stage=Stage.DONE,
        key=hexes(name),
        outputs=numbers(name, 0.0),
        weights=WeightsComparison(saved=6, loaded=6, equal=6),
        seconds=0.2 + pick(name, of=1000) / 1000,
        log=f"2026-11-24 05:13:{pick(name, of=60):02}.{pick(name, of=999999):06}: "
        "I tensorflow/core/platform/cpu_feature_guard.cc:210] This TensorFlow binary is "
        f"optimized\nreading {one}\n",
    )
    return _judged(bare, saver, model, one, loader, number)


def _judged(bare, saver, model, one, loader, number):
    luck = pick(bare.id, of=1000)
    if saver.id == loader.id:
        if model == "custom_no_config" and one != "weights-h5":
            return _refused(bare, loader, "Unknown layer: 'Scale'", verdict=Verdict.BROKEN)
        return _degraded(bare) if luck < 100 else bare
    if one in {"savedmodel", "checkpoint"} and loader.backend != "tensorflow":
        return replace(
            bare,
            verdict=Verdict.UNSUPPORTED,
            reason=f"no reader for {one} here",
            as_is=None,
            outputs=None,
            weights=None,
        )
    if luck == 7:
        return replace(
            bare,
            verdict=Verdict.MISSING,
            reason="not run yet",
            as_is=None,
            key=None,
            outputs=None,
            weights=None,
            stage=None,
            log="",
        )
    if model == "lambda_layer" and saver.python != loader.python and one in {"h5", "keras"}:
        return _dead(bare, hung=luck < 60)
    if saver.keras == 3 and loader.keras == 2 and one in {"h5", "json", "keras"}:
        helped = model in RECURRENT or luck < 300
        return _refused(
            bare,
            loader,
            "Unrecognized keyword arguments: ['batch_shape', 'optional']",
            signatures=("F02",),
            remedy="weights-into-code" if helped else None,
        )
    if saver.keras == 2 and loader.keras == 3:
        return _two_to_three(bare, saver, model, one, loader, luck)
    if saver.backend == "theano" and model in CONVOLUTIONS and loader.id != "tf1.15-py37":
        expected = ExpectationResult(
            verdicts=(Verdict.DRIFTED,),
            reason="known: kernels are flipped",
            link="keras-team/keras#2441",
            expires="2027-03-01",
            met=True,
        )
        drifted = _drifted(bare, ("S01",), "2 kernels are flipped")
        return replace(drifted, expectation=expected) if one == "h5" else drifted
    if luck < 15 + 5 * (number % 3):
        return _refused(bare, loader, f"Layer '{model}_{luck}' expected {luck} variables")
    return _degraded(bare) if luck < 180 else bare


def _two_to_three(bare, saver, model, one, loader, luck):
    if one in {"savedmodel", "checkpoint"}:
        return _refused(
            bare,
            loader,
            "File format not supported: filepath=/tmp/x. Keras 3 only supports V3 `.keras` files "
            "and legacy H5 format files",
            signatures=("F01",),
            remedy="tfsmlayer" if one == "savedmodel" else None,
        )
    if model == "hard_sigmoid_lstm":
        return _drifted(bare, ("S02",), "all weights are equal, the arithmetic is not")
    if saver.backend == "theano" and model in CONVOLUTIONS:
        return _drifted(bare, ("S01",), "2 kernels are flipped")
    if model in RECURRENT and one in {"h5", "keras", "json"}:
        return _refused(
            bare,
            loader,
            "Unrecognized keyword arguments passed to LSTM: {'time_major': False}",
            signatures=("F08",),
            remedy="custom-objects-shim" if luck < 700 else None,
        )
    if one == "json":
        return _refused(bare, loader, f"Could not locate class 'Functional_{luck}'")
    return _degraded(bare) if luck < 500 else bare


def _degraded(bare):
    lost = ("the optimizer's state is not there", "compiled no more")
    warning = "Compiled the loaded model, but the compiled metrics have yet to be built."
    return replace(
        bare,
        verdict=Verdict.DEGRADED,
        as_is=Verdict.DEGRADED,
        reason=lost[0],
        lost=lost,
        warnings=(warning,),
    )


def _drifted(bare, signatures, cause):
    outputs = numbers(bare.id, 0.083)
    return replace(
        bare,
        verdict=Verdict.DRIFTED,
        as_is=Verdict.DRIFTED,
        reason=f"predictions differ by up to {outputs.max_abs:.3g}; {cause}",
        signatures=signatures,
        outputs=outputs,
        attempts=(
            _attempt(bare.id, "no-compile", Verdict.DRIFTED, "the same drift", max_abs=0.083),
            _attempt(bare.id, "as-is+flip-kernels", Verdict.IDENTICAL, "predicts the same"),
        ),
    )


def _dead(bare, *, hung):
    reason = "over its time limit at stage read" if hung else "the process died (signal 11)"
    return replace(
        bare,
        verdict=Verdict.HUNG if hung else Verdict.CRASHED,
        as_is=Verdict.HUNG if hung else Verdict.CRASHED,
        reason=reason,
        stage=Stage.READ,
        signal=None if hung else 11,
        outputs=None,
        weights=None,
        expectation=ExpectationResult(
            verdicts=(Verdict.IDENTICAL, Verdict.DEGRADED),
            reason="we need this one",
            link=None,
            expires=None,
            met=False,
        )
        if bare.id.startswith("tf2.15")
        else None,
        log=bare.log + "Fatal Python error: Segmentation fault\n",
    )


def _refused(bare, loader, text, *, signatures=(), remedy=None, verdict=Verdict.REFUSED):
    kind = "TypeError" if loader.keras == 2 else "ValueError"
    failure = _failure(kind, text, loader, bare.artifact)
    error = f"{failure.type.rsplit('.', 1)[-1]}: {text}"
    attempts = [
        _attempt(bare.id, "no-compile", Verdict.REFUSED, "the same error", error=error),
    ]
    if remedy:
        attempts.append(
            _attempt(bare.id, remedy, Verdict.IDENTICAL, "predicts the same", max_abs=2e-8)
        )
    scenarios = ()
    if bare.artifact.split("/")[1] in CUSTOM:
        scenarios = (
            _attempt(bare.id, "registered", Verdict.REFUSED, "the same error", error=error),
            _attempt(bare.id, "nothing", Verdict.REFUSED, "fails as it must", error=error),
        )
    return replace(
        bare,
        verdict=Verdict.REMEDIED if remedy else verdict,
        as_is=Verdict.REFUSED,
        route=remedy or "as-is",
        reason=error if verdict is not Verdict.BROKEN else f"fails on its own artifact: {error}",
        signatures=signatures,
        attempts=tuple(attempts),
        scenarios=scenarios,
        remedy=remedy,
        stage=Stage.READ,
        failure=failure,
        outputs=None,
        weights=None,
    )
