"""What an Engine's refusal means: one line, and whose fault it is."""

from __future__ import annotations

import errno
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import requests
import urllib3
from docker.errors import APIError, DockerException, NotFound

from runner.display_text import one_line
from runner.model.builds import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

GONE = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    DockerException,
    ConnectionError,
    TimeoutError,
)
UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})
DENIED = re.compile(
    r"denied|unauthorized|authentication required|no basic auth|not found|unknown: "
    r"|manifest (?:for .* )?unknown|no such image",
    re.IGNORECASE,
)


class EngineError(Exception):
    """An Engine did not do what it was asked. ``fault`` is None where only the text can tell."""

    def __init__(self, reason: str, fault: Fault | None = None) -> None:
        super().__init__(reason)
        self.fault = fault


@contextmanager
def engine_errors(doing: str, address: str) -> Iterator[None]:
    """Turn whatever the client raises into an EngineError that says what was being done.

    An OSError that is not about the connection (a full disk under a build's log) passes.
    """
    try:
        yield
    except EngineError:
        raise
    except NotFound as error:
        raise EngineError(f"{doing}: {text_of(error)}", Fault.IMAGE) from error
    except APIError as error:
        text = text_of(error)
        raise EngineError(
            f"{doing}: {text}", Fault.IMAGE if DENIED.search(text) else None
        ) from error
    except GONE as error:
        raise EngineError(unreachable(error, address), Fault.ENGINE) from error
    except OSError as error:
        if error.errno not in UNREACHABLE:
            raise
        raise EngineError(unreachable(error, address), Fault.ENGINE) from error


def text_of(error: APIError) -> str:
    """Return what the Engine said, in one line."""
    return one_line(str(error.explanation or error))


def unreachable(error: BaseException, address: str) -> str:
    """Why there is no talking to the Engine at ``address``, and what helps."""
    text = str(error)
    if "Permission denied" in text or "PermissionError" in text:
        return (
            f"this user may not use the Docker Engine at {address}; "
            "join the group docker, or run a rootless Engine and name it with DOCKER_HOST"
        )
    if "timed out" in text:
        return f"the Docker Engine at {address} did not answer in time"
    return (
        f"no Docker Engine answers at {address}; start it (systemctl start docker), "
        "or name another one with DOCKER_HOST or docker context use"
    )
