"""Signature files with mistakes: each with its place, all at once."""

import re

import pytest

from runner.errors import ExitCode, ToolError
from runner.signatures import read_signatures

GOOD = """\
- id: batch-shape
  code: F02
  title: "a title"
  example: "TypeError: batch_shape"
  match:
    message: ["batch_shape", "batch_input"]
  where:
    formats: [h5, keras]
    saver: {keras: ">=3"}
    loader: {keras: "<3", backend: tensorflow, api: tf.keras}
  cause: why
  remedies:
    - text: upgrade
      route: resave
      pin: "keras>=3"
      code: |-
        one
        two
  links: ["keras-team/keras#7", "keras-team/keras@v3.0.0/keras/a.py"]
"""


def read(tmp_path, text):
    (tmp_path / "10-some.yaml").write_text(text)
    return read_signatures(tmp_path)


def mistakes(tmp_path, text):
    with pytest.raises(ToolError) as caught:
        read(tmp_path, text)
    assert caught.value.exit_code is ExitCode.USAGE
    return str(caught.value).replace(f"{tmp_path}/", "").splitlines()


def test_a_good_file_becomes_nouns(tmp_path):
    (found,) = read(tmp_path, GOOD)
    assert found.id == "batch-shape"
    assert [pattern.pattern for pattern in found.match[0].message] == ["batch_shape", "batch_input"]
    assert found.where.formats == ("h5", "keras")
    assert str(found.where.loader.keras) == "<3"
    assert found.remedies[0].route == "resave"
    assert found.remedies[0].pin == ("keras>=3",)
    assert found.remedies[0].code == "one\ntwo"
    assert found.links == (
        "https://github.com/keras-team/keras/issues/7",
        "https://github.com/keras-team/keras/blob/v3.0.0/keras/a.py",
    )
    assert not found.silent


def test_files_are_read_in_the_order_of_their_names(tmp_path):
    (tmp_path / "20-later.yaml").write_text(GOOD.replace("batch-shape", "later"))
    assert [each.id for each in read(tmp_path, GOOD)] == ["batch-shape", "later"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: batch-shape", "id: Batch_Shape", "1:7: [0].id: 'Batch_Shape' cannot be id"),
        ("code: F02", "code: Z9", "2:9: [0].code: 'Z9' cannot be code"),
        ("message: [", "mesage: [", "did you mean 'message'?"),
        ('"batch_shape",', '"batch(shape",', "not a regular expression: missing )"),
        (
            '"batch_shape",',
            '"x*",',
            "matches every text; a pattern for everything",
        ),
        ("[h5, keras]", "[h5, zip]", "unknown format 'zip'"),
        ('">=3"}', '"3+"}', "'3+' is not a version specifier"),
        ("route: resave", "route: resvae", "unknown route 'resvae'; did you mean 'resave'?"),
        ('pin: "keras>=3"', 'pin: "keras=>3"', "'keras=>3' is not a requirement"),
        ('["keras-team/keras#7"', '["keras 7"', "'keras 7' is not a link"),
        ("  cause: why\n", "", "the key 'cause' is missing"),
        ("  match:\n    message: [", "  match:\n    unless: [", "fits too many loads"),
        ("backend: tensorflow", "backend: mxnet", "unknown backend 'mxnet'"),
    ],
)
def test_a_mistake_has_its_place_and_a_way_out(tmp_path, old, new, said):
    assert old in GOOD
    found = mistakes(tmp_path, GOOD.replace(old, new))
    assert any(said in line for line in found), found
    assert all(re.match(r"10-some\.yaml:\d+:\d+: ", line) for line in found)


def test_all_mistakes_come_at_once_sorted_by_their_place(tmp_path):
    bad = GOOD.replace("code: F02", "code: 2").replace("route: resave", "route: boat")
    lines = mistakes(tmp_path, bad + GOOD)
    assert [line.split(": ")[1] for line in lines] == [
        "[0].code",
        "[0].remedies[0].route",
        "[1].id",
    ]
    assert "'batch-shape' is listed twice; first at" in lines[-1]


def test_drift_alone_is_no_sign(tmp_path):
    text = GOOD.replace('message: ["batch_shape", "batch_input"]', "drift: true")
    assert "fits too many loads" in mistakes(tmp_path, text)[0]


def test_a_signal_is_written_by_its_name(tmp_path):
    text = GOOD.replace("    message:", "    signal: SIGSEGV\n    message:")
    assert read(tmp_path, text)[0].match[0].signal == (11,)
    text = GOOD.replace("    message:", "    signal: SIGFOO\n    message:")
    assert "unknown signal 'SIGFOO'" in mistakes(tmp_path, text)[0]


def test_predictions_that_differ_make_a_signature_silent(tmp_path):
    text = GOOD.replace("    message:", "    drift: true\n    saved-config: Conv\n    lost:")
    assert read(tmp_path, text)[0].silent
