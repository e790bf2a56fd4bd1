"""Samples of failures that no environment at hand provokes: ``python -m tests.samples.quoted``.

Texts stem from libraries' sources and from reports; the facts of silent ones are what their
numbers would be. All of them say that they are quoted, and so do their signatures.
"""

from runner.model.evidence import Failure
from runner.model.finding import Comparison, WeightsComparison
from runner.model.signature import EnvironmentVersions as Versions
from runner.model.signature import Symptoms
from runner.signatures import load_signatures
from tests.samples.sample import Sample, read_samples, write_samples

KERAS2 = Versions(keras="2.10.0", tensorflow="2.10.0", backend="tensorflow", python="3.9.18",
                 api="tf.keras")  # fmt: skip
KERAS3 = Versions(keras="3.15.1", tensorflow="2.21.0", backend="tensorflow", python="3.12.1",
                 api="keras")  # fmt: skip
OLD = Versions(keras="2.1.5", tensorflow="1.4.0", backend="tensorflow", python="3.6.8", api="keras")


def differ(max_abs=0.5):
    return Comparison(equal=False, rtol=1e-4, atol=1e-5, elements=6, mismatched=6, max_abs=max_abs)


def arrays(saved=4, loaded=4, equal=4):
    return WeightsComparison(saved=saved, loaded=loaded, equal=equal)


def silent(saver, loader, config, loaded_config=None, **facts):
    return Symptoms(
        saver=saver,
        loader=loader,
        saved_config=config,
        loaded_config=loaded_config or config,
        **{"outputs": differ(), "weights": arrays(), "stage": "done", **facts},
    )


FACTS = {
    "gru-reset-after-changed": silent(
        KERAS2, KERAS3, '{"class_name": "GRU", "config": {"reset_after": false}}',
        '{"class_name": "GRU", "config": {"reset_after": true}}', weights=arrays(equal=3),
    ),
    "untracked-variables": silent(
        KERAS2, KERAS3, '{"class_name": "Gain"}', weights=arrays(loaded=3, equal=3),
        format="weights-h5",
    ),
    "weight-order-of-frozen-layers": silent(
        KERAS2, KERAS2, '{"class_name": "Sequential", "config": {"trainable": false}}',
        format="weights-h5",
    ),
    "lambda-wrong-result": silent(
        Versions(keras="2.10.0", python="3.10.13"), KERAS2, '{"class_name": "Lambda"}'
    ),
    "custom-name-of-a-builtin": silent(KERAS3, KERAS3, '{"activation": "gelu"}'),
    "random-by-itself": silent(KERAS3, KERAS3, '{"class_name": "GaussianNoise"}', random=True),
    "state-not-saved": silent(KERAS2, KERAS2, '{"config": {"stateful": true}}', random=True),
    "weights-not-loaded": silent(
        KERAS2, KERAS2, '{"class_name": "Dense"}', format="weights-h5", weights=arrays(equal=0)
    ),
    "weights-partly-loaded": silent(
        KERAS2, KERAS2, '{"class_name": "Dense"}', format="weights-h5", weights=arrays(equal=2)
    ),
    "masking-changed": silent(
        KERAS2, KERAS3, '{"class_name": "Embedding", "config": {"mask_zero": true}}',
        first_layer="LSTM",
    ),
    "mixed-precision-rounding": silent(
        KERAS2, KERAS3, '{"dtype": "mixed_float16"}', outputs=differ(0.004)
    ),
    "bilinear-upsampling": silent(
        Versions(keras="2.3.1", backend="tensorflow", python="3.7.16", api="keras"), KERAS2,
        '{"class_name": "UpSampling2D", "config": {"interpolation": "bilinear"}}',
        outputs=differ(3.98),
    ),
    "flatten-channels-first": silent(
        OLD, KERAS2,
        '{"config": {"data_format": "channels_first"}, "next": {"class_name": "Flatten"}}',
    ),
    "batch-normalization-frozen": Symptoms(
        saver=OLD, loader=KERAS2, saved_config='{"class_name": "BatchNormalization"}',
        lost=("layers changed between frozen and trainable: bn",),
    ),
    "frozen-layers-changed": Symptoms(lost=("layers changed between frozen and trainable: x",)),
    "nested-container-skipped": Symptoms(
        warnings=("WARNING: Skipping nested container at 'rows': no matching group found",),
    ),
    "nested-sublayers-not-saved": silent(
        Versions(keras="3.12.0"), Versions(keras="3.12.0"), '{"registered_name": "Block"}',
        format="keras", weights=arrays(saved=6, loaded=6, equal=2),
    ),
    "checkpoint-partly-restored": Symptoms(
        format="checkpoint",
        warnings=("WARNING: Unresolved object in checkpoint: (root).layer_with_weights-0.kernel",),
    ),
    "optimizer-decay-ignored": Symptoms(
        warnings=("UserWarning: Argument `decay` is no longer supported and will be ignored.",),
    ),
    "metrics-not-built": Symptoms(
        warnings=(
            "WARNING: Compiled the loaded model, but the compiled metrics have yet to be built.",
        ),
    ),
    "cannot-be-saved-again": Symptoms(lost=("cannot be saved again: name already in use",)),
}  # fmt: skip
# Where a signature wants more than its message: the frames around it.
FRAMES = {
    "steps-per-execution": "    if self.steps_per_execution > 1:\n",
    "lambda-not-callable": '  File "keras/layers/core/lambda_layer.py", line 210, in call\n',
}


def main():
    recorded = {sample.signature for sample in read_samples() if not sample.quoted}
    for signature in load_signatures():
        if signature.id not in recorded:
            symptoms = FACTS.get(signature.id) or _failed(signature)
            sample = Sample(signature=signature.id, source="quoted", symptoms=symptoms, quoted=True)
            write_samples(signature.id, [sample])


def _failed(signature):
    kind, _, message = signature.example.partition(": ")
    frames = FRAMES.get(signature.id, '  File "load.py", line 3, in <module>\n')
    text = f"Traceback (most recent call last):\n{frames}{signature.example}\n"
    if not message:  # said by the system, not by Python
        return Symptoms(failure=Failure(type="", message=kind, traceback=kind, innermost=kind))
    return Symptoms(failure=Failure(type=kind, message=message, traceback=text, innermost=message))


if __name__ == "__main__":
    main()
