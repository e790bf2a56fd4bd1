import pytest

from runner.modelfile import limits
from runner.modelfile.architecture.config import modern, walk
from runner.modelfile.architecture.known_names import generations_of


def layer(name, config=None, **more):
    return {"class_name": name, "config": config or {}, **more}


def model(*layers):
    return layer("Sequential", {"layers": list(layers)})


def custom(config):
    return [(one.kind, one.key) for one in walk(config).custom_names()]


def test_names_of_keras_are_known_by_generation():
    assert generations_of("layers", "Dense") == "123"
    assert generations_of("layers", "TimeDistributedDense") == "1"
    assert generations_of("layers", "LocallyConnected1D") == "12"
    assert generations_of("layers", "RMSNormalization") == "3"
    assert generations_of("layers", "MyLayer") == ""
    assert generations_of("losses", "mse") == "123"


def test_classes_and_functions_that_are_not_keras_own_are_asked_for():
    found = custom(model(layer("Mine"), layer("Dense", {"activation": "my_relu"})))
    assert found == [("layer", "Mine"), ("activation", "my_relu")]


def test_a_registered_name_is_what_custom_objects_takes():
    mine = layer("Mine", {}, module="my_code", registered_name="pkg>Mine")
    found = walk(model(mine))
    assert [one.key for one in found.custom_names()] == ["pkg>Mine"]
    assert [one.kind for one in found.code] == ["import"]


def test_modules_of_keras_are_never_custom_and_look_alikes_are():
    ours = layer("Functional", module="keras.src.models.functional", registered_name="Functional")
    theirs = layer("Dense", {}, module="keras_evil.layers", registered_name="Dense")
    assert custom(ours) == []
    assert custom(theirs) == [("layer", "Dense")]


def test_wrapped_layers_and_cells_are_counted():
    inner = layer("LSTM", {"units": 3})
    found = walk(model(layer("Bidirectional", {"layer": inner}), layer("RNN", {"cell": inner})))
    assert found.layers == {"Sequential": 1, "Bidirectional": 1, "LSTM": 2, "RNN": 1}


def test_losses_and_metrics_by_output_are_looked_at():
    training = {"loss": {"a": "mse", "b": "huber_like"}, "metrics": [["accuracy", "my_metric"]]}
    found = walk(training, "object")
    assert [(one.kind, one.key) for one in found.custom_names()] == [
        ("loss", "huber_like"),
        ("metric", "my_metric"),
    ]


def test_optimizers_of_tensorflow_2_11_are_not_custom():
    assert custom({"optimizer_config": layer("Custom>Adam")}) == []


def test_a_named_lambda_asks_for_its_function_and_runs_nothing_stored():
    found = walk(model(layer("Lambda", {"function": "crop", "function_type": "function"})))
    assert [one.key for one in found.custom_names()] == ["crop"]
    assert found.code == []


@pytest.mark.parametrize(
    "function",
    [["4wE=", None, None], {"class_name": "__lambda__", "config": {"code": "4wE="}}],
)
def test_a_python_lambda_is_code_in_both_spellings(function):
    found = walk(model(layer("Lambda", {"function": function, "name": "l"})))
    assert [item.kind for item in found.code] == ["bytecode"]


def test_keras_0_graphs_are_put_in_later_words():
    graph = {
        "name": "Graph",
        "nodes": {"a": {"name": "Dense", "custom_name": "a", "output_dim": 3}},
        "input_config": [{"name": "x", "input_shape": [4]}],
    }
    found = modern(graph)
    assert found["config"]["layers"][0]["config"]["batch_input_shape"] == [None, 4]
    assert walk(found).layers == {"Graph": 1, "InputLayer": 1, "Dense": 1}


def test_a_config_deeper_than_any_model_is_refused():
    deep = {}
    for _ in range(3 * limits.DEPTH):
        deep = {"config": deep, "class_name": "Sequential"}
    with pytest.raises(limits.TooMuch, match="deep"):
        walk(deep)
