"""Converts files to one target: the cheapest way first, written only when it predicts the same."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Protocol
from zipfile import BadZipFile

from runner.convert.atomic_move import PublishError, publish
from runner.convert.conversion import AppliedRule, Conversion, NewFormat, State, Way
from runner.convert.naming import format_of
from runner.convert.readable_copy import (
    architecture_of_keras1,
    with_own_separators,
    without_training_settings,
)
from runner.convert.refusals import ARCHITECTURES, refusal
from runner.convert.script_runs import run_checks, run_conversions
from runner.convert.script_text import ScriptOptions, conversion_script
from runner.convert.verification import compare_predictions
from runner.model.inspection import FileFormat
from runner.model.matrix import Tolerance
from runner.modelfile.formats.parse import yaml_as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from runner.convert.conversion import Source
    from runner.convert.places import Place
    from runner.model.inspection import Inspection


FILES = (".keras", ".h5", ".hdf5")
GRAPH_TO = (NewFormat.KERAS, NewFormat.H5)
WITHOUT_STATE = (NewFormat.WEIGHTS_H5, NewFormat.SAVEDMODEL)
OWN_ORDER = (NewFormat.JSON, NewFormat.SAVEDMODEL)  # their weights are not in the model's order
HALF_PRECISION = Tolerance(rtol=1e-2, atol=1e-3)  # float16 has 11 bits
NOT_A_FOLDER = (
    "a SavedModel without a Keras model in it: its graph becomes a SavedModel for inference only, "
    "which is a folder; leave out --format, and give a folder's name to -o"
)


class References(Protocol):
    """Environments that may read an original."""

    def order(self, inspection: Inspection) -> Sequence[str]:
        """Their ids, the likeliest first."""

    def open(self, name: str) -> Place | None:
        """One of them, built if it has to be; None where that is impossible."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """How to convert."""

    format: NewFormat | None = None
    force: bool = False
    trusted: bool = False
    custom: str | None = None  # a file with the author's classes
    unverified: bool = False
    named: bool = False  # the user named the new file, with its suffix
    seconds: float = 120.0  # for each file and step


@dataclass(slots=True)
class _Job:
    """One file on its way."""

    number: int
    source: Source
    inspection: Inspection
    new: Path
    folder: Path
    format: NewFormat
    staged: Path
    input: Source
    failed: str | None = None
    answer: dict[str, Any] = field(default_factory=dict)
    way: Way | None = None
    donor: str | None = None
    reference: str | None = None
    difference: float | None = None
    tried: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)  # environments, and how they fail
    script: str = ""
    readable: Path | None = None  # a copy that environments on this system read
    graph: bool = False  # only the graph of a SavedModel is left, for inference

    @property
    def architecture(self) -> bool:
        """Whether there is an architecture and no weights."""
        return self.inspection.format in ARCHITECTURES and self.source.weights is None


class Converter:
    """Converts files. ``convert`` is all that a caller needs."""

    def __init__(
        self,
        *,
        target: Place,
        references: References,
        wish: Wish,
        tolerance: Tolerance,
        scratch: Path,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._target = target
        self._references = references
        self._wish = wish
        self._tolerance = tolerance
        self._scratch = scratch
        self._say = say
        self._runs = 0

    def convert(self, files: Sequence[tuple[Source, Inspection, Path]]) -> tuple[Conversion, ...]:
        """Convert each file to the path beside it; one that fails does not end the others."""
        jobs = [self._prepare(number, *one) for number, one in enumerate(files)]
        self._say(f"converting in {self._target.name}")
        self._translate([job for job in _going(jobs) if not _is_folder(job)], way="auto")
        self._donate([job for job in jobs if _needs_donor(job)])
        self._export([job for job in jobs if job.graph and job.failed is None])
        self._check(_going(jobs))
        self._verify(_going(jobs))
        again = [job for job in jobs if job.failed is not None and job.way is Way.AS_IS]
        if again:
            for job in again:
                job.failed, job.tried = None, set()
            self._translate(again, way="translated")
            self._check(_going(again))
            self._verify(_going(again))
        bare = [job for job in jobs if job.failed is not None and job.answer.get("optimizer")]
        if bare:
            for job in bare:
                job.failed, job.tried = None, set()
            self._translate(bare, way="translated", training=False)
            self._check(_going(bare))
            self._verify(_going(bare))
        return tuple(self._finish(job) for job in jobs)

    def _prepare(self, number: int, source: Source, inspection: Inspection, new: Path) -> _Job:
        folder = self._scratch / f"file-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        wanted = format_of(source, inspection, self._wish.format or self._target.native)
        job = _Job(
            number=number,
            source=source,
            inspection=inspection,
            new=new,
            folder=folder,
            format=wanted,
            staged=folder / f"new{wanted.suffix}",
            input=source,
        )
        job.readable = _readable(inspection, source.path, folder / "readable")
        job.failed = refusal(inspection, trusted=self._wish.trusted)
        if job.failed is None and (new.exists() or new.is_symlink()) and not self._wish.force:
            job.failed = f"{new} exists; --force replaces it"
        return job

    def _folder(self) -> Path:
        self._runs += 1
        return self._scratch / f"run-{self._runs}"

    def _run(self, place: Place, checks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return run_checks(
            place,
            checks,
            folder=self._folder(),
            seconds=self._wish.seconds,
            custom=self._wish.custom,
        )

    def _translate(self, jobs: Sequence[_Job], *, way: str, training: bool = True) -> None:
        for wanted in sorted({job.format for job in jobs}):
            part = [job for job in jobs if job.format is wanted]
            options = ScriptOptions(
                keras=self._target.keras,
                way=way,
                format=str(wanted),
                force=True,
                trusted=self._wish.trusted,
                custom=self._wish.custom,
                training=training,
                kept=f".kept{self._target.native.suffix}",
                yaml_as_json=tuple(filter(None, map(_yaml, part))),
            )
            answers = run_conversions(
                self._target,
                options,
                [(job.input, job.staged) for job in part],
                folder=self._folder(),
                seconds=self._wish.seconds,
            )
            for job, answer in zip(part, answers, strict=True):
                job.answer = answer
                job.failed = answer.get("error")
                job.script = conversion_script(replace(options, kept=""))
                if job.failed is None and job.donor is None and not job.graph:
                    job.way = Way.AS_IS if answer["way"] == "as-is" else Way.TRANSLATED

    def _donate(self, jobs: Sequence[_Job]) -> None:
        """Another environment loads the file and writes HDF5, which is then translated."""
        for job in jobs:
            job.graph = True
            for name in self._references.order(job.inspection):
                place = self._references.open(name)
                if place is None or place.generation == 3:
                    continue
                between = job.folder / "between.h5"
                check = self._job_of(job, job.source.path, job.folder / "donor.npz")
                check["save"] = str(between)
                answer = self._run(place, [check])[0]
                if answer.get("not_keras"):
                    break
                if "error" in answer or not between.exists():
                    continue
                job.donor, job.way, job.graph = name, Way.DONOR, False
                job.input = type(job.source)(path=between)
                job.reference = name
                break
        self._translate([job for job in jobs if job.donor is not None], way="auto")

    def _export(self, jobs: Sequence[_Job]) -> None:
        """The graph for inference; frozen by another environment where the target refuses it."""
        for job in jobs:
            job.way = Way.GRAPH
            if self._wish.format in GRAPH_TO or (self._wish.named and job.new.suffix in FILES):
                job.failed = NOT_A_FOLDER
                continue
            job.format = NewFormat.SAVEDMODEL
            job.staged = job.folder / "new"
            if self._wish.format is None and not self._wish.named:
                job.new = job.new.with_suffix("")  # the name of a folder
            if job.new.exists() and not self._wish.force:
                job.failed = f"{job.new} exists; --force replaces it"
        jobs = _going(jobs)
        self._translate(jobs, way="auto")
        for job in jobs:
            if job.failed is not None and self._freeze(job):
                self._translate([job], way="auto")

    def _freeze(self, job: _Job) -> bool:
        """Write the graph with its variables as constants, in an environment that loads it."""
        for name in self._references.order(job.inspection):
            place = self._references.open(name)
            if place is None or place.name == self._target.name:
                continue
            frozen = job.folder / f"frozen-{name}"
            answer = run_conversions(
                place,
                ScriptOptions(keras=place.keras, format="frozen", force=True),
                [(job.source, frozen)],
                folder=self._folder(),
                seconds=self._wish.seconds,
            )[0]
            if "error" not in answer:
                job.input, job.donor = type(job.source)(path=frozen), name
                return True
        return False

    def _job_of(self, job: _Job, path: Path, outputs: Path) -> dict[str, Any]:
        found: dict[str, Any] = {
            "path": str(path.absolute()),
            "inputs": str(job.folder / "inputs.npz"),
            "outputs": str(outputs),
            "hints": job.answer.get("inputs") or _hints(job.inspection),
            "skeleton": job.answer.get("skeleton"),
            "graph": job.answer.get("graph"),
            "original": path != job.staged,
        }
        kept = job.staged.with_name(f"{job.staged.name}.kept{self._target.native.suffix}")
        if path == job.staged and kept.exists():
            found["built"], found["built_for"] = str(kept), str(job.format)
        checkpoint = job.answer.get("checkpoint")
        if checkpoint is not None and path != job.staged:
            found["weights_file"], found["json"] = checkpoint
            found["architecture"] = True
        if job.inspection.format is FileFormat.TFJS and path == job.source.path:
            found["architecture"] = True
        if job.inspection.format in ARCHITECTURES and path == job.source.path:
            found["architecture"] = True
            converted = _yaml(job)
            if converted is not None:
                found["json"] = converted[1]
            elif (job.inspection.saver.generation or 2) < 2:
                found["json"] = _of_keras1(job.source.path)
            if job.source.weights is not None:
                found["weights_file"] = str(job.source.weights.absolute())
        if job.format is NewFormat.JSON and path == job.staged:
            found["architecture"] = True
        return found

    def _check(self, jobs: Sequence[_Job]) -> None:
        """Load the new files in a new process of the target, by plain ``load_model`` if models."""
        part = list(jobs)
        if not part:
            return
        self._say(f"loading the new files in {self._target.name}")
        checks = [
            {**self._job_of(job, job.staged, job.folder / "new.npz"), "plain": True} for job in part
        ]
        answers = self._run(self._target, checks)
        for job, answer in zip(part, answers, strict=True):
            if "error" in answer:
                job.failed = f"the new file does not work: {answer['error']}"
            elif job.format not in OWN_ORDER and answer["weights"] != job.answer["weights"]:
                job.failed = "the new file has other weights than the model that was saved"
            elif job.format not in WITHOUT_STATE:
                _check_state(job, answer)

    def _verify(self, jobs: Sequence[_Job]) -> None:
        """Each file in the environments that may read the original, until one of them does."""
        waiting = list(jobs)
        while waiting:
            batches: dict[str, list[_Job]] = {}
            for job in waiting:
                name = next(
                    (one for one in self._references.order(job.inspection) if one not in job.tried),
                    None,
                )
                if name is not None:
                    batches.setdefault(name, []).append(job)
            waiting = []
            for name, part in batches.items():
                waiting += self._verify_in(name, part)

    def _verify_in(self, name: str, jobs: Sequence[_Job]) -> list[_Job]:
        """Compare with what one environment predicts. Returns the jobs it does not read."""
        for job in jobs:
            job.tried.add(name)
        place = self._references.open(name)
        if place is None:
            return list(jobs)
        self._say(f"loading the originals in {name}")
        checks = [
            self._job_of(job, job.readable or job.source.path, job.folder / "old.npz")
            for job in jobs
        ]
        answers = self._run(place, checks)
        left = []
        for job, answer in zip(jobs, answers, strict=True):
            if "error" in answer:
                job.refused[name] = answer["error"]
                left.append(job)
                continue
            job.reference = name
            tolerance = HALF_PRECISION if job.answer.get("half") else self._tolerance
            found = compare_predictions(job.folder / "new.npz", job.folder / "old.npz", tolerance)
            job.difference = found.difference
            if not found.equal:
                job.failed = f"{found.reason} from the original in {name}"
        return left

    def _finish(self, job: _Job) -> Conversion:
        state, reason = State.CONVERTED, ""
        if job.failed is not None:
            state, reason = State.FAILED, job.failed
        elif job.difference is None:
            reason = "no environment here reads the original, so nothing could be compared"
            for name, error in list(job.refused.items())[:1]:
                lines = [line for line in error.splitlines() if line.strip()]
                reason += f" ({name}: {lines[0][:160] if lines else 'no message'})"
            state = State.UNVERIFIED if self._wish.unverified else State.FAILED
            if state is State.FAILED:
                reason += "; --unverified writes the file all the same"
        if state is not State.FAILED:
            try:
                publish(job.staged, job.new, force=self._wish.force)
            except PublishError as error:
                state, reason = State.FAILED, str(error)
        return Conversion(
            source=job.source,
            target=self._target.name,
            state=state,
            reason=reason or _agreement(job),
            way=job.way,
            donor=job.donor,
            file=job.new if state is not State.FAILED else None,
            format=job.format,
            rules=tuple(AppliedRule(**one) for one in job.answer.get("rules", [])),
            lost=tuple(job.answer.get("lost", [])),
            reference=job.reference,
            difference=job.difference,
            script=job.script,
            load=_how_to_load(job, self._target, self._wish.custom),
        )


def _check_state(job: _Job, answer: dict[str, Any]) -> None:
    """Whether the new file has the optimizer's state of the model that was saved."""
    if answer.get("optimizer") == job.answer.get("optimizer"):
        return
    if job.way is Way.TRANSLATED:
        job.failed = "the new file has another state of the optimizer"  # tried again without it
    else:
        job.answer["lost"] = [*job.answer["lost"], "the optimizer's state"]


