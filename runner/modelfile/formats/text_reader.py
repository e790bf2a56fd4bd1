"""Text files: architectures in JSON and YAML, and what is saved in place of a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.model.inspection import FileFormat, Level, Weights
from runner.modelfile import limits
from runner.modelfile import printable as text
from runner.modelfile.architecture.config import modern
from runner.modelfile.formats.parse import NotReadable, parse_json, parse_yaml

if TYPE_CHECKING:
    from runner.modelfile.draft import Draft

LFS = "version https://git-lfs.github.com/spec/"
LFS_SIZE = re.compile(r"^size (\d+)$", re.MULTILINE)


def read_text(draft: Draft, data: bytes) -> None:
    """Fill in what a text says. ``data`` may be cut where the file is very large."""
    content = data.decode("utf-8", "replace").lstrip("\ufeff").strip()
    lower = content[:1000].lower()
    if content.startswith(LFS):
        _pointer(draft, content)
    elif lower.startswith(("<!doctype", "<html", "<head", "<?xml", "<body", "<!--")):
        _markup(draft, content, lower)
    elif content[:1] in ("{", "[", '"'):
        _json(draft, content, whole=len(data) <= limits.CONFIG_BYTES)
    elif re.search(r"^(class_name|keras_version|backend|config):", content[:20000], re.MULTILINE):
        _yaml(draft, content)
    else:
        draft.format = FileFormat.TEXT
        draft.problem("not-a-model", f"text, no model; it begins: {text.clean(content, 60)!r}")


def _pointer(draft: Draft, content: str) -> None:
    draft.format = FileFormat.LFS_POINTER
    size = LFS_SIZE.search(content)
    words = f" of {text.size(int(size.group(1)[:18]))}" if size else ""
    draft.problem(
        "lfs-pointer",
        f"a Git LFS pointer, not the file{words} it stands for: run git lfs pull, or download it",
    )


def _markup(draft: Draft, content: str, lower: str) -> None:
    """Recognise a web page (a download that needed a login) or XML (an OpenVINO model)."""
    if "<html" in lower or lower.startswith(("<!doctype html", "<head", "<body")):
        draft.format = FileFormat.HTML
        draft.problem(
            "html", f"a web page, saved in place of a model{_html_title(content)}; fetch it again"
        )
    else:
        draft.format = FileFormat.TEXT
        draft.problem("not-a-model", f"XML, no Keras model; it begins: {text.clean(content, 60)!r}")


def _html_title(content: str) -> str:
    found = re.search(r"<title[^>]*>([^<]{1,80})", content[:20000], re.IGNORECASE)
    return f" ({text.clean(found.group(1).strip())})" if found else ""


def _json(draft: Draft, content: str, *, whole: bool) -> None:
    draft.format = FileFormat.JSON
    if not whole:  # what is cut off here is no fault of the file
        larger = f"it is larger than {text.size(limits.CONFIG_BYTES)}"
        draft.problem("too-much", f"{larger}; it was not looked at")
        return
    try:
        value = parse_json(content)
        if isinstance(value, str):  # json.dump(model.to_json()) encodes it twice
            value = parse_json(value)
            draft.remark(
                "json-twice",
                Level.TRAP,
                "JSON inside a JSON string: model_from_json(json.load(open(path))) reads it",
            )
    except NotReadable as error:
        if error.ends_early:
            draft.damaged(f"the JSON ends before it is complete ({error})", truncated=True)
        else:
            draft.problem("not-a-model", f"it begins like JSON, and is not ({error})")
        return
    except limits.TooMuch as error:
        draft.problem("too-much", f"{error}; it was not looked at")
        return
    if isinstance(value, dict) and ("modelTopology" in value or "weightsManifest" in value):
        _tfjs(draft, value)
    else:
        take_architecture(draft, value)


def _tfjs(draft: Draft, value: dict[str, Any]) -> None:
    draft.format = FileFormat.TFJS
    topology = value.get("modelTopology")
    if isinstance(topology, dict):
        version = text.optional(topology.get("keras_version"), 40)
        draft.saved_by(keras=version, backend=text.optional(topology.get("backend"), 40),
                       told_by="modelTopology" if version else None)  # fmt: skip
        if isinstance(topology.get("model_config"), dict):
            draft.model(topology["model_config"])
    draft.problem(
        "not-keras",
        "a TensorFlow.js model: convert it with tensorflowjs_converter, or load it in JavaScript",
    )


def take_architecture(draft: Draft, value: Any) -> None:  # noqa: ANN401
    """Read a value that should be an architecture."""
    if isinstance(value, dict) and "weight_map" in value:
        draft.problem("weights-only", "the index of sharded weights, no model")
        return
    value = modern(value)
    if not isinstance(value, dict) or not isinstance(value.get("class_name"), str):
        draft.problem("not-a-model", f"{draft.format.upper()}, but no model: it has no class_name")
        return
    draft.saved_by(
        keras=text.optional(value.get("keras_version"), 40),
        backend=text.optional(value.get("backend"), 40),
        told_by="keras_version" if isinstance(value.get("keras_version"), str) else None,
    )
    draft.model(value)
    draft.weights = Weights(present=False)
    if "optimizer" in value and draft.training is None:  # Keras 0.x
        draft.trained(value)
    loader = "model_from_yaml (TensorFlow 2.5 and before)"
    if draft.format is FileFormat.JSON:
        loader = "model_from_json"
    if draft.saver.generation == 0:
        draft.problem("keras-0", "an architecture of Keras 0.x: no later Keras reads it")
    draft.remark(
        "architecture-only",
        Level.NOTE,
        f"architecture only, no weights: {loader}, then load_weights() from their own file",
    )


def _yaml(draft: Draft, content: str) -> None:
    draft.format = FileFormat.YAML
    try:
        value, tags = parse_yaml(content)
    except NotReadable as error:
        draft.problem("not-a-model", f"it begins like a model in YAML, and is not YAML ({error})")
        return
    except limits.TooMuch as error:
        draft.problem("too-much", f"{error}; it was not looked at")
        return
    for tag in tags:
        draft.code("yaml tag", tag, "an unsafe YAML loader would run it")
    take_architecture(draft, value)
