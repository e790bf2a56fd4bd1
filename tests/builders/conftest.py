"""A small package index on loopback with one tiny package, so that real builds need no network."""

import base64
import hashlib
import io
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from runner.environments.locks import lock_path, lock_text, read_lock
from runner.environments.nox_builder import NoxBuilder
from runner.model.matrix import Installation, Limits

WHEEL = "kmatrix_tiny-1.0-py3-none-any.whl"
LIMITS = Limits(build_seconds=240)


def make_wheel():
    """The smallest package there can be."""
    info = "kmatrix_tiny-1.0.dist-info"
    files = {
        "kmatrix_tiny.py": "ANSWER = 42\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: kmatrix-tiny\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = "".join(
        f"{name},sha256={_urlsafe(text)},{len(text)}\n" for name, text in files.items()
    )
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(zipfile.ZipInfo(name), text)
    return buffer.getvalue()


def _urlsafe(text):
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass
class Index:
    """The index: how often it was asked, and how often it shall still fail."""

    address: str
    digest: str
    failures: int = 0
    hang: threading.Event | None = None
    asked: list = field(default_factory=list)

    @property
    def lock(self):
        """What a resolver would say."""
        return f"kmatrix-tiny==1.0 \\\n    --hash=sha256:{self.digest}\n"


@pytest.fixture
def index(monkeypatch, tmp_path):
    """The index, and uv and pip set up for it and nothing else."""
    wheel = make_wheel()
    digest = hashlib.sha256(wheel).hexdigest()
    link = f'<a href="/{WHEEL}#sha256={digest}">{WHEEL}</a>'
    pages = {"/simple/kmatrix-tiny/": link.encode(), f"/{WHEEL}": wheel}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            state.asked.append(self.path)
            if state.hang is not None:
                state.hang.wait(60)
            failing, state.failures = state.failures > 0, max(0, state.failures - 1)
            body = pages.get(self.path)
            self.send_response(503 if failing else 404 if body is None else 200)
            self.send_header("Content-Type", "text/html" if self.path != f"/{WHEEL}" else "x/x")
            self.send_header("Content-Length", str(0 if failing else len(body or b"")))
            self.end_headers()
            if body and not failing:
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    address = f"http://127.0.0.1:{server.server_address[1]}"
    state = Index(address=address, digest=digest)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"{address}/simple/")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    yield state
    if state.hang is not None:
        state.hang.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def builder(tmp_path, monkeypatch):
    monkeypatch.setattr("runner.environments.nox_builder.PAUSE", 0.05)
    return NoxBuilder(folder=tmp_path, build=tmp_path / "build")


@pytest.fixture
def tiny():
    return Installation(name="tiny", python="3.11", requirements=("kmatrix-tiny==1.0",))


@pytest.fixture
def write_lock(tmp_path):
    """Write a lock beside the matrix; return it as the builder gets it."""

    def write_lock(installation, compiled):
        path = lock_path(tmp_path, installation)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(lock_text(installation, compiled), "utf-8")
        return read_lock(tmp_path, installation)

    return write_lock
