"""Words that host and worker must mean alike, although neither imports the other."""

import ast
import inspect
import re

from runner.model import scripts, steps
from runner.model.evidence import Stage
from runner.route_scripts import route_text
from runner.route_scripts.parts import every_layer as printed
from runner.worker import layer_walk, script_run, task
from runner.worker_client.bundle import source_files


def test_ways_of_loading_have_the_same_names_on_both_sides():
    worker = (script_run.AS_IS, task.SCENARIO, task.EXPLAIN, task.RESAVE)
    assert worker == (steps.AS_IS, steps.SCENARIO, steps.EXPLAIN, steps.RESAVE)


def test_host_and_worker_mean_the_same_module_of_the_author():
    assert script_run.AUTHOR == scripts.AUTHOR
    assert task.AGAIN == route_text.AGAIN
    assert scripts.Script(text="").stem == script_run.STEM


def request(way):
    return task.Task(
        {
            "kind": "load",
            "format": "h5",
            "artifact": "a",
            "scratch": "s",
            "out": "o",
            "log": "l",
            "way": way,
            "recipe": {"name": "plain"},
        }
    )


def test_only_routes_are_routes():
    assert request("compile-false").route == "compile-false"
    assert request(f"{steps.SCENARIO}registered").route == steps.AS_IS
    assert request(f"{steps.SCENARIO}registered").reference().scenario == "registered"
    assert request(steps.EXPLAIN).explain
    assert request(f"{steps.RESAVE}tf:h5").route == steps.AS_IS


def test_the_host_knows_every_stage_that_the_worker_names():
    sources = "".join(path.read_text("utf-8") for path in source_files())
    named = set(re.findall(r'\bmark\("([^"]+)"\)', sources)) | {"import"}
    assert named == {str(stage) for stage in Stage}


def test_stages_are_told_as_they_begin():
    stages = []
    report = task.Report(stages.append)
    for stage in (Stage.READ, Stage.WEIGHTS):
        report.mark(str(stage))
    assert stages == ["read", "weights"]
    assert [name for name, _ in report.data["stages"]] == ["read"]


def test_the_worker_walks_layers_as_printed_scripts_do():
    """A script must be complete, and the worker imports nothing of the host: two copies."""

    def body(function):
        (found,) = ast.parse(inspect.getsource(function)).body
        return [ast.dump(line) for line in found.body if isinstance(line, (ast.While, ast.Return))]

    assert len(body(layer_walk.every_layer)) == 2
    assert body(layer_walk.every_layer) == body(printed.every_layer)
