"""A container beside a build, which hands it the host's settings, the installer and wheels."""

from __future__ import annotations

import platform
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runner.docker import containers
from runner.docker.connection import ARCHITECTURES
from runner.docker.engine_errors import EngineError
from runner.docker.sandbox import Sandbox
from runner.environments.image_plan import tar_of
from runner.environments.uv import uv_binary
from runner.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.docker.connection import Engine
    from runner.environments.image_settings import Settings
    from runner.model.builds import Lock
    from runner.model.matrix import Installation

INSIDE = Path(__file__).with_name("inside")
MEMORY_MB = 2048  # what is served is held in memory, a local wheel of some hundred MB included


@contextmanager
def beside(
    engine: Engine, base: str, python: str, files: tuple[tuple[str, bytes], ...]
) -> Iterator[str]:
    """Serve the files to a build on the network mode that is given. Raises EngineError."""
    container = containers.start(
        engine,
        base,
        [f"python{python}", "-I", "-c", (INSIDE / "serve.py").read_text("utf-8")],
        sandbox=Sandbox(memory_mb=MEMORY_MB, cpus=min(2, engine.cpus), network="bridge"),
        variables={},
        labels={"org.kmatrix.purpose": "build"},
    )
    try:
        content = tar_of(files).getvalue()
        with engine.doing("handing settings to the build"):
            container.stream.send((b"%d\n" % len(content), content))
        if container.stream.output.readline().strip() != b"ready":
            said = bytes(container.stream.errors[-300:]).decode("utf-8", "replace").strip()
            raise EngineError(f"python{python} does not run in {base}: {said}")
        yield f"container:{container.id}"
    finally:
        container.remove()


def served_files(
    engine: Engine,
    installation: Installation,
    lock: Lock,
    *,
    folder: Path,
    settings: Settings,
    more: tuple[Path, ...] = (),
) -> tuple[tuple[str, bytes], ...]:
    """Return settings, local wheels of the lock or ``more``, and uv where it runs there."""
    wheels = tuple((path.name, path.read_bytes()) for path in more) + tuple(
        (path.name, path.read_bytes())
        for links in installation.index.find_links
        for path in sorted((folder / links).glob("*"))
        if path.suffix in {".whl", ".gz", ".zip"} and _is_locked(path.name, lock)
    )
    return (*settings.served(tuple(name for name, _ in wheels)), *wheels, *_uv(engine))


def _is_locked(name: str, lock: Lock) -> bool:
    stem = name.lower().replace("_", "-")
    return any(
        stem.startswith(f"{package.lower().replace('_', '-')}-{version.lower()}")
        for package, version in lock.packages
    )


def _uv(engine: Engine) -> tuple[tuple[str, bytes], ...]:
    machine = platform.machine()
    if engine.platform != f"{platform.system().lower()}/{ARCHITECTURES.get(machine, machine)}":
        return ()  # pip in the base image installs the same lock, more slowly
    try:
        return (("uv", uv_binary().read_bytes()),)
    except ToolError:
        return ()
