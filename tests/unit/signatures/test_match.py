import pytest
from packaging.specifiers import SpecifierSet

from runner.model.signature import EnvironmentVersions, Side, Symptoms, WeightsSign, Where
from runner.signatures import recognise
from runner.signatures.match import weights_signs
from tests.unit.signatures.factories import failed, outputs, pattern, signature, weights

LAYER = signature("layer", pattern(message=r"Unknown layer: \w+"))
KERNELS = signature(
    "kernels",
    pattern(drift=True, weights=(WeightsSign.EQUAL,), saved_config="Conv"),
    where=Where(saver=Side(backend=("theano",)), loader=Side(backend=("tensorflow",))),
)
DRIFTED = Symptoms(
    outputs=outputs(),
    weights=weights(),
    saved_config="Conv1D",
    saver=EnvironmentVersions(backend="theano"),
    loader=EnvironmentVersions(backend="tensorflow"),
)


def keras3(text):
    return Side(keras=SpecifierSet(text))


def test_the_message_decides_whatever_the_exceptions_type_is():
    assert recognise(failed("Unknown layer: Scale", "TypeError"), (LAYER,)) == ("layer",)


def test_only_the_innermost_text_of_a_wrapped_message_counts():
    wrapped = "Error with config={'x': 'Unknown layer: A'}.\n\nException encountered: 'groups'"
    assert recognise(failed(wrapped), (LAYER,)) == ()
    twice = "a Exception encountered: b\n\nException encountered: Unknown layer: Scale"
    assert recognise(failed(twice), (LAYER,)) == ("layer",)


def test_a_traceback_pattern_looks_at_everything_that_was_printed():
    protobuf = signature("protobuf", pattern(traceback="Descriptors cannot"))
    symptoms = failed("other", traceback="TypeError: Descriptors cannot be\nImportError: other")
    assert recognise(symptoms, (protobuf,)) == ("protobuf",)


def test_a_chained_exception_is_asked_where_the_last_one_is_unknown():
    chain = (
        "Traceback (most recent call last):\n  File 'a'\nValueError: Unknown layer: Scale\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        "Traceback (most recent call last):\n  File 'b'\nRuntimeError: cannot go on\n"
    )
    assert recognise(failed("cannot go on", traceback=chain), (LAYER,)) == ("layer",)


def test_the_last_exception_comes_before_those_it_was_chained_to():
    chain = (
        "Traceback (most recent call last):\n  File 'a'\nKeyError: 'first'\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        "Traceback (most recent call last):\n  File 'b'\nValueError: Unknown layer: Scale\n"
    )
    first = signature("first", pattern(message="'first'"))
    assert recognise(failed("Unknown layer: S", traceback=chain), (first, LAYER)) == ("layer",)


def test_several_signatures_come_in_their_own_order_and_each_once():
    general = signature("general", pattern(message="layer"), pattern(message="Unknown"))
    symptoms = failed("Unknown layer: Scale")
    assert recognise(symptoms, (LAYER, general)) == ("layer", "general")
    assert recognise(symptoms, (general, LAYER)) == ("general", "layer")


def test_unless_keeps_a_general_signature_away_from_a_special_one():
    general = signature("general", pattern(message="Unknown layer", unless="Functional"))
    assert recognise(failed("Unknown layer: Scale"), (general,)) == ("general",)
    assert recognise(failed("Unknown layer: Functional"), (general,)) == ()


def test_a_text_counts_where_versions_are_not_known_and_not_where_they_contradict():
    newer = signature(
        "newer", pattern(message="key"), where=Where(saver=Side(), loader=keras3(">=3"))
    )
    assert recognise(failed("key"), (newer,)) == ("newer",)
    assert recognise(failed("key", loader=EnvironmentVersions(keras="3.15.1")), (newer,)) == (
        "newer",
    )
    assert recognise(failed("key", loader=EnvironmentVersions(keras="2.2.4-tf")), (newer,)) == ()


def test_a_prerelease_is_inside_the_range_it_leads_to():
    newer = signature(
        "newer", pattern(message="key"), where=Where(saver=Side(), loader=keras3(">=3.14"))
    )
    symptoms = failed("key", loader=EnvironmentVersions(keras="3.16.0.dev2026010203"))
    assert recognise(symptoms, (newer,)) == ("newer",)


