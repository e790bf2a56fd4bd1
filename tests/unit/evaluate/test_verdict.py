from dataclasses import replace

import numpy as np
import pytest

from runner.evaluate.verdict_rules import Question, decide, has_reader, headline
from runner.model.evidence import Ending, LayerSummary, SecondTrip, Stage, TrainState, Usage
from runner.model.finding import FindingCode, Verdict
from runner.model.matrix import Format, Tolerance
from tests.unit.factories import evidence, failure, observation, refused, variable


def ask(load, *, save=None, format_=Format.H5, reader=True):
    return decide(
        Question(
            format=format_,
            tolerance=Tolerance(),
            save=save or evidence("save"),
            load=load,
            reader=reader,
        )
    )


def test_the_same_predictions_weights_and_state_are_identical():
    assert ask(evidence()).verdict is Verdict.IDENTICAL


def test_other_predictions_are_drifted_even_when_all_weights_are_equal():
    found = ask(evidence(observation=observation((1.0, 2.5))))
    assert found.verdict is Verdict.DRIFTED
    assert "0.5" in found.reason
    assert "all weights are equal, the arithmetic is not" in found.reason


def test_one_tampered_weight_that_predictions_do_not_show_is_not_identical():
    found = ask(evidence(observation=observation(variables=(variable("other"),))))
    assert found.verdict is Verdict.DEGRADED
    assert found.lost == ("1 of 1 weight arrays hold other values",)


def test_flipped_kernels_are_named():
    save = evidence("save", observation=observation(variables=(variable("k"),)))
    load = evidence(observation=observation((9.0, 9.0), variables=(variable("x", flipped="k"),)))
    assert "1 kernels are flipped" in ask(load, save=save).reason


def test_kernels_flipped_on_purpose_with_the_same_predictions_are_identical():
    save = evidence("save", observation=observation(variables=(variable("k"),)))
    load = evidence(observation=observation(variables=(variable("x", flipped="k"),)))
    assert ask(load, save=save).verdict is Verdict.IDENTICAL


def test_predict_right_and_call_wrong_is_drifted():
    called = (np.array([1.0, 9.0], dtype="float32"),)
    found = ask(evidence(observation=observation(called=called)))
    assert found.verdict is Verdict.DRIFTED
    assert "model(x, training=False)" in found.reason


def test_a_refusal_is_refused_with_the_innermost_words():
    found = ask(refused("Unknown layer: 'Scale'"))
    assert found.verdict is Verdict.REFUSED
    assert found.reason == "ValueError: Unknown layer: 'Scale'"


def test_loading_and_then_failing_to_predict_is_refused_and_says_so():
    found = ask(refused("'>' not supported", stage=Stage.PREDICT))
    assert found.verdict is Verdict.REFUSED
    assert found.reason.startswith("loads, then predict() fails: ")


def test_a_format_without_a_reader_is_unsupported_not_refused():
    assert ask(refused("File format not supported"), reader=False).verdict is Verdict.UNSUPPORTED


def test_a_recipe_that_the_loader_cannot_have_is_unsupported():
    load = evidence(observation=None, not_available="this Keras has no layer X")
    assert ask(load).verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize(
    ("ending", "verdict"),
    [
        (Ending.CRASHED, Verdict.CRASHED),
        (Ending.MEMORY, Verdict.CRASHED),
        (Ending.HUNG, Verdict.HUNG),
    ],
)
def test_a_process_that_does_not_live_is_evidence(ending, verdict):
    assert ask(evidence(ending=ending, observation=None, signal=11)).verdict is verdict


def test_a_lost_compile_state_degrades():
    save = evidence(
        "save", observation=observation(train_state=TrainState(compiled=True, optimizer="Adam"))
    )
    found = ask(evidence(), save=save)
    assert found.verdict is Verdict.DEGRADED
    assert "not compiled any more" in found.lost[0]


