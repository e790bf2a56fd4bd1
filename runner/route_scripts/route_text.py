"""The script of a way of loading a saved model: a route and its patches, for one file and Keras."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from runner.convert.script_text import ScriptOptions, conversion_script
from runner.model.matrix import Format, KerasApi
from runner.model.scripts import AUTHOR, Script
from runner.model.steps import AS_IS
from runner.route_scripts.loader_keras import loader_keras
from runner.route_scripts.script_builder import ScriptBuilder, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runner.model.keras_identity import KerasIdentity
    from runner.model.matrix import Environment
    from runner.route_scripts.loader_keras import LoaderKeras

AGAIN = "again"  # what a file is called that another environment saved again
MEND = "mend"  # the module that converts a file
NAMES = {
    Format.H5: ".h5",
    Format.KERAS: ".keras",
    Format.WEIGHTS_H5: ".weights.h5",
    Format.JSON: ".json",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FileNames:
    """What the script calls the file."""

    main: str
    weights: str = ""  # beside a JSON
    canonical: str = ""  # as files of this format are called, where ``main`` is misleading


@dataclass(frozen=True, kw_only=True, slots=True)
class Loading:
    """What the script of a load depends on.

    supplied: the model's author has classes that the file asks for. legacy_weights: the layout of
    ``.weights.h5`` is that of before Keras 2.12. architecture: the file holds no weights.
    """

    format: Format
    environment: Environment
    identity: KerasIdentity | None = None
    supplied: bool = False
    legacy_weights: bool = False
    stem: str = "model"
    names: FileNames | None = None
    architecture: bool = False
    yaml: bool = False
    yaml_as_json: tuple[str, str] | None = None  # see FileCopy
    wrapped: bool = False  # a JSON text that holds the JSON as a string
    shown: tuple[tuple[str, str], ...] = ()


@cache
def script_of(way: str, loading: Loading) -> Script:
    """The script that loads by a route and corrects by the patches behind it."""
    base, *patches = way.split("+")
    writer = _Writer(loading)
    writer.load(base)
    for patch in patches:
        PATCHES[patch](writer)
    return writer.finished()


@cache
def script_to_save_again(loading: Loading, format_: Format) -> Script:
    """The script that loads as is and saves in another format, under another name."""
    writer = _Writer(loading)
    writer.load(AS_IS)
    writer.save(format_)
    return writer.finished()


class _Writer:
    """One script in the making."""

    def __init__(self, loading: Loading) -> None:
        self.loading = loading
        self.keras: LoaderKeras = loader_keras(loading.environment, loading.identity)
        self.script = ScriptBuilder()
        self.files: tuple[tuple[str, str], ...] = ()
        stem = loading.stem
        self.names = loading.names or FileNames(
            main=stem + NAMES.get(loading.format, ""), weights=f"{stem}.weights.h5"
        )

    def load(self, base: str) -> None:
        """Write what makes ``model``, or ``predict``."""
        self.keras.imported(self.script)
        BASES[base](self)

    def finished(self) -> Script:
        """The script with what it needs beside it."""
        if not any("keras." in line for line in (*self.script.parts, *self.script.lines)):
            self.script.imports = [
                one for one in self.script.imports if one != self.keras.statement
            ]
        return Script(
            text=self.script.text(),
            files=self.files,
            shown=self.loading.shown,
            stem=self.loading.stem,
        )

    # Pieces

    @property
    def file(self) -> str:
        """The file's name as Python writes it."""
        return quoted(self.names.main)

    def objects(self) -> str:
        """The argument ``custom_objects`` behind another, where the model needs it."""
        if not self.loading.supplied:
            return ""
        return f", custom_objects={self.script.of_author('OBJECTS')}"

    def load_model(self, file: str, options: str = "") -> None:
        """Write a call of ``load_model``."""
        self.script.write(f"model = keras.models.load_model({file}{self.objects()}{options})")

    def build(self) -> None:
        """Write a call of the author's code."""
        self.script.write(f"model = {self.script.of_author('build')}()")

    def weights_file(self) -> str:
        """The HDF5 file with the weights as Python writes its name; taken out of a zip."""
        if self.loading.format is Format.KERAS:
            self.script.need("import zipfile")
            self.script.write(
                f"with zipfile.ZipFile({self.file}) as packed:",
                '    packed.extract("model.weights.h5")',
            )
            return '"model.weights.h5"'
        return quoted(self.names.weights) if self.loading.format is Format.JSON else self.file

    def checkpoint(self) -> str:
        """The prefix of the checkpoint as Python writes it."""
        if self.loading.format is Format.CHECKPOINT:
            return self.file
        return quoted(f"{self.names.main}/variables/variables")

    def renamed(self, file: str, new: str) -> str:
        """A copy under another name, as Python writes it."""
        self.script.need("import shutil")
        self.script.write(f"shutil.copyfile({file}, {quoted(new)})")
        return quoted(new)

    def scope(self, functions: str = "") -> str:
        """A scope with the author's classes and functions of the script's own; "" for none."""
        objects = self.script.of_author("OBJECTS") if self.loading.supplied else ""
        if objects and functions:
            functions = f"dict({objects}, **{functions})"
        known = functions or objects
        return f"with keras.utils.CustomObjectScope({known}):" if known else ""

    def indented(self, scope: str, *lines: str) -> None:
        """Write lines below a scope; as they are without one."""
        self.script.write(*([scope] if scope else []))
        self.script.write(*(f"    {line}" if scope else line for line in lines))

    def save(self, format_: Format) -> None:
        """Write what saves the model under another name."""
        name = quoted(AGAIN + NAMES.get(format_, ""))
        if format_ is Format.JSON:
            self.script.write(
                f'with open({name}, "w") as stream:', "    stream.write(model.to_json())"
            )
        if format_ in (Format.WEIGHTS_H5, Format.JSON):
            self.script.write(f'model.save_weights("{AGAIN}.weights.h5")')
            return
        asked = format_ is Format.KERAS and not self.keras.archives
        option = ', save_format="keras"' if asked else ""
        if format_ is Format.SAVEDMODEL and not self.keras.keras3:
            option = ', save_format="tf"'
        self.script.write(f"model.save({name}{option})")


