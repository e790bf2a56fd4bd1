"""Small nouns for tests of this room."""

import numpy as np

from runner.doctor.interpreter_survey import Survey
from runner.evaluate.file_findings import FileEvidence
from runner.model.evidence import Ending, Evidence, Failure, Observation, Stage
from runner.model.inspection import (
    Architecture,
    CodeItem,
    FileFormat,
    Inspection,
    Level,
    Remark,
    Saver,
    Training,
)
from runner.model.matrix import Backend, Environment, Format, Installation, KerasApi
from runner.model.user_file import ExternalFile, FileCopy
from runner.plan.candidates import Candidate


def candidate(id_, *, keras=None, tensorflow=None, backend=Backend.TENSORFLOW, legacy=False):
    api = KerasApi.TF_KERAS if id_.startswith("tf") and not (keras or "").startswith("3") else (
        KerasApi.KERAS
    )  # fmt: skip
    environment = Environment(
        id=id_,
        installation=Installation(name=id_, python="3.11", requirements=()),
        api=api,
        backend=backend,
        legacy_keras=legacy,
    )
    return Candidate(environment=environment, keras=keras, tensorflow=tensorflow)


THEANO = candidate("keras2.3.1-theano", keras="2.3.1", backend=Backend.THEANO)
TF115 = candidate("tf1.15", tensorflow="1.15.5")
TF210 = candidate("tf2.10", tensorflow="2.10.0", keras="2.10.0")
TF215 = candidate("tf2.15", tensorflow="2.15.1", keras="2.15.0")
TF221 = candidate("tf2.21", tensorflow="2.21.0", keras="3.15.1")
JAX = candidate("keras3.15-jax", keras="3.15.1", backend=Backend.JAX)
DEFAULT = (THEANO, TF115, TF210, TF215, TF221, JAX)


def inspection(format_=FileFormat.H5, *, layers=("Dense",), code=(), remarks=(), **saver):
    saver.setdefault("generation", int(saver["keras"][0]) if saver.get("keras") else None)
    return Inspection(
        path="model",
        format=format_,
        title="a model",
        bytes=1,
        saver=Saver(**saver),
        architecture=Architecture(class_name="Model", layers=tuple((n, 1) for n in layers)),
        training=Training(optimizer="Adam", loss="mse"),
        code=tuple(CodeItem(kind=kind, where="l", detail="runs") for kind in code),
        remarks=tuple(Remark(id=name, level=Level.TRAP, text=name) for name in remarks),
    )


def staged(format_=Format.H5, *, misnamed=False):
    external = ExternalFile(
        name="own/m", canonical="m", misnamed=misnamed, architecture=False, yaml=False,
        custom=None, asked=(), hints=(),
    )  # fmt: skip
    return FileCopy(folder=None, digest="0" * 64, format=format_, external=external)


def predicted(*values, again=None):
    outputs = (np.array(values, dtype="float32"),)
    seen = Observation(outputs=outputs, again=None if again is None else (np.array(again),))
    evidence = Evidence(
        kind="load", ending=Ending.DONE, stage=Stage.DONE, seconds=0.1, observation=seen
    )
    return FileEvidence(evidence=evidence)


def failed(text, type_="ValueError", stage=Stage.READ, **more):
    failure = Failure(type=type_, message=text, traceback=f"{type_}: {text}", innermost=text)
    return FileEvidence(
        evidence=Evidence(
            kind="load", ending=Ending.DONE, stage=stage, seconds=0.1, failure=failure, **more
        )
    )


def died(ending=Ending.CRASHED, signal=11):
    return FileEvidence(
        evidence=Evidence(kind="load", ending=ending, stage=Stage.READ, seconds=0.0, signal=signal)
    )


def surveyed(*, variables=(), keras_json=None, doubled=(), **packages):
    names = {name.replace("_", "-"): number for name, number in packages.items()}
    modules = tuple(
        name
        for name in ("tensorflow", "keras", "tf_keras", "jax")
        if name.replace("_", "-") in names
    )
    return Survey(
        python="3.11.7", executable="/usr/bin/python3", packages=tuple(names.items()),
        doubled=doubled, modules=modules, keras_json=keras_json, variables=variables,
    )  # fmt: skip
