from pathlib import Path

import pytest

from runner.run.placeholders import with_placeholders

RUN = Path("/home/me/build/scratch/run-1")
FOLDERS = {
    RUN / "batch-1/0/source": "$ARTIFACT",
    RUN / "batch-1/0": "$TASK",
    RUN: "$RUN",
    Path("/home/me/build/worker/abc"): "$KMATRIX",
}


def replaced(text):
    failure = {"type": "ValueError", "message": text, "traceback": text, "innermost": text}
    data = {"failure": failure, "warnings": [text], "log": text, "not_available": text}
    found = with_placeholders({**data, "save_again": failure}, FOLDERS)
    assert found["failure"] == found["save_again"]
    texts = {*found["failure"].values(), *found["warnings"], found["log"], found["not_available"]}
    (text,) = texts - {"ValueError"}
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"at {RUN}/batch-1/0/source/model.h5", "at $ARTIFACT/model.h5"),
        (f"at '{RUN}/batch-1/0/source'", "at '$ARTIFACT'"),
        (f"at {RUN}/batch-1/0/sources", "at $TASK/sources"),
        (f"at {RUN}/batch-1/01/x", "at $RUN/batch-1/01/x"),
        (f"at {RUN}/workers/tf/home/.keras", "at $RUN/workers/tf/home/.keras"),
        (f"at {RUN}0/other", f"at {RUN}0/other"),
        ("/home/me/build/worker/abc/kmatrix_worker/task.py", "$KMATRIX/kmatrix_worker/task.py"),
        ("/kmatrix/b12/3/source/model.h5", "$ARTIFACT/model.h5"),
        ("/kmatrix/b12/3/artifact", "$ARTIFACT"),
        ("/kmatrix/b12/3/model.weights.h5", "$TASK/model.weights.h5"),
        ("/kmatrix/code/kmatrix_worker/task.py", "$KMATRIX/kmatrix_worker/task.py"),
        ("no path in here", "no path in here"),
    ],
)
def test_our_own_folders_have_the_same_name_in_every_run(text, expected):
    assert replaced(text) == expected


def test_what_is_not_there_stays_away():
    found = with_placeholders({"kind": "load", "failure": None}, FOLDERS)
    assert found == {"kind": "load", "failure": None, "warnings": []}
