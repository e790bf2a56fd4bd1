"""Results that look like real ones, of any size: every verdict, cause, remedy and oddity.

Deterministic: the same arguments give the same results. Texts repeat about as much as real ones
do: tracebacks differ in one line between models and loaders, logs in their times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from zlib import crc32

from runner.nouns.finding import ArtifactStatus, Comparison, Verdict, WeightsComparison
from runner.nouns.results import (
    ArtifactResult,
    AttemptResult,
    CellResult,
    EnvironmentResult,
    ExpectationResult,
    ExpectationStatus,
    FailureResult,
    RecipeResult,
    RemedyResult,
    Results,
    RouteResult,
    RunInfo,
    SignatureResult,
)

FORMATS = ("h5", "keras", "savedmodel", "weights-h5", "checkpoint", "json", "export")
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


@dataclass(frozen=True)
class Kind:
    """What an environment is made of."""

    id: str
    keras: int
    python: str
    backend: str = "tensorflow"
    versions: tuple = ()


BASE = (
    Kind("keras2.3.1-theano-py37", 2, "3.7", "theano"),
    Kind("tf1.15-py37", 2, "3.7"),
    Kind("tf2.10-py39", 2, "3.9"),
    Kind("tf2.15-py311", 2, "3.11"),
    Kind("tf2.21-keras3.15-py312", 3, "3.12"),
    Kind("keras3.15-jax-py312", 3, "3.12", "jax"),
)

SIGNATURES = (
    SignatureResult(
        id="F02",
        title="Keras 2 does not know batch_shape",
        cause="Keras 3 renamed batch_input_shape; it is the first key of the first layer, so it "
        "hides everything behind it.",
        remedies=(
            RemedyResult(
                text="Rebuild the model in code and load its weights.",
                route="weights-into-code",
                code="model = build_model()\nmodel.load_weights('model.weights.h5')",
            ),
            RemedyResult(text="Upgrade the loader to Keras 3."),
        ),
        links=("tensorflow/tensorflow#64685",),
    ),
    SignatureResult(
        id="F01",
        title="Keras 3 has no reader for SavedModel",
        cause="Keras 3 picks the reader by the file's extension and has none for folders.",
        remedies=(
            RemedyResult(
                text="For inference, wrap it in a TFSMLayer.",
                route="tfsmlayer",
                code="layer = keras.layers.TFSMLayer(path, call_endpoint='serving_default')",
            ),
        ),
        links=("https://keras.io/guides/migrating_to_keras_3/", "keras-team/keras#17232"),
    ),
    SignatureResult(
        id="F08",
        title="time_major was removed",
        cause="TensorFlow 2 wrote time_major for every RNN; Keras 3 does not take it.",
        remedies=(RemedyResult(text="Pop the key.", route="custom-objects-shim"),),
        links=("keras-team/keras#20750",),
    ),
    SignatureResult(
        id="S01",
        title="Theano's convolution kernels are flipped",
        cause="Theano convolves, TensorFlow correlates; TF 2.4 and later do not flip on load.",
        silent=True,
        remedies=(
            RemedyResult(
                text="Flip the kernels on the spatial axes.",
                route="flip-kernels",
                code="layer.set_weights([w[::-1, ::-1] for w in layer.get_weights()])",
            ),
        ),
        links=("keras-team/keras#2441",),
    ),
    SignatureResult(
        id="S02",
        title="hard_sigmoid is defined in another way",
        cause="0.2x+0.5 in Keras 2, relu6(x+3)/6 in Keras 3.",
        silent=True,
        remedies=(RemedyResult(text="Give the old function as a custom object."),),
    ),
)
ROUTES = (
    RouteResult(id="as-is", title="load_model(path)", code="model = keras.models.load_model(path)"),
    RouteResult(
        id="no-compile",
        title="without compiling",
        code="model = keras.models.load_model(path, compile=False)",
    ),
    RouteResult(
        id="weights-into-code",
        title="weights into a model built from code",
        code="model = build_model()\nmodel.load_weights(path)",
    ),
    RouteResult(
        id="tfsmlayer", title="TFSMLayer", code="layer = keras.layers.TFSMLayer(path)\nlayer(x)"
    ),
    RouteResult(id="flip-kernels", title="flip the kernels", code="flip(model)"),
    RouteResult(id="custom-objects-shim", title="a shim that pops the key", code="shim()"),
)
SCENARIOS = (
    RouteResult(id="registered", title="registered before loading", code="@register()"),
    RouteResult(id="scope", title="custom_object_scope", code="with custom_object_scope(objects):"),
    RouteResult(id="nothing", title="nothing given", code="load_model(path)"),
)


def sample(kinds=BASE, models=MODELS, formats=FORMATS, *, number=1):
    """Results of a whole matrix. ``number`` is the run's; a later run differs in a few cells."""
    artifacts, cells = [], []
    for saver in kinds:
        for model in models:
            for one in formats:
                found = _artifact(saver, model, one)
                artifacts.append(found)
                if found.status is ArtifactStatus.SAVED:
                    cells += [_cell(saver, model, one, loader, number) for loader in kinds]
    shown = {signature for cell in cells for signature in cell.signatures}
    return Results(
        run=RunInfo(
            id=f"run-{number}",
            started=f"2026-11-{min(number, 28):02}T05:12:00Z",
            finished=f"2026-11-{min(number, 28):02}T05:21:00Z",
            profile="default",
            matrix="matrix.yaml",
            kmatrix="0.1.0",
            system="Linux x86_64",
            complete=True,
            seconds=541.2,
            ran=len(cells) // 3,
            known=len(cells) - len(cells) // 3,
        ),
        environments=(*(_environment(kind, number) for kind in kinds), *_down()),
        recipes=tuple(_recipe(name) for name in models),
        formats=tuple(formats),
        artifacts=tuple(artifacts),
        cells=tuple(cells),
        signatures=tuple(one for one in SIGNATURES if one.id in shown),
        routes=ROUTES,
        scenarios=SCENARIOS,
        expectations=(
            ExpectationStatus(
                pattern="keras2.3.1-theano-py37/conv*/h5/tf2.15-*",
                verdicts=("drifted",),
                reason="known: kernels are flipped",
                link="keras-team/keras#2441",
                expires="2027-03-01",
                position="matrix.yaml:61:5",
                state="met",
                cells=3,
            ),
            ExpectationStatus(
                pattern="tf2.15-py311/lambda_layer/*/*",
                verdicts=("identical", "degraded"),
                reason="we need this one",
                link=None,
                expires=None,
                position="matrix.yaml:66:5",
                state="unmet",
                cells=12,
            ),
            ExpectationStatus(
                pattern="tf9.9/**",
                verdicts=("refused",),
                reason="gone long ago",
                link=None,
                expires="2026-01-01",
                position="matrix.yaml:71:5",
                state="stale",
                cells=0,
            ),
        ),
    )