# Routes


def _as_is(w: _Writer) -> None:
    match w.loading.format:
        case Format.WEIGHTS_H5:
            w.build()
            w.script.write(f"model.load_weights({w.file})")
        case Format.CHECKPOINT:
            w.build()
            w.script.write(
                f"status = model.load_weights({w.file})",
                'if hasattr(status, "expect_partial"):',
                "    status.expect_partial()",
            )
        case Format.JSON:
            _architecture(w)
            if not w.loading.architecture:
                w.script.write(f"model.load_weights({quoted(w.names.weights)})")
        case Format.EXPORT:
            w.script.part("signature_call")
            w.script.write(
                f"loaded = tf.saved_model.load({w.file})",
                'serve = getattr(loaded, "serve", None) or loaded.signatures["serving_default"]',
                *("", "", "def predict(inputs):", "    return call_endpoint(serve, inputs)"),
            )
        case _:
            w.load_model(w.file)


def _architecture(w: _Writer) -> None:
    reader = "model_from_yaml" if w.loading.yaml else "model_from_json"
    w.script.write(
        f'with open({w.file}, encoding="utf-8") as stream:',
        "    text = stream.read()",
        f"model = keras.models.{reader}(text{w.objects()})",
    )


def _compile_false(w: _Writer) -> None:
    w.load_model(w.file, ", compile=False")


def _scope(w: _Writer) -> None:
    w.indented(w.scope(), f"model = keras.models.load_model({w.file}, compile=False)")


def _safe_mode_off(w: _Writer) -> None:
    w.script.notes.append("# This runs code that is in the file: only for files that you trust.")
    w.load_model(w.file, ", compile=False, safe_mode=False")


