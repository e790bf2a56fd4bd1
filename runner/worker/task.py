"""One save or one load, from the host's JSON to evidence."""

import json
import os
import shutil
import time

from . import api, capture, codec, fill, foreign, formats, observe, routes, scenarios
from . import recipes as recipe_files

SCENARIO, EXPLAIN, BRIDGE = "scenario:", "explain", "bridge:"
PROGRESS = ("stage", "stages")  # what a report says of its task alone


class Task:
    """What the host asks: ``kind`` save or load, recipe, format, folders, where evidence goes."""

    def __init__(self, data):
        self.kind = data["kind"]
        self.format = data["format"]
        self.artifact = data["artifact"]  # the folder to write, or to read
        self.scratch = data["scratch"]
        way = data.get("way", routes.AS_IS)
        self.scenario = way[len(SCENARIO) :] if way.startswith(SCENARIO) else None
        self.explain = way == EXPLAIN  # as-is once more, layer by layer
        as_is = self.scenario or self.explain or way.startswith(BRIDGE)
        self.route = routes.AS_IS if as_is else way
        self.source = data.get("source")  # a save of what is loaded from this folder
        self.source_format = data.get("source_format")
        self.out = data["out"]
        self.log = data["log"]
        self.thorough = data.get("thorough", True)  # False: a first look, in shared company
        self._inputs_file = data.get("inputs")
        self.foreign = data.get("foreign")  # about a file that no recipe made
        recipe = data["recipe"]
        self._recipe_source = (recipe["name"], recipe.get("module"), recipe.get("path"))
        self._recipe = None
        self._objects = None

    @property
    def recipe(self):
        if self._recipe is None:
            self._recipe = recipe_files.load(*self._recipe_source)
        return self._recipe

    def inputs(self):
        """The saver's own inputs where it left them, else the recipe's."""
        if self.foreign:
            return foreign.inputs(None, self)
        given = self.given_inputs()
        return self.recipe.inputs() if given is None else given

    def given_inputs(self):
        """What the host hands over, or None."""
        if not self._inputs_file:
            return None
        with open(self._inputs_file, encoding="utf-8") as stream:
            return [codec.decode(item) for item in json.load(stream)]

    def objects(self, k):
        if self._objects is None and self.foreign:
            self._objects = foreign.objects(k, self)
        elif self._objects is None:
            self._objects = self.recipe.objects(k)
            if self.scenario:
                self._objects = scenarios.objects(k, self)
        return self._objects

    def build_blank(self, k):
        """The model from its code, with weights that no artifact holds."""
        model = self.recipe.build(k, self.objects(k))
        self.recipe.fill(model, fill.BLANK, fill)
        return model


class Report:
    """Evidence in the making. ``mark`` tells the zygote the stage, so that a crash has one."""

    def __init__(self, tell):
        self.data = {"stages": []}
        self._tell = tell
        self._since = time.time()

    def mark(self, stage):
        self._close()
        self.data["stage"] = stage
        self._tell(stage)

    def _close(self):
        """Note how long the stage before took: evidence of what is slow, for free."""
        now = time.time()
        if "stage" in self.data:
            self.data["stages"].append([self.data["stage"], round(now - self._since, 4)])
        self._since = now


def run(k, task, tell, seen=None):
    """Do the task and write its evidence; only a killed process leaves none.

    ``seen``: what an earlier save of this process saw of the same reference model. Each format
    has a model of its own, since saving changes some (Keras 3 forgets the optimizer in a
    ``.keras`` written after an ``.h5``); where all its weights are the same, so is what it does.
    """
    report = Report(tell)
    started = time.time()
    with capture.Listener() as listener:
        try:
            if task.source:
                _save_for_another(k, task, report)
            elif task.kind == "save":
                _save(k, task, report, {} if seen is None else seen)
            elif task.foreign:
                _load_foreign(k, task, report)
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
    report.data["warnings"] = listener.texts()
    report.data["seconds"] = round(time.time() - started, 4)
    report.data["kind"] = task.kind
    codec.write_json(task.out, report.data)


