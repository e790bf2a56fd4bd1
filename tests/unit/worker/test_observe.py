"""Which layers forget their state between two predictions."""

from types import SimpleNamespace

import pytest

from runner.worker.observe import forget_state, is_built


class Layer:
    def __init__(self, *, refuses=None, **attributes):
        self.refuses = refuses
        self.resets = 0
        vars(self).update({"stateful": True, **attributes})

    def reset_states(self):
        if self.refuses:
            raise self.refuses
        self.resets += 1


@pytest.mark.parametrize(
    ("layer", "resets"),
    [
        (Layer(states=[0.0]), 1),
        (Layer(forward_layer=object()), 1),  # Bidirectional
        (Layer(), 0),  # Normalization: its state is what it learnt
        (Layer(states=[0.0], stateful=False), 0),
    ],
)
def test_recurrent_layers_forget_and_what_adapts_to_data_does_not(layer, resets):
    forget_state(SimpleNamespace(layers=[layer]))
    assert layer.resets == resets


def test_a_layer_that_is_given_its_state_may_refuse_and_the_others_forget_all_the_same():
    given = Layer(states=[None], refuses=TypeError("'NoneType' object is not subscriptable"))
    other = Layer(states=[0.0])
    forget_state(SimpleNamespace(layers=[given, other]))
    assert other.resets == 1


class Unbuilt:
    """As Keras 2 answers for a Sequential that has not seen an input."""

    built = False

    @property
    def weights(self):
        raise ValueError("Weights for model sequential have not yet been created")


@pytest.mark.parametrize(
    ("model", "built"),
    [
        (Unbuilt(), False),
        (SimpleNamespace(weights=[], built=False), False),  # Keras 3
        (SimpleNamespace(weights=[], built=True), True),  # a Flatten alone
        (SimpleNamespace(weights=["kernel"], built=True), True),
    ],
)
def test_a_model_that_has_not_seen_an_input_is_not_built(model, built):
    assert is_built(model) is built