def test_a_lost_compile_state_is_no_loss_where_the_format_never_had_one():
    save = evidence("save", observation=observation(train_state=TrainState(compiled=True)))
    assert ask(evidence(), save=save, format_=Format.WEIGHTS_H5).verdict is Verdict.IDENTICAL


def test_lost_optimizer_arrays_degrade():
    state = TrainState(compiled=True, optimizer="Adam", iterations=1, slots=("m", "v"))
    kept = TrainState(compiled=True, optimizer="Adam", iterations=0, slots=("z",))
    found = ask(
        evidence(observation=observation(train_state=kept)),
        save=evidence("save", observation=observation(train_state=state)),
    )
    assert found.lost == ("the optimizer's state is lost: 0 of 2 arrays are there",)


def test_a_layer_that_is_no_longer_frozen_degrades():
    def frozen(*, trainable):
        layer = LayerSummary(name="dense", layer_class="Dense", trainable=trainable, weights=2)
        return observation(layers=(layer,))

    found = ask(
        evidence(observation=frozen(trainable=True)),
        save=evidence("save", observation=frozen(trainable=False)),
    )
    assert found.lost == ("layers changed between frozen and trainable: dense",)


def test_a_model_that_cannot_be_saved_again_degrades():
    found = ask(evidence(save_again=failure("no get_config", "NotImplementedError")))
    assert found.lost == ("cannot be saved again: no get_config",)


def test_a_missing_writer_is_no_loss_of_the_model():
    error = failure("no writer", "kmatrix_worker.formats.NoWriter")
    assert ask(evidence(save_again=error)).verdict is Verdict.IDENTICAL


def random_observation(weights="w"):
    again = (np.array([5.0, 6.0], dtype="float32"),)
    return observation(again=again, variables=(variable(weights),))


def test_a_model_that_is_random_by_itself_is_not_drift():
    save = evidence("save", observation=random_observation())
    load = evidence(observation=observation((3.0, 4.0)))
    assert ask(load, save=save).verdict is Verdict.IDENTICAL


def test_a_random_model_with_other_weights_is_never_green():
    save = evidence("save", observation=random_observation())
    load = evidence(observation=observation((3.0, 4.0), variables=(variable("other"),)))
    assert ask(load, save=save).verdict is Verdict.DRIFTED


@pytest.mark.parametrize("format_", [Format.H5, Format.EXPORT])
def test_a_random_model_without_weights_to_compare_is_degraded_and_not_drifted(format_):
    save = evidence("save", observation=random_observation())
    load = evidence(observation=replace(random_observation(), variables=()))
    found = ask(load, save=save, format_=format_)
    assert found.verdict is Verdict.DEGRADED
    assert found.code is FindingCode.RANDOM_NOT_COMPARED
    assert found.outputs is None


def test_a_model_without_weights_loads_and_there_is_nothing_to_compare():
    save = evidence("save", observation=None)
    found = ask(evidence(built=False, observation=None), save=save)
    assert found.verdict is Verdict.DEGRADED
    assert "nothing to compare" in found.reason


def test_a_model_that_lost_its_weights_is_not_excused_where_the_saver_predicted():
    found = ask(evidence(built=False, observation=None))
    assert found.verdict is Verdict.REFUSED


def test_a_model_without_weights_that_fails_is_refused():
    save = evidence("save", observation=None)
    assert ask(replace(refused(), built=False), save=save).verdict is Verdict.REFUSED


def test_a_model_that_becomes_random_in_the_loader_has_drifted():
    again = (np.array([5.0, 6.0], dtype="float32"),)
    found = ask(evidence(observation=observation((8.0, 9.0), again=again)))
    assert found.verdict is Verdict.DRIFTED
    assert "something else each time" in found.reason


def test_without_any_observation_nothing_is_green():
    assert ask(evidence(observation=None)).verdict is Verdict.REFUSED


def test_a_reader_is_there_when_the_loader_writes_the_format_or_loads_the_control():
    assert has_reader(writes_control=True, control_load=refused())
    assert has_reader(writes_control=False, control_load=evidence())
    assert not has_reader(writes_control=False, control_load=refused())


