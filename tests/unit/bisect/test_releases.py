"""Which releases are searched, with which Python, and what differs between two locks."""

import pytest
from packaging.version import Version

from runner.bisect.import_check import top_modules
from runner.bisect.release_dates import first_upload
from runner.bisect.releases import Offered, PackageChange, changes, releases
from runner.errors import ToolError


def offered(python, versions, wheels=None):
    every = frozenset(map(Version, versions.split()))
    return Offered(
        python=python,
        versions=every,
        wheels=every if wheels is None else frozenset(map(Version, wheels.split())),
    )


def found(*offers, held="3.11", prereleases=False):
    made = releases("thing", offers, held=held, prereleases=prereleases)
    return [(str(one), one.python) for one in made.all]


def test_releases_are_in_the_order_of_versions_with_patch_releases():
    assert found(offered("3.11", "3.10.0 3.9.2 3.9.10")) == [
        ("3.9.2", "3.11"), ("3.9.10", "3.11"), ("3.10.0", "3.11"),
    ]  # fmt: skip


def test_a_release_without_a_wheel_for_the_held_python_gets_the_nearest_that_it_has_one_for():
    assert found(offered("3.8", "1.0 2.0"), offered("3.10", "2.0"), offered("3.11", "3.0")) == [
        ("1.0", "3.8"), ("2.0", "3.10"), ("3.0", "3.11"),
    ]  # fmt: skip


def test_a_release_without_any_wheel_is_built_with_the_held_python():
    assert found(offered("3.11", "0.1 1.0", "1.0"), offered("3.8", "1.0")) == [
        ("0.1", "3.11"), ("1.0", "3.11"),
    ]  # fmt: skip


def test_pre_releases_are_searched_only_where_they_are_wanted():
    offer = offered("3.11", "1.0 1.1rc1")
    assert found(offer) == [("1.0", "3.11")]
    assert found(offer, prereleases=True) == [("1.0", "3.11"), ("1.1rc1", "3.11")]


def test_a_version_can_be_named_in_short_and_one_that_is_not_there_names_its_neighbours():
    made = releases(
        "thing", [offered("3.11", "3.9.2 3.10.0 3.11.3")], held="3.11", prereleases=False
    )
    assert made.index("3.10", "--good") == 1
    with pytest.raises(ToolError, match=r"--good 3\.10\.7: .*near it: 3\.9\.2, 3\.10\.0, 3\.11\.3"):
        made.index("3.10.7", "--good")
    with pytest.raises(ToolError, match="--bad new: not a version"):
        made.index("new", "--bad")


def test_other_packages_that_differ_between_two_locks_are_named():
    before = {"keras": "3.9.2", "numpy": "2.1.0", "rich": "13.0", "gone": "1"}
    after = {"keras": "3.10.0", "numpy": "2.2.0", "rich": "13.0", "new": "2"}
    assert changes(before, after, apart_from=["keras"]) == (
        PackageChange(name="gone", before="1", after=None),
        PackageChange(name="new", before=None, after="2"),
        PackageChange(name="numpy", before="2.1.0", after="2.2.0"),
    )


def test_the_day_of_a_release_is_that_of_its_first_file():
    text = """
[[packages]]
name = "keras"
sdist = { upload-time = 2025-05-19T22:58:30Z }
wheels = [{ upload-time = 2025-05-18T22:58:28Z }, { upload-time = 2026-01-01T00:00:00Z }]
"""
    assert first_upload(text) == "2025-05-18"
    assert first_upload("[[packages]]\nname = 'x'\nwheels = [{}]\n") is None
    assert first_upload("no toml") is None


def test_the_modules_of_a_package_are_read_from_its_record():
    lines = ["tcn/__init__.py,sha256=x,1", "tcn/tcn.py,,", "plain.py,,", "a-1.dist-info/RECORD,,"]
    assert top_modules(lines) == ("tcn", "plain")