def _legacy_keras(w: _Writer) -> None:
    w.script.imports.remove(w.keras.statement)
    w.script.need("import tf_keras as keras  # pip install tf-keras")
    w.load_model(w.file, ", compile=False")


def _renamed_file(w: _Writer) -> None:
    if w.loading.wrapped:
        w.script.need("import json")
        w.script.write(
            f'with open({w.file}, encoding="utf-8") as stream:',
            "    text = json.load(stream)  # the file holds the text as a string",
            f"model = keras.models.model_from_json(text{w.objects()})",
        )
    elif w.names.canonical:
        w.load_model(w.renamed(w.file, w.names.canonical))
    else:
        new = w.renamed(w.weights_file(), "legacy.h5")
        w.build()
        w.script.write(f"model.load_weights({new})")


def _edited_copy(w: _Writer) -> None:
    new = "mended.keras" if w.keras.archives else "mended.h5"
    new = "mended.json" if w.loading.architecture else new
    inside = w.loading.environment.api is KerasApi.TF_KERAS
    options = ScriptOptions(
        keras="tf.keras" if inside else "keras",
        way="translated",
        format=new.removeprefix("mended."),
        force=True,
        trusted=True,
        yaml_as_json=(w.loading.yaml_as_json,) if w.loading.yaml_as_json is not None else (),
    )
    w.files = ((f"{MEND}.py", _conversion(options)),)
    w.script.notes.append(
        f"# {MEND}.py translates the file. A command that does this, and writes {MEND}.py:\n"
        f"# {_command(w)}"
    )
    w.script.need(f"import {MEND}")
    weights = ""
    if w.loading.format is Format.JSON and not w.loading.architecture:
        weights = f", {quoted(w.names.weights)}"
    known = f", {w.script.of_author('OBJECTS')}" if w.loading.supplied else ""
    w.script.write(
        f"target = {MEND}.TargetKeras({MEND}.KERAS{known})",
        f"{MEND}.convert_file(target, {w.file}, {quoted(new)}{weights})",
    )
    if w.loading.architecture:
        w.script.write(
            f'with open({quoted(new)}, encoding="utf-8") as stream:',
            f"    model = keras.models.model_from_json(stream.read(){w.objects()})",
        )
    else:
        w.load_model(quoted(new))


def _command(w: _Writer) -> str:
    """The command of kmatrix that translates the file, for a POSIX shell."""
    words = ["kmatrix", "convert", w.names.main, "--to", w.loading.environment.id]
    words += ["--custom", f"{AUTHOR}.py"] if w.loading.supplied else []
    return shlex.join([*words, "--script", f"{MEND}.py"])


_conversion = cache(conversion_script)


def _rebuild_weights(w: _Writer) -> None:
    file = w.weights_file()
    if w.loading.format is Format.JSON and w.loading.legacy_weights:
        file = w.renamed(file, "legacy.h5")
    w.build()
    w.script.write(f"model.load_weights({file})")


def _rebuild_by_name(w: _Writer) -> None:
    file = w.weights_file()
    if not w.names.main.endswith(".h5") or w.loading.format is not Format.H5:
        file = w.renamed(file, "legacy.h5")
    w.build()
    w.script.write(f"model.load_weights({file}, by_name=True)")


def _copied_weights(w: _Writer) -> None:
    w.script.part("weights_by_layer")
    file = w.weights_file()
    w.build()
    w.script.write(f"copy_weights(model, {file})")


def _checkpoint_variables(w: _Writer) -> None:
    w.script.part("checkpoint_variables")
    w.build()
    w.script.write(f"copy_variables(model, {w.checkpoint()})")