def _save(k, task, report, seen):
    report.mark("build")
    recipe = task.recipe
    model = recipe.build(k, task.objects(k))
    recipe.fill(model, fill.SAVED, fill)
    inputs = recipe.inputs()
    if recipe.trains:
        report.mark("train")
        _train_one_step(recipe, model, inputs)
    weights = [item["sha256"] for item in observe.variables(model)]
    if seen.get("weights") != (recipe.name, weights):
        seen.clear()
        seen["observed"] = _observe_saver(k, recipe, model, inputs, report)
        seen["weights"] = (recipe.name, weights)
    report.data.update(seen["observed"])
    report.mark("save")
    formats.SAVERS[task.format](k, model, task.artifact, inputs)
    report.mark("done")


def _save_for_another(k, task, report):
    """A bridge: load as a user would first try it, and save in the format of the task."""
    loaded = formats.LOADERS[task.source_format](k, task.source, task, report.mark)
    if loaded.call is not None:
        raise recipe_files.NotAvailable("what loads here is no model that can be saved")
    report.mark("save")
    formats.SAVERS[task.format](k, loaded.model, task.artifact, task.inputs())
    report.mark("done")


def _observe_saver(k, recipe, model, inputs, report):
    report.mark("predict")
    _observe(k, model, None, inputs, report, True)
    report.data["layer_outputs"] = observe.layer_outputs(k, model, inputs)
    report.data["inputs"] = [codec.encode(value) for value in inputs]
    if recipe.expected is not None:
        weights = {layer.name: layer.get_weights() for layer in model.layers}
        expected = recipe.expected(k, weights, inputs)
        report.data["expected"] = [codec.encode(value) for value in expected]
    return {name: report.data[name] for name in report.data if name not in PROGRESS}


def _train_one_step(recipe, model, inputs):
    outputs = observe.predict(model, inputs)
    targets = recipe.targets(outputs)
    model.train_on_batch(observe.feed(inputs), observe.feed(targets))


def _load(k, task, report):
    loaded = routes.load(k, task, report.mark)
    inputs = task.inputs()
    if loaded.call is None:
        # Before predictions: a model that loads and cannot predict still shows its weights.
        _weights(loaded.model, report)
    report.mark("predict")
    _observe(k, loaded.model, loaded.call, inputs, report, task.thorough)
    if task.explain and loaded.call is None:
        report.data["layer_outputs"] = observe.layer_outputs(k, loaded.model, inputs)
    if loaded.call is None and task.route == routes.AS_IS and task.format in ("h5", "keras"):
        report.mark("save again")
        _save_again(k, loaded.model, task, inputs, report)
    report.mark("done")


def _load_foreign(k, task, report):
    loaded = foreign.load(k, task, report.mark)
    if loaded.call is None:
        _weights(loaded.model, report)
    report.data["loaded"] = True
    try:
        inputs = foreign.inputs(k, task, loaded)
    except foreign.NoInputs as reason:
        report.data["no_inputs"] = str(reason)
        report.mark("done")
        return
    report.data["inputs"] = _encoded(inputs)
    report.mark("predict")
    _observe(k, loaded.model, loaded.call, inputs, report, True)
    report.mark("done")


def _observe(k, model, endpoint, inputs, report, twice):
    """``twice``: predict again, to know a model that is random by itself from one that drifted.
    A first look that comes out identical has no such question."""
    if endpoint is not None:
        report.data["outputs"] = _encoded(endpoint(inputs))
        if twice:
            report.data["again"] = _encoded(endpoint(inputs))
        return
    report.data["outputs"] = _encoded(observe.predict(model, inputs))
    if twice:
        report.data["again"] = _encoded(observe.predict(model, inputs))
    called = observe.call(k, model, inputs)
    if called is not None:
        report.data["called"] = _encoded(called)
    report.mark("compare")
    _weights(model, report)
    report.mark("train state")
    report.data["train_state"] = observe.train_state(k, model)


def _weights(model, report):
    report.data["variables"] = observe.variables(model)
    report.data["layers"] = observe.layers(model)
    report.data["config"] = observe.config(model)


def _encoded(arrays):
    return [codec.encode(value) for value in arrays]


def _save_again(k, model, task, inputs, report):
    """A model that loads and cannot be saved is half a model; that is a loss, not a refusal."""
    folder = os.path.join(task.scratch, "again")
    os.makedirs(folder)
    try:
        formats.SAVERS[task.format](k, model, folder, inputs)
    except Exception as error:
        report.data["save_again"] = capture.failure(error)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


