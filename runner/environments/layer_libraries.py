"""Libraries of layers on top of a lock: resolved without moving it, or built into a wheel."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from dataclasses import dataclass, replace
from email import message_from_bytes
from typing import TYPE_CHECKING, NamedTuple

import filelock
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from runner import child_processes
from runner.environments.build_faults import classify, explain
from runner.environments.uv import uv_binary, uv_environment
from runner.model.builds import Fault, LockState, Unavailable
from runner.model.keras_identity import TENSORFLOW_PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from runner.model.builds import Lock
    from runner.model.matrix import Installation, Package


class Wheel(NamedTuple):
    """A local package as it is installed: by its address and hash, without dependencies."""

    path: Path
    name: str
    version: str

    def line(self, folder: str) -> str:
        """Return a line of a lock that takes it from this folder."""
        digest = hashlib.sha256(self.path.read_bytes()).hexdigest()
        return f"{self.name} @ file://{folder}/{self.path.name} --hash=sha256:{digest}"


def make_wheel(installation: Installation, lock: Lock, build: Path) -> Wheel | Unavailable | None:
    """Return the wheel of an installation's local package; None where it has none. Raises OSError.

    Built once for each state of its sources. Unavailable where that fails, or where it asks for
    what the lock does not have: nothing is added to it and nothing of it is moved.
    """
    package = installation.package
    if package is None or package.path is None:
        return None
    path = package.path if package.path.is_file() else _built(package, build)
    if isinstance(path, Unavailable):
        return path
    name, version, *_ = parse_wheel_filename(path.name)
    try:
        needs = _needs(path)
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError) as error:
        reason = f"{path} is not a valid wheel ({error}); build it again"
        return Unavailable(fault=Fault.INSTALL, reason=reason)
    unmet = unmet_needs(needs, dict(lock.packages), installation.python)
    if unmet:
        hint = "; name what is missing below `requirements` of the package" if any(
            need.installed is None for need in unmet
        ) else ""  # fmt: skip
        reason = f"{name} {version} asks for {'; '.join(map(str, unmet))}{hint}"
        return Unavailable(fault=Fault.INSTALL, reason=f"conflict: {reason}")
    return Wheel(path=path, name=name, version=str(version))


@dataclass(frozen=True, kw_only=True, slots=True)
class UnmetNeed:
    """A requirement that the locked versions do not meet. ``installed``: None if there is none."""

    requirement: str
    installed: str | None

    def __str__(self) -> str:
        if self.installed is None:
            return f"{self.requirement}, which is not installed"
        return f"{self.requirement}, and {self.installed} is installed"


def unmet_needs(
    needs: Iterable[Requirement], packages: Mapping[str, str], python: str
) -> tuple[UnmetNeed, ...]:
    """Find the requirements of a package that the locked versions do not meet. Pure."""
    have: dict[str, str] = {canonicalize_name(name): version for name, version in packages.items()}
    product = next((have[name] for name in TENSORFLOW_PACKAGES if name in have), None)
    where = {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    unmet = []
    for need in needs:
        if need.marker is not None and not need.marker.evaluate(where):
            continue
        name = canonicalize_name(need.name)
        version = product if name in TENSORFLOW_PACKAGES and product else have.get(name)
        if version is None or not need.specifier.contains(version, prereleases=True):
            words = f"{need.name}{need.specifier}"
            unmet.append(UnmetNeed(requirement=words, installed=version))
    return tuple(unmet)


def pinned_by(base: Lock) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Constraints that keep a base as it is, and overrides. Pure.

    A library asks for ``tensorflow`` where the base may have ``tensorflow-cpu``: it is there.
    """
    packages = {canonicalize_name(name): version for name, version in base.packages}
    others = [name for name in TENSORFLOW_PACKAGES if name in packages]
    constraints = tuple(f"{name}=={version}" for name, version in base.packages)
    if others and "tensorflow" not in packages:
        return constraints, ("tensorflow ; sys_platform == 'never'",)
    return constraints, ()


def product_version(base: Lock) -> str | None:
    """Return the TensorFlow of a base that has it under another name than libraries ask for."""
    packages: dict[str, str] = {canonicalize_name(name): version for name, version in base.packages}
    if "tensorflow" in packages:
        return None
    return next((packages[name] for name in TENSORFLOW_PACKAGES if name in packages), None)


def _built(package: Package, build: Path) -> Path | Unavailable:
    assert package.path is not None  # noqa: S101 - the caller looked
    folder = build / "packages" / f"{package.name}-{sources_digest(package.path)[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder.with_name(f"{folder.name}.lock")):
        if found := next(folder.glob("*.whl"), None):
            return found
        done = child_processes.run(
            (uv_binary(), "build", "--wheel", "--no-config", "--out-dir", folder, package.path),
            seconds=600.0,
            env=uv_environment(),
            log=folder / "build.log",
        )
        found = next(folder.glob("*.whl"), None)
    if done.ok and found is not None:
        return found
    reason = f"{package.path} cannot be built into a wheel: {explain(done.output)}"
    return Unavailable(fault=classify(done.output), reason=reason, log=folder / "build.log")


def _needs(wheel: Path) -> tuple[Requirement, ...]:
    """Return the requirements of a wheel.

    Raises BadZipFile, zlib.error or ValueError for a broken one.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        if not names:
            raise ValueError("it has no METADATA")
        metadata = message_from_bytes(archive.read(names[0]))
    return tuple(Requirement(text) for text in metadata.get_all("Requires-Dist") or ())


METADATA = ("pyproject.toml", "setup.py", "setup.cfg", "MANIFEST.in")
# Beside the sources: a change there is no change of what is installed.
ASIDE = frozenset({"build", "dist", "docs", "test", "tests", "examples", "node_modules"})
GENERATED = frozenset({"__pycache__"})


def with_sources(lock: Lock, path: Path) -> Lock:
    """Return a lock whose digest also speaks for a local package."""
    if lock.state is not LockState.FRESH:
        return lock
    found = hashlib.sha256(lock.digest.encode() + sources_digest(path).encode())
    return replace(lock, digest=f"sha256:{found.hexdigest()}")


def sources_digest(path: Path) -> str:
    """sha256 of a wheel, or of what a wheel of this folder would be made from."""
    found = hashlib.sha256()
    for file in [path] if path.is_file() else sorted(source_files(path)):
        found.update(file.relative_to(path.parent).as_posix().encode() + b"\0")
        found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def source_files(folder: Path) -> Iterator[Path]:
    """Its metadata, its modules, and everything in folders that hold Python packages."""
    for path in folder.iterdir():
        if path.is_dir():
            if _is_package(path):
                yield from _below(path)
        elif path.name in METADATA or (path.suffix == ".py" and path.name != "noxfile.py"):
            yield path


def _is_package(path: Path) -> bool:
    if path.name in ASIDE or path.name.startswith("."):
        return False
    return path.name == "src" or (path / "__init__.py").is_file()


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in GENERATED or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            yield from _below(path)
        elif path.suffix not in {".pyc", ".pyo"}:
            yield path