def _defaults(arguments: str) -> Callable[[_Writer], None]:
    def write(w: _Writer) -> None:
        folder = w.loading.format in (Format.SAVEDMODEL, Format.CHECKPOINT, Format.EXPORT)
        w.script.part("recurrent_arguments")
        w.script.part("checkpoint_variables" if folder else "weights_by_layer")
        w.build()
        w.script.write(
            "config = model.get_config()",
            f"if not set_arguments(config, {arguments}):",
            '    raise ValueError("no argument of this model has another default there")',
        )
        w.indented(w.scope(), "model = type(model).from_config(config)")
        if folder:
            w.script.write(f"copy_variables(model, {w.checkpoint()})")
        else:
            w.script.write(f"copy_weights(model, {w.weights_file()})")

    return write


def _tfsm_layer(w: _Writer) -> None:
    w.script.part("signature_call")
    w.script.write(
        f"names = sorted(tf.saved_model.load({w.file}).signatures)",
        'name = "serving_default" if "serving_default" in names else names[0]',
        f"layer = keras.layers.TFSMLayer({w.file}, call_endpoint=name)",
        *("", "", "def predict(inputs):", "    return call_layer(layer, inputs)"),
    )


def _saved_model_graph(w: _Writer) -> None:
    w.script.part("signature_call")
    w.script.write(
        f"loaded = tf.saved_model.load({w.file})",
        *("", "", "def predict(inputs):"),
        '    return call_signature(loaded.signatures["serving_default"], inputs)',
    )


def _saved_model_session(w: _Writer) -> None:
    w.script.part("graph_session")
    w.script.write(f"predict = GraphSession({w.file}).predict")


# Patches


def _flipped_kernels(w: _Writer) -> None:
    w.script.part("turned_kernels")
    w.script.write("turn_kernels(model)")


def _old_hard_sigmoid(w: _Writer) -> None:
    _hard_sigmoid(w, "Keras 2", "keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)")


def _new_hard_sigmoid(w: _Writer) -> None:
    _hard_sigmoid(w, "Keras 3", "keras.backend.clip(x + 3.0, 0.0, 6.0) / 6.0")
    if w.keras.graphs:
        w.script.write("", "# A graph that is made already does not look at an activation again.")
        w.indented(
            w.scope('{"hard_sigmoid": hard_sigmoid}'),
            "again = type(model).from_config(model.get_config())",
        )
        w.script.write("again.set_weights(model.get_weights())", "model = again")


def _hard_sigmoid(w: _Writer, definer: str, maths: str) -> None:
    w.script.part("activations_replaced")
    w.script.write(
        *("", "", "def hard_sigmoid(x):", f'    """As {definer} defines it."""'),
        *(f"    return {maths}", "", ""),
        'replace_activation(model, "hard_sigmoid", hard_sigmoid)',
    )


def _steps_per_execution(w: _Writer) -> None:
    w.script.write("model.steps_per_execution = 1")


BASES: Mapping[str, Callable[[_Writer], None]] = {
    AS_IS: _as_is,
    "compile-false": _compile_false,
    "custom-object-scope": _scope,
    "safe-mode-off": _safe_mode_off,
    "legacy-keras": _legacy_keras,
    "renamed-file": _renamed_file,
    "edited-copy": _edited_copy,
    "rebuild-weights": _rebuild_weights,
    "rebuild-weights-by-name": _rebuild_by_name,
    "copied-weights": _copied_weights,
    "checkpoint-variables": _checkpoint_variables,
    "defaults-of-keras-2.2": _defaults(
        '{"recurrent_activation": "hard_sigmoid", "reset_after": False}'
    ),
    "defaults-of-keras-2.3": _defaults('{"recurrent_activation": "sigmoid", "reset_after": False}'),
    "defaults-of-tf-2": _defaults('{"recurrent_activation": "sigmoid", "reset_after": True}'),
    "tfsm-layer": _tfsm_layer,
    "saved-model-graph": _saved_model_graph,
    "saved-model-session": _saved_model_session,
}
PATCHES: Mapping[str, Callable[[_Writer], None]] = {
    "flipped-kernels": _flipped_kernels,
    "old-hard-sigmoid": _old_hard_sigmoid,
    "new-hard-sigmoid": _new_hard_sigmoid,
    "steps-per-execution": _steps_per_execution,
}
