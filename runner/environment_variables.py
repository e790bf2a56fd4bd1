"""The variables an environment's processes see: the host's, less what would bend results."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from runner.model.axes import RUNTIME_AXES
from runner.model.matrix import KerasApi

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runner.model.matrix import Environment

# A user's own settings for Keras, its backends and Python must not reach the environments.
DROPPED_PREFIXES = ("PYTHON", "KERAS", "TF_", "THEANO", "XLA_", "JAX_", "KMATRIX_", "CUDA_")
DROPPED = frozenset({"VIRTUAL_ENV", "CONDA_PREFIX", "LD_PRELOAD", "__PYVENV_LAUNCHER__"})

QUIET_AND_SMALL = {
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_ENABLE_ONEDNN_OPTS": "0",  # oneDNN reorders sums; versions differ in when it is on
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
}


def clean_environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the host's variables without those that steer Python or Keras."""
    source = os.environ if base is None else base
    return {
        name: value
        for name, value in source.items()
        if name not in DROPPED and not name.startswith(DROPPED_PREFIXES)
    }


def worker_variables(environment: Environment, home: Path) -> dict[str, str]:
    """Everything the worker of ``environment`` sees. ``home`` keeps ``~/.keras`` out."""
    return {**clean_environment(), **_own_variables(environment, str(home))}


def container_variables(environment: Environment, home: str) -> dict[str, str]:
    """Return the same for a container, in addition to its image's: none of this machine's."""
    return _own_variables(environment, home)


def _own_variables(environment: Environment, home: str) -> dict[str, str]:
    return {
        **QUIET_AND_SMALL,
        "HOME": home,
        "TMPDIR": home,  # frameworks leave generated files behind
        "KERAS_HOME": f"{home}/.keras",
        "XDG_CACHE_HOME": f"{home}/.cache",
        **defining_variables(environment),
    }


def _runtime_variables(environment: Environment) -> dict[str, str]:
    found: dict[str, str] = {}
    for axis in RUNTIME_AXES:
        found.update(axis.variables[getattr(environment, axis.field)])
    return found


def defining_variables(environment: Environment) -> dict[str, str]:
    """Return the variables that make this environment what it is; part of every evidence key."""
    return {
        **dict(environment.variables),
        "KMATRIX_API": str(environment.api),
        **_runtime_variables(environment),
        **({"TF_USE_LEGACY_KERAS": "1"} if environment.legacy_keras else {}),
        **(
            {"KERAS_BACKEND": str(environment.backend)} if environment.api is KerasApi.KERAS else {}
        ),
    }