def test_a_control_that_was_not_asked_or_died_proves_nothing():
    assert has_reader(writes_control=False, control_load=None)
    assert has_reader(writes_control=False, control_load=evidence(ending=Ending.CRASHED))


def test_headlines_are_one_short_line():
    text = headline(failure("a\n" * 300, "keras.errors.SomeError"))
    assert text.startswith("SomeError: a a")
    assert "\n" not in text
    assert len(text) < 230


def test_a_reason_names_no_folder_of_our_own():
    digest = "ab" * 32
    text = f"SavedModel file does not exist at: /home/me/build/store/artifacts/ab/{digest}/model.h5"
    assert headline(failure(text, "OSError")) == (
        "OSError: SavedModel file does not exist at: model.h5"
    )
    scratch = "no such file: '/tmp/scratch/20261124T0-ab/batch-12/3/artifact/model'"
    assert headline(failure(scratch, "OSError")) == "OSError: no such file: 'model'"


def test_a_reason_names_no_address_in_memory():
    text = "Unable to open file (errno = 21, buf = 0x7ffd20da8bd0, total read size = 8)"
    assert "buf = 0x…, total" in headline(failure(text, "OSError"))


def used(**facts):
    return observation(usage=Usage(**facts))


def test_a_single_output_that_comes_back_in_a_list_degrades_with_a_code_of_its_own():
    save = evidence("save", observation=used(nested=(("model.output", "*"),)))
    found = ask(evidence(observation=used(nested=(("model.output", "[*]"),))), save=save)
    assert found.verdict is Verdict.DEGRADED
    assert found.code is FindingCode.OTHER_NESTING
    assert found.lost == ("model.output is a list of one, and was no list",)


def test_other_nesting_beside_another_loss_has_the_code_of_a_loss():
    before = used(nested=(("predict()", "{a: *}"),), trainable=4)
    after = used(nested=(("predict()", "[*]"),), trainable=2)
    found = ask(evidence(observation=after), save=evidence("save", observation=before))
    assert found.code is FindingCode.LOST
    assert found.lost == (
        "predict() is nested as [*], and was {a: *}",
        "training changes 2 weight arrays, and changed 4",
    )


def test_what_a_keras_does_not_answer_is_no_loss():
    before = used(nested=(("model.input", "*"),), trainable=4, metrics=(("loss", 1.0),))
    found = ask(evidence(observation=used()), save=evidence("save", observation=before))
    assert found.verdict is Verdict.IDENTICAL


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            {"training_random": True},
            {"training_random": False, "training": (np.ones(2),)},
            "model(x, training=True) is not random, and was",
        ),
        (
            {"training_random": False, "training": (np.ones(2),)},
            {"training_random": False, "training": (np.ones(2) * 3,)},
            "model(x, training=True) differs by up to 2",
        ),
        (
            {"metrics": (("loss", 1.0), ("mae", 2.0))},
            {"metrics": (("loss", 1.0),)},
            "metrics are gone: mae; there are loss",
        ),
        (
            {"metrics": (("loss", 1.0),)},
            {"metrics": (("loss", 2.0),)},
            "loss is 2 on the same data, and was 1",
        ),
    ],
)
def test_training_and_metrics_are_compared_with_the_savers(before, after, words):
    found = ask(
        evidence(observation=used(**after)), save=evidence("save", observation=used(**before))
    )
    assert found.lost == (words,)


@pytest.mark.parametrize(
    ("trip", "words"),
    [
        (SecondTrip(), None),
        (SecondTrip(failure=failure("no")), "saved again, it does not load: no"),
        (SecondTrip(weights=False), "saved again and loaded, its weights are other ones"),
        (SecondTrip(config=False), "saved again and loaded, its configuration is another one"),
    ],
)
def test_a_second_round_trip_keeps_what_the_first_kept(trip, words):
    assert ask(evidence(second_trip=trip)).lost == ((words,) if words else ())