def _agreement(job: _Job) -> str:
    if job.answer.get("skeleton"):
        return f"holds the weights that {job.reference} loads from the original"
    words = "predicts what {} predicts from the original"
    words = f"for inference only; {words}" if job.way is Way.GRAPH else words
    return words.format(job.reference)


def _how_to_load(job: _Job, target: Place, custom: str | None) -> str:
    """The line of Python that loads the new file."""
    name = job.new.name
    if job.answer.get("load"):
        return str(job.answer["load"]).replace(repr(job.staged.name), repr(name))
    if job.format is NewFormat.WEIGHTS_H5:
        return f"model.load_weights({name!r})  # after the code that builds the model"
    if job.format is NewFormat.SAVEDMODEL and target.generation == 3:
        return f'keras.layers.TFSMLayer({name!r}, call_endpoint="serve")'
    if job.format is NewFormat.JSON:
        return f"keras.models.model_from_json(open({name!r}).read())"
    if custom is not None:
        return f"keras.models.load_model({name!r}, custom_objects=vars({PurePath(custom).stem}))"
    return f"keras.models.load_model({name!r})"


def _hints(inspection: Inspection) -> list[dict[str, int | None]]:
    """Below which number the values of each input stay, as the file says."""
    inputs = inspection.architecture.inputs if inspection.architecture else ()
    return [{"below": one.below} for one in inputs]


