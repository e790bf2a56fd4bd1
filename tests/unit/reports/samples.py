"""Results that look like real ones, of any size: every verdict, cause, remedy and oddity.

Deterministic: the same arguments give the same results. Texts repeat about as much as real ones
do: tracebacks differ in one line between models and loaders, logs in their times.
"""

from __future__ import annotations

from dataclasses import dataclass

from runner.model.expectation import ExpectationState
from runner.model.finding import ArtifactStatus, Verdict
from runner.model.results import (
    ExpectationStatus,
    RemedyResult,
    Results,
    RouteResult,
    ScriptResult,
    SignatureResult,
)
from tests.unit.reports.factories import artifact, environment, recipe, run
from tests.unit.reports.sample_cells import CUSTOM, MODELS, hexes, invent_cell, numbers, pick

FORMATS = ("h5", "keras", "savedmodel", "weights-h5", "checkpoint", "json", "export")


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
ROUTES = tuple(
    RouteResult(id=name, title=title)
    for name, title in (
        ("as-is", "load_model(path)"),
        ("no-compile", "without compiling"),
        ("weights-into-code", "weights into a model built from code"),
        ("tfsmlayer", "TFSMLayer"),
        ("flip-kernels", "flip the kernels"),
        ("custom-objects-shim", "a shim that pops the key"),
    )
)
SCRIPTS = (
    ScriptResult(id="no-compile", code="model = keras.models.load_model(path, compile=False)"),
    ScriptResult(
        id="weights-into-code",
        code="model = build()\nmodel.load_weights(path)",
        needs_author=True,
    ),
    ScriptResult(id="tfsmlayer", code="layer = keras.layers.TFSMLayer(path)\nlayer(x)"),
    ScriptResult(
        id="as-is+flip-kernels", code="import mend\nflip(model)", files=(("mend.py", "mend"),)
    ),
    ScriptResult(id="mend", code="def flip(model):\n    pass"),
    ScriptResult(id="custom-objects-shim", code="shim()"),
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
                    cells += [invent_cell(saver, model, one, loader, number) for loader in kinds]
    shown = {signature for cell in cells for signature in cell.signatures}
    return Results(
        run=run(
            id=f"run-{number}",
            started=f"2026-11-{min(number, 28):02}T05:12:00Z",
            finished=f"2026-11-{min(number, 28):02}T05:21:00Z",
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
        scripts=SCRIPTS,
        scenarios=SCENARIOS,
        expectations=(
            ExpectationStatus(
                pattern="keras2.3.1-theano-py37/conv*/h5/tf2.15-*",
                verdicts=(Verdict.DRIFTED,),
                reason="known: kernels are flipped",
                link="keras-team/keras#2441",
                expires="2027-03-01",
                position="matrix.yaml:61:5",
                state=ExpectationState("met"),
                cells=3,
            ),
            ExpectationStatus(
                pattern="tf2.15-py311/lambda_layer/*/*",
                verdicts=(Verdict.IDENTICAL, Verdict.DEGRADED),
                reason="we need this one",
                link=None,
                expires=None,
                position="matrix.yaml:66:5",
                state=ExpectationState("unmet"),
                cells=12,
            ),
            ExpectationStatus(
                pattern="tf9.9/**",
                verdicts=(Verdict.REFUSED,),
                reason="gone long ago",
                link=None,
                expires="2026-01-01",
                position="matrix.yaml:71:5",
                state=ExpectationState("stale"),
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


def _environment(kind, number):
    numpy = "1.26.4" if kind.keras == 2 else "2.1.3"
    versions = [("python", f"{kind.python}.9"), ("keras", f"{kind.keras}.15.0"), ("numpy", numpy)]
    if kind.backend == "tensorflow":
        versions.append(("tensorflow", kind.id[2:].split("-")[0] + ".0"))
    h5py = "3.11.0" if kind.keras == 3 else ("2.10.0" if number < 5 else "3.1.0")
    packages = [*versions[1:], ("h5py", h5py)]
    packages += [(f"package-{one}", f"1.{(one * kind.keras) % 7}") for one in range(30)]
    return environment(
        kind.id,
        python=kind.python,
        backend=kind.backend,
        api="keras" if kind.keras == 3 or kind.backend == "theano" else "tf.keras",
        lock=f"sha256:{hexes(kind.id)}",
        versions=tuple(versions),
        packages=tuple(sorted(packages)),
        variables=(("KERAS_BACKEND", kind.backend),),
        log=f"logs/{kind.id}.log",
    )


def _down():
    return (
        environment(
            "tf-nightly-py313",
            status="unavailable",
            reason="no matching distribution for tf-nightly (index did not answer after 3 tries)",
            installation="nightly",
            python="3.13",
            lock="sha256:0",
            log="logs/tf-nightly-py313.log",
        ),
        environment(
            "keras2.2.5-theano-py36",
            status="broken",
            reason="cannot import keras: libopenblas.so.0 is missing",
            installation="old",
            python="3.6",
            lock="sha256:0",
        ),
    )


def _recipe(name):
    return recipe(
        name,
        title=name.replace("_", " ").capitalize() + ", there to show a real break",
        custom=name in CUSTOM,
        exposes=("F04",) if name in CUSTOM else (),
    )


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
    return artifact(
        name,
        status=status,
        reason=reason,
        key=hexes("save", name),
        digest=f"sha256:{hexes(name)}" if saved else None,
        bytes=12_000 + pick(name, of=40_000) if saved else None,
        files=((f"model.{one}", 12_000),) if saved else (),
        oracle=numbers(name, 0.0) if saved and model == "mlp_sequential" else None,
        seconds=0.3,
    )
