import json
from dataclasses import replace

import pytest

from runner.compare.upgrade_answer import answer, fate_of, unbuilt
from runner.compare.upgrade_text import as_json, as_text, paragraph
from runner.model.finding import FindingCode, Verdict
from runner.model.results import AttemptResult, RouteResult, ScriptResult, SignatureResult
from runner.model.upgrade import Fate, Safety, Side
from tests.unit.factories import cell_result, environment_result, results

FORWARD = [("old", "new")]
NO_READER = {
    "code": FindingCode.NO_READER,
    "reason": "no reader for savedmodel here: File format not supported",
}


def fate(verdict, control="identical", **changes):
    lost = changes.pop("control_lost", ())
    own = cell_result("old/m/h5/old", {"verdict": control, "lost": lost})
    if control == "remedied":
        own = replace(own, route="custom-objects")
    return fate_of(cell_result("old/m/h5/new", {"verdict": verdict, **changes}), own)


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        ("identical", Fate.WORKS),
        ("degraded", Fate.LOSES),
        ("remedied", Fate.REMEDY),
        ("refused", Fate.BREAKS),
        ("crashed", Fate.BREAKS),
        ("hung", Fate.BREAKS),
        ("drifted", Fate.DRIFTS),
        ("unsupported", Fate.UNASKED),
        ("unavailable", Fate.UNKNOWN),
        ("missing", Fate.UNKNOWN),
    ],
)
def test_every_verdict_of_a_good_artifact_has_a_fate(verdict, expected):
    assert fate(verdict) is expected


def test_what_its_own_saver_cannot_read_is_not_the_upgrade_s_fault():
    assert fate("refused", control="broken") is Fate.BEFORE
    assert fate("identical", control="broken") is Fate.BEFORE


def test_a_format_that_was_read_and_no_longer_is_is_gone():
    assert fate("unsupported", **NO_READER) is Fate.GONE
    assert fate("unsupported", **NO_READER, control="unsupported") is Fate.UNASKED
    assert fate("unsupported", reason="tf.function is needed") is Fate.UNASKED


def test_the_wording_of_a_reason_decides_nothing():
    assert fate("unsupported", reason="no reader for h5 here", code=None) is Fate.UNASKED
    assert fate("unsupported", reason="reworded", code=FindingCode.NO_READER) is Fate.GONE


def test_what_was_lost_before_too_is_no_loss_of_the_upgrade():
    both = {"lost": ("optimizer state",), "control": "degraded"}
    assert fate("degraded", control_lost=("optimizer state",), **both) is Fate.WORKS
    assert fate("degraded", control_lost=("something else",), **both) is Fate.LOSES


def test_the_same_way_of_loading_as_before_is_no_change():
    assert fate("remedied", control="remedied", route="custom-objects") is Fate.WORKS
    assert fate("remedied", control="remedied", route="rebuild-weights") is Fate.REMEDY


def asked(cells, pairs=FORWARD, **changes):
    found = results(
        {"old/m/h5/old": "identical", "old/n/h5/old": "identical", **cells},
        environments=("old", "new"),
    )
    return answer(replace(found, **changes), pairs)


def test_safe_is_what_keeps_working_or_loses_what_is_not_predicted():
    found = asked(
        {"old/m/h5/new": "identical", "old/n/h5/new": {"verdict": "degraded", "lost": ("slots",)}}
    )
    assert found.safety is Safety.SAFE
    words = "of 2 saved files, 1 keeps working, and 1 works but loses something (slots)."
    assert f"is safe for saved models: {words}" in paragraph(found)


@pytest.mark.parametrize("verdict", ["refused", "drifted", "crashed", "hung"])
def test_one_artifact_that_is_hurt_makes_it_unsafe(verdict):
    found = asked({"old/m/h5/new": verdict, "old/n/h5/new": "missing"})
    assert found.safety is Safety.UNSAFE


def test_a_remedy_makes_it_safe_with_changes():
    found = asked({"old/m/h5/new": {"verdict": "remedied", "route": "rebuild-weights"}})
    assert found.safety is Safety.CHANGES


def test_what_was_not_answered_leaves_it_open():
    assert asked({"old/m/h5/new": "identical", "old/n/h5/new": "missing"}).safety is Safety.UNKNOWN
    assert asked({"old/m/h5/new": "unsupported"}).safety is Safety.UNKNOWN
    assert asked({}).safety is Safety.UNKNOWN