def _going(jobs: Sequence[_Job]) -> list[_Job]:
    return [job for job in jobs if job.failed is None]


def _is_folder(job: _Job) -> bool:
    return job.inspection.format is FileFormat.SAVEDMODEL


def _needs_donor(job: _Job) -> bool:
    return _is_folder(job) and job.failed is None


def _readable(inspection: Inspection, path: Path, copy: Path) -> Path | None:
    """A copy that environments read where they refuse the original for its names or age."""
    try:
        if inspection.format is FileFormat.WEIGHTS_H5 and not path.name.endswith(".weights.h5"):
            copy = copy.with_suffix(".weights.h5")  # load_weights goes by the name
            copy.symlink_to(path.absolute())
            return copy
        if inspection.format is FileFormat.KERAS:
            copy = copy.with_suffix(".keras")
            return copy if with_own_separators(path, copy) else None
        if inspection.format is FileFormat.H5 and (inspection.saver.generation or 2) <= 2:
            copy = copy.with_suffix(".h5")
            return copy if without_training_settings(path, copy) else None
    except (OSError, ValueError, KeyError, RuntimeError, BadZipFile):
        return None
    return None


def _of_keras1(path: Path) -> str | None:
    try:
        return architecture_of_keras1(path.read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _yaml(job: _Job) -> tuple[str, str] | None:
    if job.inspection.format is not FileFormat.YAML:
        return None
    return yaml_as_json(job.source.path.read_text("utf-8"))
