"""Libraries of layers on top of a lock: what they may not move, and what they are made of."""

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from runner.cli.lock_files import with_locks
from runner.environments.layer_libraries import (
    Wheel,
    make_wheel,
    pinned_by,
    product_version,
    sources_digest,
    unmet_needs,
)
from runner.environments.locks import lock_path, lock_text, own_lock, read_lock, without_lock
from runner.model.builds import Lock, LockState, Unavailable
from runner.model.matrix import Installation, Package

BASE = Installation(name="base", python="3.11", requirements=("tensorflow-cpu==2.15.1", "six"))
PINS = "tensorflow-cpu==2.15.1 --hash=sha256:aa\nkeras==2.15.0 --hash=sha256:bb\n"
HAVE = {"tensorflow-cpu": "2.15.1", "keras": "2.15.0", "numpy": "1.26.4"}


def layer(**package):
    return replace(BASE, name="base+foo", package=Package(name="foo", **package), base=BASE)


def write(folder, installation, body=PINS, **header):
    path = lock_path(folder, installation)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(lock_text(installation, body, **header), "utf-8")


@pytest.fixture
def sources(tmp_path):
    folder = tmp_path / "lib"
    (folder / "foo").mkdir(parents=True)
    (folder / "tests").mkdir()
    (folder / "pyproject.toml").write_text("[project]\nname='foo'\n")
    (folder / "foo" / "__init__.py").write_text("")
    return folder


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        (("tensorflow",), ()),
        (("tensorflow>=2.15", "Keras<3", "numpy"), ()),
        (("tensorflow>=2.16",), ("tensorflow>=2.16, and 2.15.1 is installed",)),
        (("keras>=3",), ("keras>=3, and 2.15.0 is installed",)),
        (("einops>=0.7",), ("einops>=0.7, which is not installed",)),
        (("einops; extra == 'all'", "tomli; python_version < '3.11'"), ()),
    ],
)
def test_what_a_package_asks_for_is_measured_against_the_lock(needs, words):
    found = unmet_needs(map(Requirement, needs), HAVE, "3.11")
    assert tuple(map(str, found)) == words


def test_every_version_of_the_base_is_kept_and_tensorflow_by_another_name_counts():
    lock = Lock(path=Path(), state=LockState.FRESH, digest="", packages=tuple(HAVE.items()))
    constraints, overrides = pinned_by(lock)
    assert constraints == ("tensorflow-cpu==2.15.1", "keras==2.15.0", "numpy==1.26.4")
    assert overrides == ("tensorflow ; sys_platform == 'never'",)
    assert product_version(lock) == "2.15.1"


def test_a_base_with_the_plain_package_needs_no_override():
    packages = (("tensorflow", "2.10.0"),)
    lock = Lock(path=Path(), state=LockState.FRESH, digest="", packages=packages)
    assert pinned_by(lock) == (("tensorflow==2.10.0",), ())
    assert product_version(lock) is None


def test_a_release_has_a_lock_of_its_own_that_goes_stale_with_its_base(tmp_path):
    release = layer(requirement="foo==1")
    write(tmp_path, BASE)
    write(tmp_path, release, base=read_lock(tmp_path, BASE).digest)
    assert own_lock(tmp_path, release).state is LockState.FRESH
    write(tmp_path, BASE, PINS.replace("2.15.0", "2.15.1"))
    assert own_lock(tmp_path, release).state is LockState.STALE


def test_a_conflict_is_an_answer_and_says_why(tmp_path):
    release = layer(requirement="foo==1")
    write(tmp_path, BASE)
    base = read_lock(tmp_path, BASE).digest
    write(tmp_path, release, "", base=base, conflict="foo==1 depends on\n tensorflow>=2.16")
    lock = read_lock(tmp_path, release)
    assert lock.state is LockState.CONFLICT
    unavailable = without_lock(release, lock)
    assert unavailable is not None
    assert unavailable.reason == "cannot be installed: foo==1 depends on tensorflow>=2.16"


def test_a_local_package_lies_on_its_bases_lock_and_its_sources_are_in_the_digest(
    tmp_path, sources
):
    local = layer(path=sources)
    write(tmp_path, BASE)
    base, before = read_lock(tmp_path, BASE), read_lock(tmp_path, local)
    assert (before.state, before.path) == (LockState.FRESH, base.path)
    assert before.digest != base.digest
    (sources / "foo" / "layers.py").write_text("x = 1\n")
    assert read_lock(tmp_path, local).digest != before.digest


def test_what_is_not_installed_does_not_change_the_digest(sources):
    before = sources_digest(sources)
    (sources / "tests" / "test_it.py").write_text("")
    (sources / "matrix.yaml").write_text("")
    (sources / "foo" / "__pycache__").mkdir()
    (sources / "foo" / "__pycache__" / "x.pyc").write_bytes(b"")
    assert sources_digest(sources) == before
    (sources / "pyproject.toml").write_text("[project]\nname='foo'\nversion='2'\n")
    assert sources_digest(sources) != before


def test_bases_are_locked_before_what_lies_on_them(tmp_path, sources):
    release, local = layer(requirement="foo==1"), replace(layer(path=sources), name="base+local")
    assert [item.name for item in with_locks((local, release), tmp_path)] == ["base", "base+foo"]
    needy = replace(local, package=replace(local.package, requirements=("einops",)))
    assert [item.name for item in with_locks((needy,), tmp_path)] == ["base", "base+local"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("garbage", "File is not a zip file"),
        ("cut", "File is not a zip file"),
        ("empty", "it has no METADATA"),
        ("bad need", "Expected"),
        ("bad bytes", "Error -3|CRC"),
    ],
)
def test_a_broken_wheel_makes_the_environment_unavailable(tmp_path, content, reason):
    path = tmp_path / "foo-1.0-py3-none-any.whl"
    name = "foo-1.0.dist-info/METADATA"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        need = "!! not a requirement" if content == "bad need" else "numpy"
        archive.writestr("x" if content == "empty" else name, f"Requires-Dist: {need}\n")
    whole = path.read_bytes()
    begin = 30 + len(name)  # behind the header of the first file: its compressed content
    path.write_bytes(
        {
            "garbage": b"garbage",
            "cut": whole[: len(whole) // 2],
            "bad bytes": whole[:begin] + b"\xff" * 8 + whole[begin + 8 :],
        }.get(content, whole)
    )
    lock = Lock(path=tmp_path / "lock.txt", state=LockState.FRESH, digest="")
    found = make_wheel(layer(path=path), lock, tmp_path / "build")
    assert isinstance(found, Unavailable)
    assert f"{path} is not a valid wheel (" in found.reason
    assert re.search(reason, found.reason)
    assert found.reason.endswith("build it again")


def test_a_wheel_is_locked_by_its_hash(tmp_path):
    path = tmp_path / "foo-1.0-py3-none-any.whl"
    path.write_bytes(b"wheel")
    line = Wheel(path=path, name="foo", version="1.0").line("/somewhere")
    assert line.startswith("foo @ file:///somewhere/foo-1.0-py3-none-any.whl --hash=sha256:")