def test_an_environment_that_is_not_ready_leaves_it_open_and_says_why():
    found = asked(
        {"old/m/h5/new": "unavailable"},
        environments=(
            environment_result("old"),
            environment_result("new", status="broken", reason="numpy.dtype size changed"),
        ),
    )
    assert found.safety is Safety.UNKNOWN
    assert "could not be told: new is broken: numpy.dtype size changed." in paragraph(found)


@pytest.mark.parametrize(
    "own", ["broken", {"verdict": "refused", "code": FindingCode.NOT_SAVED}], ids=["0.1", "now"]
)
def test_an_artifact_that_could_not_even_be_saved_counts_as_failing_before(own):
    found = asked({"old/m/h5/new": "identical", "old/x/h5/old": own})
    assert found.safety is Safety.SAFE
    assert found.directions[0].count(Fate.BEFORE) == 1
    assert "(1 more fail before the upgrade too.)" in paragraph(found)


def test_both_directions_are_as_safe_as_the_worse_one():
    cells = {"old/m/h5/new": "identical", "new/m/h5/new": "identical", "new/m/h5/old": "refused"}
    found = asked(cells, pairs=[("old", "new"), ("new", "old")])
    assert [direction.safety for direction in found.directions] == [Safety.SAFE, Safety.UNSAFE]
    assert found.safety is Safety.UNSAFE


def test_a_control_is_no_part_of_the_answer():
    found = asked({"old/m/h5/new": "identical", "new/m/h5/new": "drifted"})
    assert found.directions[0].compared == 1


RICH = {
    "old/m/h5/new": {
        "verdict": "remedied",
        "route": "rebuild",
        "remedy": "rebuild",
        "attempts": (
            AttemptResult(
                route="rebuild", verdict=Verdict.IDENTICAL, reason="", key="k", scripts=("s",)
            ),
        ),
    },
    "old/n/h5/new": {"verdict": "refused", "signatures": ("F12",)},
    "old/n/keras/new": {"verdict": "drifted", "reason": "predictions differ by up to 0.08"},
    "old/n/keras/old": "identical",
    "old/m/keras/new": {"verdict": "unsupported", **NO_READER},
    "old/m/keras/old": "identical",
}


def rich():
    return asked(
        RICH,
        routes=(RouteResult(id="rebuild", title="from its code"),),
        scripts=(ScriptResult(id="s", code="model = build()\nload()"),),
        signatures=(SignatureResult(id="F12", title="batch_shape is unknown", cause="c"),),
    )


def test_the_text_says_what_breaks_why_and_the_code_that_helps():
    text = "\n".join(as_text(rich()))
    assert text.startswith("not safe\n")
    for words in (
        "    1  breaks",
        "F12: batch_shape is unknown",
        "keras: n",
        "loads, and predicts something else",
        "predictions differ by up to 0.08",
        "rebuild:\n      model = build()\n      load()",
        "keras is no longer read",
    ):
        assert words in text


def test_the_paragraph_is_one_line_with_every_number():
    text = paragraph(rich())
    assert "\n" not in text
    assert (
        "is not safe for saved models: of 4 saved files, 1 needs another way of loading "
        "(rebuild: from its code), 1 breaks (F12: batch_shape is unknown), 1 is no longer read "
        "(keras), and 1 loads and silently predicts something else "
        "(predictions differ by up to 0.08)." in text
    )
    assert "Measured by kmatrix 0.1.0 on 2026-01-01, with 2 reference models in h5, keras." in text


def test_json_says_the_same_and_survives_a_reader():
    data = json.loads(json.dumps(as_json(rich())))
    assert data["safety"] == "not safe"
    assert data["paragraph"] == paragraph(rich())
    (direction,) = data["directions"]
    assert direction["counts"]["drifts"] == 1
    assert direction["compared"] == 4
    assert {group["fate"] for group in direction["groups"]} == {
        "remedy",
        "breaks",
        "drifts",
        "gone",
    }


def test_an_environment_that_cannot_be_had_is_an_answer_too():
    found = unbuilt(
        Side(id="old", words="Python 3.11"),
        Side(id="old-with-numpy-99.0", words="numpy==99.0"),
        "numpy==99.0 cannot be installed: there is no such version",
        date="2026-01-01",
        kmatrix="0.1.0",
    )
    assert found.safety is Safety.UNKNOWN
    assert "could not be told: numpy==99.0 cannot be installed" in paragraph(found)
    assert "Measured" not in paragraph(found)
    assert json.loads(json.dumps(as_json(found)))["safety"] == "could not tell"
