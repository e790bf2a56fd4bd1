"""Read a traceback's frames: at which stage it failed, and in whose code. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

# ``File "/x/y.py", line 3, in f`` and ``File ~/y.py:3, in f(x)``.
CPYTHON = re.compile(
    r'^\s*File "(?P<path>[^"\n]+)", line \d+(?:, in (?P<function>[\w.<>]+))?', re.MULTILINE
)
IPYTHON = re.compile(
    r"^\s*File (?P<path>[^\"\s][^:\n]*(?::[\\/][^:\n]*)?):\d+, in (?P<function>[\w.<>]+)",
    re.MULTILINE,
)
OLD_IPYTHON = re.compile(
    r"^(?P<path>(?:~|<|[A-Za-z]:|[./\\])?[\w .@+~/\\<>-]*(?:\.pyx?|>)) in (?P<function>[\w.<>]+)",
    re.MULTILINE,
)
PACKAGE = re.compile(r"(?:site|dist)-packages[/\\](?P<name>\w+)")
INTERPRETER = re.compile(
    r"(?P<prefix>(?:/|[A-Za-z]:[/\\])[^\"\n]*?)[/\\](?P<lib>lib|Lib|lib64)[/\\]"
    r"(?:python3\.\d+[/\\])?(?:site|dist)-packages"
)
LIBRARIES = (
    *("keras", "tf_keras", "tensorflow", "tensorflow_core", "h5py", "numpy", "theano"),
    *("jax", "torch"),
)


class LoadStage(StrEnum):
    """How far a program came."""

    IMPORT = "import"
    OPEN = "open"
    CONFIGURATION = "configuration"
    BUILD = "build"
    WEIGHTS = "weights"
    PREDICT = "predict"
    TRAIN = "train"
    SAVE = "save"


# The stage of a frame, by function or by path and function; the innermost that says one counts.
STAGES = (
    (LoadStage.SAVE, r"\b(save|save_model|save_weights|export|_save_model|to_json|dump|dumps)$"),
    (LoadStage.WEIGHTS, (r"\b(load_weights\w*|set_weights|_load_state|load_own_variables|"
                        r"_raise_loading_failure|batch_set_value|restore|load_subset_weights\w*)$")),
    (LoadStage.CONFIGURATION, (r"\b(\w*from_config|deserialize\w*|_?model_from_\w+|raw_decode|"
                              r"class_and_config_\w+|process_layer|_revive\w*|_reconstruct\w*)$")),
    (LoadStage.PREDICT, r"\b(predict\w*|_?make_predict_function|predict_step)$"),
    (LoadStage.TRAIN, r"\b(fit|fit_generator|train_\w+|evaluate|compile)$"),
    (LoadStage.BUILD, r"\b(build|add_weight|_maybe_build|compute_output_\w+|add)$"),
    (LoadStage.OPEN, r"h5py\S* (\w+\.)*(make_fid|open|__init__)$|zipfile\S* \w+$|\bload_model\w*$"),
    (LoadStage.IMPORT, (r"<frozen importlib\S* \w+$|\b(<module>|import_module|_find_and_load\w*|"
                       r"swig_import_helper|preload_check)$")),
)  # fmt: skip
STAGE_OF = tuple((stage, re.compile(pattern)) for stage, pattern in STAGES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One frame: its file as printed, with slashes, and its function."""

    path: str
    function: str

    @property
    def package(self) -> str | None:
        """The installed package whose code it is; None for the user's own."""
        match = PACKAGE.search(self.path)
        if match:
            return match["name"]
        first = self.path.lstrip("./").split("/")[0]
        return first if first in LIBRARIES else None


def frames_in(text: str) -> tuple[Frame, ...]:
    """Return every frame that a normalised log shows, in order."""
    found = [
        (
            match.start(),
            Frame(path=match["path"].replace("\\", "/"), function=match["function"] or ""),
        )
        for pattern in (CPYTHON, IPYTHON, OLD_IPYTHON)
        for match in pattern.finditer(text)
    ]
    return tuple(frame for _, frame in sorted(found, key=lambda pair: pair[0]))


def stage_in(frames: tuple[Frame, ...]) -> LoadStage | None:
    """Return the stage that the innermost telling frame says; None where no frame does."""
    for frame in reversed(frames):
        said = f"{frame.path} {frame.function}"
        for stage, pattern in STAGE_OF:
            if pattern.search(said) and not _is_script(stage, frame):
                return stage
    return None


def _is_script(stage: LoadStage, frame: Frame) -> bool:
    """Whether ``<module>`` is the user's script, which says nothing of an import."""
    return stage is LoadStage.IMPORT and frame.package is None and "<frozen" not in frame.path


def owner_in(frames: tuple[Frame, ...]) -> str | None:
    """Return the package whose code raised it, or "your own code"; None without frames."""
    if not frames:
        return None
    return frames[-1].package or "your own code"


def python_in(text: str) -> str | None:
    """Return the path of the interpreter whose packages the frames name."""
    match = INTERPRETER.search(text)
    if match is None or "…" in match["prefix"]:
        return None
    if match["lib"] == "Lib" or re.match(r"[A-Za-z]:", match["prefix"]):
        return f"{match['prefix']}/python.exe"
    return f"{match['prefix']}/bin/python"