def test_numbers_are_proof_only_together_with_everything_that_explains_them():
    assert recognise(DRIFTED, (KERNELS,)) == ("kernels",)
    for missing in ("outputs", "weights", "saved_config", "saver", "loader"):
        assert recognise(without(DRIFTED, missing), (KERNELS,)) == (), missing


def test_the_same_predictions_show_no_silent_failure():
    assert recognise(changed(DRIFTED, outputs=outputs(0.0)), (KERNELS,)) == ()


def test_chance_explains_a_difference_of_a_model_that_is_random_by_itself():
    assert recognise(changed(DRIFTED, random=True), (KERNELS,)) == ()
    chance = signature("chance", pattern(random=True))
    assert recognise(changed(DRIFTED, random=True), (chance, KERNELS)) == ("chance",)


def test_another_format_speaks_against_a_signature_that_names_formats():
    placed = signature(
        "placed",
        pattern(message="key"),
        where=Where(formats=("h5",), saver=Side(), loader=Side()),
    )
    assert recognise(failed("key", format="h5"), (placed,)) == ("placed",)
    assert recognise(failed("key", format="keras"), (placed,)) == ()
    assert recognise(failed("key"), (placed,)) == ("placed",)


def test_a_small_difference_is_one_below_the_limit():
    small = signature("small", pattern(drift=True, below=0.05, saved_config="float16"))
    symptoms = Symptoms(outputs=outputs(0.004), saved_config="mixed_float16")
    assert recognise(symptoms, (small,)) == ("small",)
    assert recognise(changed(symptoms, outputs=outputs(0.5)), (small,)) == ()


def test_another_python_is_another_minor_version_and_needs_both():
    crash = signature("crash", pattern(signal=(11,), saved_config="Lambda", other_python=True))
    died = Symptoms(
        signal=11,
        saved_config='"Lambda"',
        saver=EnvironmentVersions(python="3.11.7"),
        loader=EnvironmentVersions(python="3.12.1"),
    )
    assert recognise(died, (crash,)) == ("crash",)
    assert recognise(changed(died, loader=EnvironmentVersions(python="3.11.2")), (crash,)) == ()
    assert recognise(changed(died, saver=None), (crash,)) == ()
    assert recognise(changed(died, signal=9), (crash,)) == ()


@pytest.mark.parametrize(
    ("compared", "signs"),
    [
        (weights(), {WeightsSign.EQUAL}),
        (weights(equal=2, flipped=2), {WeightsSign.FLIPPED}),
        (weights(equal=2), {WeightsSign.PARTLY}),
        (weights(equal=0), {WeightsSign.NONE}),
        (weights(loaded=3, equal=3), {WeightsSign.PARTLY, WeightsSign.FEWER}),
        (weights(loaded=5), {WeightsSign.MORE}),
        (weights(saved=0, loaded=0, equal=0), {WeightsSign.EQUAL}),
        (None, set()),
    ],
)
def test_arrays_say_what_became_of_them(compared, signs):
    assert weights_signs(compared) == signs


def test_a_warning_is_searched_in_each_warning_by_itself():
    warned = signature("warned", pattern(warning="^UserWarning: no"))
    assert recognise(Symptoms(warnings=("a", "UserWarning: no")), (warned,)) == ("warned",)
    assert recognise(Symptoms(warnings=("a UserWarning: no",)), (warned,)) == ()


def test_a_second_save_that_fails_is_a_sign_of_its_own():
    again = signature("again", pattern(save_again="get_config"))
    assert recognise(Symptoms(save_again="must override `get_config`"), (again,)) == ("again",)
    assert recognise(Symptoms(), (again,)) == ()


def test_nothing_known_shows_nothing():
    assert recognise(Symptoms(), (LAYER, KERNELS)) == ()


def changed(symptoms, **facts):
    from dataclasses import replace

    return replace(symptoms, **facts)


def without(symptoms, name):
    return changed(symptoms, **{name: None})


def test_a_word_of_seventy_thousand_letters_does_not_stop_recognition():
    worded = signature("worded", pattern(message=r"\w+ is not a layer"))
    text = "n" * 70_000 + " and Scale is not a layer"
    assert recognise(failed(text, traceback=text), (worded,)) == ("worded",)
