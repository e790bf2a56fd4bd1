"""One save or one load, from the host's JSON to evidence."""

import os
import time
from typing import Any, Callable, Dict, Iterator, Optional, Tuple

from . import capture, codec, fill, foreign, formats, nesting, observe, script_run, usage
from . import recipes as recipe_files
from .aliases import Array, Json
from .api import Keras
from .load_context import Load, LoadedModel
from .recipes.base import Recipe
from .subject import NoInputs, Reference, Subject

# Ways of loading that are not routes; the host has the same in runner/model/steps.py.
SCENARIO, EXPLAIN, RESAVE = "scenario:", "explain", "resave:"
AGAIN = "again"  # how names begin of what a script saves again
PROGRESS = ("stage", "stages")  # what a report says of its task alone
PROBING_SECONDS = 30.0  # after which no further inputs are tried


class Task:
    """What the host asks: ``kind`` save or load, format, folders, where evidence goes."""

    def __init__(self, data: Json) -> None:
        self.kind: str = data["kind"]
        self.format: str = data["format"]
        self.artifact: str = data["artifact"]  # the folder to write, or to read
        self.scratch: str = data["scratch"]
        self.out: str = data["out"]
        self.log: str = data["log"]
        self.way: str = data.get("way", script_run.AS_IS)
        self.source: Optional[str] = data.get("source")  # a save of what is loaded from here
        self.thorough: bool = data.get("thorough", True)  # False: without a second prediction
        self.own: bool = data.get("own", False)  # a load of what the same environment saved
        self.inputs: Optional[str] = data.get("inputs")  # a file with the saver's
        self.recipe: Json = data["recipe"]
        self.script: Json = data.get("script") or {}  # what a load executes
        self.foreign: Optional[Json] = data.get("foreign")  # about a file that no recipe made

    @property
    def explain(self) -> bool:
        """As is once more, layer by layer."""
        return self.way == EXPLAIN

    @property
    def route(self) -> str:
        """The route to load by: other ways than routes load as is."""
        other = self.explain or self.way.startswith((SCENARIO, RESAVE))
        return script_run.AS_IS if other else self.way

    def reference(self) -> Reference:
        """The reference model that the task is about."""
        subject = Reference(self.recipe, self.inputs)
        subject.scratch = self.scratch
        if self.way.startswith(SCENARIO):
            subject.scenario = self.way[len(SCENARIO) :]
        return subject


