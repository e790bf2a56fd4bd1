"""A base image from this machine's own Python, for machines that cannot pull one.

Usage: python tests/docker/base_image.py 3.7 3.12 [--prefix kmatrix-test/python]
It holds what ``python:3.7-slim`` holds for us: the interpreter, its standard library, the shared
libraries both need, the C++ runtime, a shell; no installed packages.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import docker  # noqa: E402

from runner.environments.interpreters import find_interpreter  # noqa: E402

PREFIX = "kmatrix-test/python"
LIBRARIES = "usr/lib/x86_64-linux-gnu"
# Wheels bring their own libraries, apart from what every Linux has: manylinux's list.
ALWAYS = (
    *("libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "libdl.so.2", "libpthread.so.0"),
    *("librt.so.1", "libutil.so.1", "libresolv.so.2", "libnss_dns.so.2", "libnss_files.so.2"),
)
UNUSED = ("test", "idlelib", "tkinter", "turtledemo", "__pycache__", "site-packages")
FILES = {
    "etc/passwd": "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/nonexistent:/bin/false\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
}
LINKS = {"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64", "usr/bin/sh": "dash"}


def image_name(version: str, prefix: str = PREFIX) -> str:
    """The name a base image for Python ``3.7`` gets."""
    return f"{prefix}:{version}-slim"


def make(client: docker.DockerClient, version: str, prefix: str = PREFIX) -> str:
    """Make the image unless it is there; its name."""
    name = image_name(version, prefix)
    if name in {tag for image in client.images.list() for tag in image.tags}:
        return name
    python = find_interpreter(version)
    assert python is not None, f"no Python {version} on this machine"
    repository, tag = name.rsplit(":", 1)
    path = "PATH=/usr/local/bin:/usr/bin:/bin"
    client.api.import_image_from_data(
        archive(Path(python).resolve(), version),
        repository=repository,
        tag=tag,
        changes=[f"ENV {path}", "ENV LANG=C.UTF-8", 'CMD ["python3"]'],
    )
    return name


def archive(python: Path, version: str) -> bytes:
    """The root file system as a tar."""
    prefix = python.parents[1]
    library = prefix / "lib" / f"python{version}"
    binaries = [python, Path("/usr/bin/dash"), *sorted(library.glob("lib-dynload/*.so"))]
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as tar:
        for folder, mode in (("root", 0o700), ("tmp", 0o1777), ("etc", 0o755), ("usr", 0o755)):
            _add(tar, folder, None, mode=mode)
        for name, target in LINKS.items():
            _link(tar, name, target)
        for name, text in FILES.items():
            _add(tar, name, text.encode())
        for name, path in sorted(libraries(binaries).items()):
            folder = "usr/lib64" if name.startswith("ld-linux") else LIBRARIES
            _add(tar, f"{folder}/{name}", path.read_bytes(), mode=0o755)
        _add(tar, "usr/bin/dash", Path("/usr/bin/dash").read_bytes(), mode=0o755)
        _add(tar, f"usr/local/bin/python{version}", python.read_bytes(), mode=0o755)
        for name in ("python", "python3"):
            _link(tar, f"usr/local/bin/{name}", f"python{version}")
        tar.add(library, arcname=f"usr/local/lib/python{version}", filter=_plain)
    return sink.getvalue()


def libraries(binaries: list[Path]) -> dict[str, Path]:
    """What the binaries are linked with, by name; Tk and X are left out."""
    found = {}
    for binary in binaries:
        if "tkinter" in binary.name:
            continue
        done = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            path = next((part for part in line.split() if part.startswith("/")), None)
            if path is not None:
                found[Path(path).name] = Path(path)
    host = Path("/") / LIBRARIES
    return found | {name: host / name for name in ALWAYS if (host / name).exists()}


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    parts = Path(member.name).parts[4:]
    if set(parts) & set(UNUSED) or (parts and parts[0].startswith("config-")):
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


def _add(tar: tarfile.TarFile, name: str, content: bytes | None, *, mode: int = 0o644) -> None:
    member = tarfile.TarInfo(name)
    member.mode = mode
    member.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
    member.size = len(content or b"")
    tar.addfile(member, io.BytesIO(content or b""))


def _link(tar: tarfile.TarFile, name: str, target: str) -> None:
    member = tarfile.TarInfo(name)
    member.type = tarfile.SYMTYPE
    member.linkname = target
    tar.addfile(member)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("versions", nargs="+", metavar="3.12")
    parser.add_argument("--prefix", default=PREFIX)
    options = parser.parse_args()
    client = docker.from_env()
    for version in options.versions:
        print(make(client, version, options.prefix))


if __name__ == "__main__":
    main()
