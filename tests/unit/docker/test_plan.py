from pathlib import Path

import pytest

from runner.environments.image_plan import plan_image, render, repository, tar_of
from runner.model.builds import Lock, LockState
from runner.model.matrix import ImageOptions, IndexOptions, Installation

DIGEST = "sha256:" + "0" * 64
LOCK = Lock(path=Path("lock.txt"), state=LockState.FRESH, digest=DIGEST)


def installation(name="tf2.15-py311", index=None, **image):
    return Installation(
        name=name,
        python="3.11",
        requirements=("tensorflow-cpu==2.15.1",),
        index=index or IndexOptions(),
        image=ImageOptions(**image),
    )


@pytest.mark.parametrize(
    ("image", "base"),
    [
        ({}, "python:3.11-slim"),
        ({"mirror": "registry.example/hub"}, "registry.example/hub/python:3.11-slim"),
        ({"base": "team/python{python}"}, "team/python3.11"),
        ({"digests": (("3.11", DIGEST), ("3.12", "other"))}, f"python:3.11-slim@{DIGEST}"),
    ],
)
def test_the_base_follows_a_rule(image, base):
    assert installation(**image).image.base_for("3.11") == base
    assert f"\nFROM {base}\n" in render(installation(**image), LOCK, base)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tf2.15-py311", "kmatrix/tf2.15-py311"),
        ("My_Env", "kmatrix/my-env"),
        ("a--b__c..d-", "kmatrix/a-b-c-d"),
    ],
)
def test_a_name_is_one_that_docker_takes(name, expected):
    assert repository(installation(name)) == expected


def plan(item, **changes):
    options = {"platform": "linux/amd64", "pins": b"x==1", "install": b"code"}
    return plan_image(item, LOCK, **{**options, **changes})


def test_the_tag_is_of_all_that_goes_in():
    first = plan(installation())
    assert first == plan(installation())
    assert first.tag.startswith("kmatrix/tf2.15-py311:")
    others = [
        plan(installation(), platform="linux/arm64"),
        plan(installation(), install=b"other code"),
        plan(installation(base="other")),
        plan(installation(index=IndexOptions(prerelease=True))),
    ]
    assert len({first.tag, *(other.tag for other in others)}) == 5


def test_a_context_is_the_same_bytes_each_time():
    files = (("Dockerfile", b"FROM x"), ("lock.txt", b"y"))
    assert tar_of(files).getvalue() == tar_of(files).getvalue()
    assert [name for name, _ in plan(installation()).files] == [
        "Dockerfile",
        "install.py",
        "lock.txt",
    ]