class Report:
    """Evidence in the making. ``mark`` tells the zygote the stage, so that a crash has one."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.data: Json = {"stages": []}
        self._tell = tell
        self._since = time.monotonic()

    def mark(self, stage: str) -> None:
        """Note that a stage begins."""
        self._close()
        self.data["stage"] = stage
        self._tell(stage)

    def _close(self) -> None:
        """Note how long the stage before took: evidence of what is slow, for free."""
        now = time.monotonic()
        if "stage" in self.data:
            self.data["stages"].append([self.data["stage"], round(now - self._since, 4)])
        self._since = now


def run(
    k: Keras, task: Task, tell: Callable[[str], None], seen: Optional[Dict[str, Any]] = None
) -> None:
    """Do the task and write its evidence; only a killed process leaves none.

    ``seen``: what an earlier save of this process saw of the same reference model. Each format
    has a model of its own, since saving changes some (Keras 3 forgets the optimizer in a
    ``.keras`` written after an ``.h5``); where all its weights are the same, so is what it does.
    """
    report = Report(tell)
    started = time.monotonic()
    before = os.getcwd()
    with capture.Listener() as listener:
        try:
            if task.source is not None:
                _save_for_another(k, task, task.source, report)
            elif task.kind == "save":
                _save(k, task, report, {} if seen is None else seen)
            elif task.foreign is not None:
                _load_foreign(k, task, task.foreign, report)
            else:
                _load(k, task, report)
        except (recipe_files.NotAvailable, formats.NoWriter) as reason:
            report.data["not_available"] = str(reason)
            report.data["no_writer"] = isinstance(reason, formats.NoWriter)
        except MemoryError as error:
            report.data["failure"] = capture.failure(error)
            report.data["memory"] = True
        except (Exception, SystemExit) as error:
            report.data["failure"] = capture.failure(error)
        finally:
            os.chdir(before)  # a script has a folder of its own
    report.data["warnings"] = listener.texts()
    report.data["seconds"] = round(time.monotonic() - started, 4)
    report.data["kind"] = task.kind
    codec.write_json(task.out, report.data)


# Saves


def _save(k: Keras, task: Task, report: Report, seen: Dict[str, Any]) -> None:
    report.mark("build")
    subject = task.reference()
    recipe = subject.recipe
    model = recipe.build(k, subject.objects(k))
    recipe.fill(model, fill.SAVED, fill)
    inputs = recipe.inputs()
    if recipe.trains:
        report.mark("train")
        _train_one_step(k, recipe, model, inputs)
    weights = [item["sha256"] for item in observe.variables(model)]
    if seen.get("weights") != (recipe.name, weights):
        seen.clear()
        seen["observed"] = _observe_saver(k, recipe, model, inputs, report)
        seen["weights"] = (recipe.name, weights)
    report.data.update(seen["observed"])
    report.mark("save")
    formats.FORMATS[task.format](k, model, task.artifact)
    report.mark("done")
    if "further" not in seen:  # behind the save, which must not see what it changes
        seen["further"] = usage.further(k, recipe, model, inputs)
    report.data["usage"] = dict(report.data["usage"], **seen["further"])


def _save_for_another(k: Keras, task: Task, source: str, report: Report) -> None:
    """Load as a user would first try it, and save, as the script says."""
    load = Load(
        k,
        task.reference(),
        folder=source,
        route=script_run.AS_IS,
        scratch=task.scratch,
        mark=report.mark,
        script=task.script,
    )
    script_run.run(load)
    report.mark("save")
    script_run.collect(load, AGAIN, task.artifact)
    report.mark("done")


def _observe_saver(k: Keras, recipe: Recipe, model: Any, inputs: Any, report: Report) -> Json:
    report.mark("predict")
    _observe(k, LoadedModel(model), inputs, report, twice=True)
    report.data["layer_outputs"] = observe.layer_outputs(k, model, inputs)
    report.data["inputs"] = _encoded(nesting.leaves(inputs))
    if recipe.expected is not None:
        weights = {layer.name: layer.get_weights() for layer in model.layers}
        report.data["expected"] = _encoded(recipe.expected(k, weights, inputs))
    return {name: report.data[name] for name in report.data if name not in PROGRESS}


def _train_one_step(k: Keras, recipe: Recipe, model: Any, inputs: Any) -> None:
    outputs = observe.predict(k, model, inputs)
    targets = recipe.targets(outputs)
    model.train_on_batch(observe.feed(observe.readable(k, inputs)), observe.feed(targets))


# Loads


def _load_of(k: Keras, task: Task, subject: Subject, report: Report) -> Load:
    return Load(
        k,
        subject,
        folder=task.artifact,
        route=task.route,
        scratch=task.scratch,
        mark=report.mark,
        script=task.script,
    )


def _load(k: Keras, task: Task, report: Report) -> None:
    subject = task.reference()
    load = _load_of(k, task, subject, report)
    loaded = script_run.run(load)
    _note_load(loaded, report)
    inputs = subject.inputs()
    if loaded.call is None:
        # Before predictions: a model that loads and cannot predict still shows its weights.
        _weights(loaded.model, report)
    report.mark("predict")
    _observe(k, loaded, inputs, report, twice=task.thorough)
    if task.explain and loaded.call is None:
        report.data["layer_outputs"] = observe.layer_outputs(k, loaded.model, inputs)
    if loaded.call is None and task.route == script_run.AS_IS and task.format in ("h5", "keras"):
        report.mark("save again")
        usage.save_again(k, loaded.model, load, task.format, report.data, twice=task.own)
    report.mark("done")
    if task.own and loaded.call is None:
        report.data["usage"].update(usage.further(k, subject.recipe, loaded.model, inputs))


def _note_load(loaded: LoadedModel, report: Report) -> None:
    """Say that the load itself is done, whatever happens later, and whether it gave weights."""
    report.data["loaded"] = True
    if loaded.call is None:
        report.data["built"] = observe.is_built(loaded.model)


def _load_foreign(k: Keras, task: Task, about: Json, report: Report) -> None:
    file = foreign.ForeignFile(about, task.artifact, task.inputs)
    loaded = foreign.run(_load_of(k, task, file, report), file)
    _note_load(loaded, report)
    try:
        if loaded.call is None:
            if not report.data["built"]:
                # A prediction would make up weights, other ones each time.
                raise NoInputs(foreign.UNBUILT)
            _weights(loaded.model, report)
        candidates = file.candidates(loaded.model if loaded.call is None else None)
        report.mark("predict")
        inputs, outputs = _first_prediction(k, loaded, candidates, report)
    except NoInputs as reason:
        report.data["no_inputs"] = str(reason)
        report.mark("done")
        return
    report.data["inputs"] = _encoded(nesting.leaves(inputs))
    _observe(k, loaded, inputs, report, twice=True, outputs=outputs)
    report.mark("done")


def _first_prediction(
    k: Keras, loaded: LoadedModel, candidates: Iterator[Any], report: Report
) -> Tuple[Any, Any]:
    """The first inputs that the model takes, and what it predicts on them.

    Raises what the likeliest inputs raised where none are taken.
    """
    until = time.monotonic() + PROBING_SECONDS
    first: Optional[Exception] = None
    for tried, inputs in enumerate(candidates, 1):
        report.data["probes"] = tried
        try:
            return inputs, _predict(k, loaded, inputs)
        except Exception as error:
            first = first or error
        if time.monotonic() > until:
            break
    if first is None:
        raise NoInputs("nothing is known of its inputs; give some with --inputs")
    raise first


# Observations


def _predict(k: Keras, loaded: LoadedModel, inputs: Any) -> Any:
    if loaded.call is not None:
        return loaded.call(inputs)
    return observe.predicted(k, loaded.model, inputs)


def _observe(
    k: Keras,
    loaded: LoadedModel,
    inputs: Any,
    report: Report,
    *,
    twice: bool,
    outputs: Any = None,
) -> None:
    """Note what a model predicts and holds.

    ``twice``: predict again, to know a model that is random by itself from one that drifted; a
    first look that comes out identical has no such question. ``outputs``: of a prediction that
    was made already.
    """
    if outputs is None:
        outputs = _predict(k, loaded, inputs)
    report.data["outputs"] = _encoded(observe.as_list(outputs))
    if twice:
        report.data["again"] = _encoded(observe.as_list(_predict(k, loaded, inputs)))
    if loaded.call is not None:
        return
    called = observe.called(k, loaded.model, inputs)
    if called is not None:
        report.data["called"] = _encoded(observe.as_list(called))
    report.data["usage"] = {
        "nested": usage.nested(loaded.model, outputs, called),
        "trainable": usage.trainable(loaded.model),
    }
    report.mark("compare")
    _weights(loaded.model, report)
    report.mark("train state")
    report.data["train_state"] = observe.train_state(k, loaded.model)


def _weights(model: Any, report: Report) -> None:
    report.data["variables"] = observe.variables(model)
    report.data["layers"] = observe.layers(model)
    report.data["config"] = observe.config(model)


def _encoded(arrays: "list[Array]") -> "list[Json]":
    return [codec.encode(value) for value in arrays]