def many_kinds(count):
    """As many environments as wanted: TensorFlow 1.12 to Keras 3, on three backends."""
    found = list(BASE[: min(count, len(BASE))])
    for number in range(count - len(found)):
        keras = 2 if number % 5 < 3 else 3
        backend = "tensorflow" if keras == 2 else ("jax", "torch", "tensorflow")[number % 3]
        found.append(
            Kind(f"tf2.{number}-keras{keras}.{number}-py3{8 + number % 6}", keras, "3.10", backend)
        )
    return tuple(found)


def _pick(*names, of):
    return crc32("/".join(names).encode()) % of


def _environment(kind, number):
    numpy = "1.26.4" if kind.keras == 2 else "2.1.3"
    versions = [("python", f"{kind.python}.9"), ("keras", f"{kind.keras}.15.0"), ("numpy", numpy)]
    if kind.backend == "tensorflow":
        versions.append(("tensorflow", kind.id[2:].split("-")[0] + ".0"))
    h5py = "3.11.0" if kind.keras == 3 else ("2.10.0" if number < 5 else "3.1.0")
    packages = [*versions[1:], ("h5py", h5py)]
    packages += [(f"package-{one}", f"1.{(one * kind.keras) % 7}") for one in range(30)]
    return EnvironmentResult(
        id=kind.id,
        status="ready",
        reason=None,
        installation=kind.id,
        builder="venv",
        python=kind.python,
        backend=kind.backend,
        api="keras" if kind.keras == 3 or kind.backend == "theano" else "tf.keras",
        lock=f"sha256:{_hex(kind.id)}",
        versions=tuple(versions),
        packages=tuple(sorted(packages)),
        variables=(("KERAS_BACKEND", kind.backend),),
        log=f"logs/{kind.id}.log",
    )


def _down():
    values = {"builder": "venv", "backend": "tensorflow", "api": "keras", "lock": "sha256:0"}
    return (
        EnvironmentResult(
            id="tf-nightly-py313",
            status="unavailable",
            reason="no matching distribution for tf-nightly (index did not answer after 3 tries)",
            installation="nightly",
            python="3.13",
            log="logs/tf-nightly-py313.log",
            **values,
        ),
        EnvironmentResult(
            id="keras2.2.5-theano-py36",
            status="broken",
            reason="cannot import keras: libopenblas.so.0 is missing",
            installation="old",
            python="3.6",
            **values,
        ),
    )


def _recipe(name):
    return RecipeResult(
        name=name,
        title=name.replace("_", " ").capitalize() + ", there to show a real break",
        custom=name in CUSTOM,
        exposes=("F04",) if name in CUSTOM else (),
        file="dense.py",
    )


