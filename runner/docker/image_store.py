"""Images: found, built, pulled, pushed, removed, weighed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from docker.errors import ImageNotFound
from docker.utils import parse_repository_tag

from runner.display_text import one_line
from runner.docker.engine_errors import EngineError
from runner.model.builds import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.docker.connection import Engine

INSTALLATION = "org.kmatrix.installation"  # the label that says that an image is ours


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """An image that the Engine has. ``shared``: bytes of layers that other images have too."""

    id: str
    tags: tuple[str, ...]
    bytes: int
    shared: int = 0
    installation: str = ""


class BuildFailed(EngineError):  # noqa: N818 - as StartFailed
    """A step of a Dockerfile failed. ``step`` as the Engine prints it: ``Step 4/6 : RUN …``."""

    def __init__(self, reason: str, *, step: str, fault: Fault | None = None) -> None:
        super().__init__(reason, fault)
        self.step = step


def find(engine: Engine, reference: str) -> Image | None:
    """Return the image of that name, if the Engine has it."""
    with engine.doing(f"looking for {reference}"):
        try:
            found = engine.client.api.inspect_image(reference)
        except ImageNotFound:
            return None
    return Image(id=found["Id"], tags=tuple(found.get("RepoTags") or ()), bytes=int(found["Size"]))


def build(
    engine: Engine,
    context: IO[bytes],
    *,
    tag: str,
    network: str,
    seconds: float,
    say: Callable[[str], None],
) -> None:
    """Build from a tar with a Dockerfile; every line it prints goes to ``say``.

    Raises BuildFailed at a step that fails, and at the time limit.
    """
    deadline = time.monotonic() + seconds
    try:
        with engine.doing("building"):
            stream = engine.client.api.build(
                fileobj=context,
                custom_context=True,
                tag=tag,
                rm=True,
                forcerm=True,
                network_mode=network,
                timeout=seconds,  # between two messages; the deadline is for all of them
                decode=True,
            )
            _follow_build(stream, deadline, say)
    except EngineError as error:
        if time.monotonic() < deadline or (isinstance(error, BuildFailed) and error.fault is None):
            raise
        step = error.step if isinstance(error, BuildFailed) else ""
        raise BuildFailed(f"not built within {seconds:g} s", step=step, fault=Fault.TIME) from None


def _follow_build(
    stream: Iterator[dict[str, Any]], deadline: float, say: Callable[[str], None]
) -> None:
    step = ""
    for message in stream:
        text = str(message.get("stream") or message.get("status") or "")
        if text.startswith("Step "):
            step = text.strip()
        if text:
            say(text)
        if "error" in message:
            raise BuildFailed(one_line(str(message["error"])), step=step)
        if time.monotonic() > deadline:
            raise BuildFailed("over its time", step=step, fault=Fault.TIME)


def pull(engine: Engine, reference: str) -> None:
    """Fetch an image. Raises EngineError where its registry refuses or has none of that name."""
    repository, tag = parse_repository_tag(reference)
    with engine.doing(f"pulling {reference}"):
        _follow(
            engine.client.api.pull(repository, tag=tag or "latest", stream=True, decode=True),
            f"pulling {reference}",
        )


def push(engine: Engine, reference: str) -> None:
    """Send an image to the registry in its name. Raises EngineError."""
    repository, tag = parse_repository_tag(reference)
    with engine.doing(f"pushing {reference}"):
        _follow(
            engine.client.api.push(repository, tag=tag, stream=True, decode=True),
            f"pushing {reference}",
        )


def _follow(stream: Iterator[dict[str, Any]], doing: str) -> None:
    for message in stream:
        if "error" in message:
            text = one_line(str(message["error"]))
            raise EngineError(f"{doing}: {text}")


def remove(engine: Engine, reference: str) -> None:
    """Remove a name, and the image where it was its last. Raises EngineError."""
    with engine.doing(f"removing {reference}"):
        engine.client.api.remove_image(reference, noprune=False)


def ours(engine: Engine) -> tuple[Image, ...]:
    """Every image that kmatrix made and that has a name, with the bytes it shares."""
    with engine.doing("listing images"):
        found = engine.client.api.df()["Images"] or ()
    return tuple(
        Image(
            id=item["Id"],
            tags=tuple(item.get("RepoTags") or ()),
            bytes=int(item["Size"]),
            shared=max(0, int(item.get("SharedSize", 0))),
            installation=str(item["Labels"][INSTALLATION]),
        )
        for item in found
        if INSTALLATION in (item.get("Labels") or {}) and item.get("RepoTags")
    )
