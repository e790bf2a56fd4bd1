"""An inspection in the making: what is known of a file so far, from several readers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from runner.model.inspection import (
    Architecture,
    CodeItem,
    FileFormat,
    Inspection,
    Level,
    Remark,
    Saver,
    Training,
    Weights,
)
from runner.modelfile import limits
from runner.modelfile import printable as text
from runner.modelfile.architecture.config import Found, walk
from runner.modelfile.architecture.minimum import generation_of, minimum_loaders, tensorflow_of
from runner.modelfile.architecture.outline import outline

CONVOLUTIONS = "Conv"
WRAPPERS = ("MeanMetricWrapper", "LossFunctionWrapper")
PLAIN_DEPTH = 4
ZIPPED = (FileFormat.KERAS, FileFormat.WEIGHTS_H5)  # formats that came with TensorFlow 2.12
KERAS_1 = frozenset({"nb_filter", "border_mode", "inner_init", "dim_ordering", "init"})


@dataclass
class Draft:
    """One file's inspection; readers fill it in, ``finish`` freezes it."""

    path: str
    format: FileFormat
    bytes: int
    files: int = 1
    saver: Saver = field(default_factory=Saver)
    architecture: Architecture | None = None
    training: Training | None = None
    weights: Weights | None = None
    found: Found = field(default_factory=Found)
    remarks: list[Remark] = field(default_factory=list)

    def remark(self, name: str, level: Level, words: str) -> None:
        """Note something, once."""
        if all(one.id != name for one in self.remarks):
            self.remarks.append(Remark(id=name, level=level, text=words))

    def problem(self, name: str, words: str) -> None:
        """Note why no Keras loads the file."""
        self.remark(name, Level.PROBLEM, words)

    def damaged(self, proof: str, *, truncated: bool = False) -> None:
        """Note that bytes were lost or changed: the one place that says "fetch it again".

        Only on proof: a length, a checksum or an address in the file contradicts its bytes. A file
        that a reader refuses for another reason is ``refused``.
        """
        name = "truncated" if truncated else "damaged"
        self.problem(name, f"{name}: {proof}; fetch it again")

    def refused(self, by: str, error: object) -> None:
        """Note that a library refuses the file; it may be damaged, and nothing proves it."""
        self.problem(
            "not-readable",
            f"{by} cannot read it ({text.clean(error)}): compare its size and checksum with those "
            "of the original",
        )

    def not_read(self, what: str, why: object) -> None:
        """Note what was not looked at, and why: a limit of this reader, not a fault of the file."""
        self.remark("not-read", Level.NOTE, f"{what} was not read: {text.clean(why)}")

    def code(self, kind: str, where: str, detail: str) -> None:
        """Note something that a loader would run."""
        self.found.code.append(CodeItem(kind=kind, where=where, detail=detail))

    def saved_by(self, **facts: str | None) -> None:
        """Add to what is known of the saver."""
        known = {name: value for name, value in facts.items() if value}
        self.saver = replace(self.saver, **known)  # type: ignore[arg-type]

    def model(self, config: Any) -> None:  # noqa: ANN401
        """Take in a serialized model."""
        try:
            walk(config, into=self.found)
        except limits.TooMuch as error:
            self.remark("config-too-large", Level.TRAP, f"{error}; not all of it was looked at")
        if not isinstance(config, dict):
            return
        try:
            inputs, outputs = outline(config)
        except RecursionError:
            inputs, outputs = (), ()
        inner = config.get("config")
        name = inner.get("name") if isinstance(inner, dict) else config.get("name")
        self.architecture = Architecture(
            class_name=text.clean(config.get("class_name", "?")),
            name=text.optional(name),
            layers=tuple(self.found.layers.items()),
            inputs=inputs,
            outputs=outputs,
            dtypes=tuple(self.found.dtypes),
        )
        compiled = config.get("compile_config")
        if isinstance(compiled, dict) and compiled:
            self.training = training_of(compiled, compiled.get("optimizer"))
        if self.saver.generation is None:
            self.saver = replace(self.saver, generation=self._generation(config))

    def trained(self, config: Any) -> None:  # noqa: ANN401
        """Take in the training config of Keras 1 and 2."""
        if not isinstance(config, dict):
            return
        try:
            walk(config, "object", into=self.found)
        except limits.TooMuch:
            return
        self.training = training_of(config, config.get("optimizer_config", config.get("optimizer")))

    def _generation(self, config: dict[str, Any]) -> int | None:
        told = generation_of(self.saver.keras)
        if told is not None:
            return told
        keys = self.found.keys
        if "batch_shape" in keys.get("InputLayer", ()) or "DTypePolicy" in keys:
            return 3
        if config.get("class_name") == "Graph":
            return 0
        if any(KERAS_1 & names for names in keys.values()):
            return 1
        if "module" in config and not str(config.get("module")).startswith("keras.src.engine"):
            return 3
        return 2 if keys else None

    def finish(self, title: str) -> Inspection:
        """Return the finished noun."""
        generation = self.saver.generation
        self._traps(generation)
        python = ", ".join(self.found.pythons)
        saver = replace(self.saver, python=python or None)
        if saver.tensorflow is None:
            saver = replace(saver, tensorflow=tensorflow_of(saver.keras))
        if self.training is not None and self.weights is not None:
            state = self.weights.training_arrays > 0
            self.training = replace(self.training, state=state)
        return Inspection(
            path=text.clean(self.path, 1000),
            format=self.format,
            title=title,
            bytes=self.bytes,
            files=self.files,
            saver=saver,
            architecture=self.architecture,
            training=self.training,
            weights=self.weights,
            minimum=minimum_loaders(
                self.found.keys, generation=generation, zipped=self.format in ZIPPED
            ),
            custom=self.found.custom_names()[: limits.MEMBERS],
            code=tuple(self.found.code[: limits.MEMBERS]),
            remarks=tuple(self.remarks[: limits.REMARKS]),
        )

    def _traps(self, generation: int | None) -> None:
        """Add what some loaders load wrongly without an error, from the config alone."""
        old = generation is not None and generation <= 2
        layers, values = self.found.layers, self.found.values
        convolutions = [name for name in layers if CONVOLUTIONS in name]
        if self.saver.backend == "theano" and convolutions:
            self.remark(
                "theano-kernels",
                Level.TRAP,
                "saved on Theano: TensorFlow 2.4 and later and Keras 3 do not flip its convolution "
                "kernels, and predict something else",
            )
        if any(value == "hard_sigmoid" for _, _, value in values):
            other = "Keras 3" if old else "Keras 2"
            self.remark(
                "hard-sigmoid",
                Level.TRAP,
                f"uses hard_sigmoid, which {other} computes differently: it predicts something "
                "else there",
            )
        plain = self.saver.keras is not None and "-tf" not in self.saver.keras
        bilinear = ("UpSampling2D", "interpolation", "bilinear") in values
        if bilinear and plain and (self.saver.keras or "") < "2.4":
            self.remark(
                "bilinear-upsampling",
                Level.TRAP,
                "UpSampling2D(interpolation='bilinear') of multi-backend Keras differs from "
                "tf.keras",
            )
        gone = [name for name, known in self.found.removed.items() if "3" not in known]
        if gone and old:
            self.remark(
                "removed-layers",
                Level.TRAP,
                f"{', '.join(sorted(gone)[:8])}: no Keras 3 has that; load it with Keras 2 "
                "(tf_keras)",
            )