def _hex(*names):
    return "".join(f"{crc32(f'{one}{names}'.encode()):08x}" for one in range(8))


def _artifact(saver, model, one):
    name = f"{saver.id}/{model}/{one}"
    status, reason = ArtifactStatus.SAVED, "saved"
    if (one == "keras" and saver.id.startswith(("tf1", "keras2", "tf2.10"))) or (
        one in {"savedmodel", "checkpoint", "export"} and saver.backend != "tensorflow"
    ):
        status, reason = ArtifactStatus.UNSUPPORTED, f"{saver.id} does not write {one}"
    elif one == "export" and saver.keras == 2:
        status, reason = ArtifactStatus.UNSUPPORTED, "no Model.export here"
    elif model == "subclassed" and one == "h5":
        status, reason = ArtifactStatus.FAILED, "NotImplementedError: not a Functional model"
    saved = status is ArtifactStatus.SAVED
    return ArtifactResult(
        id=name,
        saver=saver.id,
        recipe=model,
        format=one,
        status=status,
        reason=reason,
        key=_hex("save", name),
        digest=f"sha256:{_hex(name)}" if saved else None,
        bytes=12_000 + _pick(name, of=40_000) if saved else None,
        files=((f"model.{one}", 12_000),) if saved else (),
        oracle=_numbers(name, 0.0) if saved and model == "mlp_sequential" else None,
        seconds=0.3,
    )


def _numbers(name, size):
    exact = size == 0.0
    return Comparison(
        equal=exact,
        rtol=1e-4,
        atol=1e-5,
        elements=24,
        mismatched=0 if exact else 17,
        max_abs=_pick(name, of=9999) * 1e-11 if exact else size * (1 + _pick(name, of=997) / 997),
        worst_saved=None if exact else 0.731058,
        worst_loaded=None if exact else 0.731058 + size,
        worst_index=None if exact else (0, 3, 2),
    )


def _config(artifact):
    """A model's config as Keras prints it into its messages: some thousand characters."""
    layers = [
        f"{{'module': 'keras.layers', 'class_name': 'Dense', 'config': {{'name': 'dense_{number}', "
        f"'trainable': True, 'dtype': 'float32', 'units': {_pick(artifact, str(number), of=64)}, "
        "'activation': 'relu', 'use_bias': True, 'kernel_initializer': {'module': "
        "'keras.initializers', 'class_name': 'GlorotUniform', 'config': {'seed': None}, "
        f"'registered_name': None}}}}, 'build_config': {{'input_shape': [None, {number + 4}]}}}}"
        for number in range(4 + _pick(artifact, of=14))
    ]
    return f"{{'name': 'model_{_pick(artifact, of=90)}', 'layers': [{', '.join(layers)}]}}"


def _failure(kind, text, loader, artifact, frames=14):
    model = artifact.split("/")[1]
    path = f"/run/kmatrix-{_hex(loader.id, model)[:8]}/artifact"
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
        route=route, verdict=verdict, reason=reason, key=_hex(name, route), seconds=0.4, **changes
    )


def _cell(saver, model, one, loader, number):
    name = f"{saver.id}/{model}/{one}/{loader.id}"
    bare = CellResult(
        id=name,
        artifact=f"{saver.id}/{model}/{one}",
        loader=loader.id,
        verdict=Verdict.IDENTICAL,
        reason="predicts the same",
        route="as-is",
        as_is=Verdict.IDENTICAL,
        stage="done",
        key=_hex(name),
        outputs=_numbers(name, 0.0),
        weights=WeightsComparison(saved=6, loaded=6, equal=6),
        seconds=0.2 + _pick(name, of=1000) / 1000,
        log=f"2026-11-24 05:13:{_pick(name, of=60):02}.{_pick(name, of=999999):06}: "
        "I tensorflow/core/platform/cpu_feature_guard.cc:210] This TensorFlow binary is "
        f"optimized\nreading {one}\n",
    )
    return _judged(bare, saver, model, one, loader, number)


def _judged(bare, saver, model, one, loader, number):
    luck = _pick(bare.id, of=1000)
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
            verdicts=("drifted",),
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
    numbers = _numbers(bare.id, 0.083)
    return replace(
        bare,
        verdict=Verdict.DRIFTED,
        as_is=Verdict.DRIFTED,
        reason=f"predictions differ by up to {numbers.max_abs:.3g}; {cause}",
        signatures=signatures,
        outputs=numbers,
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
        stage="read",
        signal=None if hung else 11,
        outputs=None,
        weights=None,
        expectation=ExpectationResult(
            verdicts=("identical", "degraded"),
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
        stage="read",
        failure=failure,
        outputs=None,
        weights=None,
    )
