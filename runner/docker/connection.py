"""Finding the Engine: DOCKER_HOST, the current docker context, else the default socket."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import docker
from docker.constants import IS_WINDOWS_PLATFORM
from docker.context import ContextAPI
from docker.errors import DockerException

from runner.docker.engine_errors import EngineError, engine_errors, unreachable
from runner.model.builds import Fault

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

SECONDS = 120  # for one answer of the Engine; a removal on a busy machine takes its time
DEFAULT = "npipe:////./pipe/docker_engine" if IS_WINDOWS_PLATFORM else "unix:///var/run/docker.sock"
# What an Engine says of itself; rootless ones with cgroups v1 can do none of these.
LIMITS = {"MemoryLimit": "memory", "CpuCfsQuota": "processors", "PidsLimit": "processes"}
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Engine:
    """An Engine that answers. ``platform`` as images name it: ``linux/amd64``."""

    client: Any  # docker.DockerClient, which has no types
    address: str
    version: str
    platform: str
    cpus: int
    memory_mb: int
    unlimited: tuple[str, ...] = ()  # what it cannot hold a container to

    def doing(self, what: str) -> AbstractContextManager[None]:
        """Whatever goes wrong inside is an EngineError about ``what``."""
        return engine_errors(what, self.address)


def connect() -> Engine:
    """Return the Engine that the docker command would use.

    Raises EngineError where none answers.
    """
    address, options = _where()
    try:
        client, info = _client(address, options)
    except OSError as error:  # for example no ``ssh`` for an address that needs it
        raise EngineError(unreachable(error, address), Fault.ENGINE) from error
    machine = str(info.get("Architecture", "x86_64"))
    return Engine(
        client=client,
        address=address,
        version=str(info.get("ServerVersion", "")),
        platform=f"{info.get('OSType', 'linux')}/{ARCHITECTURES.get(machine, machine)}",
        cpus=int(info.get("NCPU") or 1),
        memory_mb=int(info.get("MemTotal") or 0) // (1024 * 1024),
        unlimited=tuple(what for key, what in LIMITS.items() if info.get(key) is False),
    )


def _client(address: str, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    with engine_errors("connecting", address):
        ssh = {"use_ssh_client": True} if address.startswith("ssh://") else {}
        client = docker.DockerClient(base_url=address, timeout=SECONDS, version="auto",
                                     **options, **ssh)  # fmt: skip
        return client, client.info()


def _where() -> tuple[str, dict[str, Any]]:
    """Return the address and, for TLS, what proves who is who."""
    if os.environ.get("DOCKER_HOST"):
        found = docker.utils.kwargs_from_env()
        return str(found.pop("base_url")), found
    try:
        context = ContextAPI.get_current_context()
    except (DockerException, OSError, ValueError):  # an unreadable ~/.docker is no reason to stop
        return DEFAULT, {}
    host = (context and context.Host) or DEFAULT
    tls = context.TLSConfig if context and context.TLSConfig else None
    # The context's default address is written with another scheme than the client's.
    return str(host).replace("http+unix://", "unix://"), {"tls": tls} if tls else {}