def training_of(config: dict[str, Any], optimizer: Any) -> Training:  # noqa: ANN401
    """Optimizer, loss and metrics in a few words."""
    metrics = plain(config.get("metrics"))
    return Training(
        optimizer=plain(optimizer),
        loss=plain(config.get("loss")) or None,
        metrics=tuple(metrics.split(", ")) if metrics else (),
    )


def plain(thing: Any, depth: int = 0) -> str | None:  # noqa: ANN401
    """Return a serialized optimizer, loss or metric as its name; several of them with commas."""
    if isinstance(thing, str):
        return text.clean(thing, 80)
    if depth > PLAIN_DEPTH:
        return None
    if isinstance(thing, dict):
        return _plain_object(thing, depth)
    if isinstance(thing, (list, tuple)):
        return ", ".join(one for one in (plain(each, depth + 1) for each in thing[:8]) if one)
    return None


def _plain_object(thing: dict[str, Any], depth: int) -> str | None:
    name, inner = thing.get("class_name"), thing.get("config")
    if isinstance(inner, str) and isinstance(name, str):  # a function
        return text.optional(inner, 80)
    if name in WRAPPERS and isinstance(inner, dict):
        return plain(inner.get("fn") or inner.get("name"), depth + 1)
    if isinstance(name, str):
        return text.clean(name.rpartition(">")[2], 80)
    parts = [f"{text.clean(key, 40)}: {plain(one, depth + 1)}" for key, one in thing.items()]
    return ", ".join(parts[:8])
