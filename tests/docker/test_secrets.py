"""A company's index, its certificate authority and its proxy: used by a build, left nowhere."""

import base64
import http.server
import io
import json
import ssl
import subprocess
import tarfile
import threading

import pytest

from runner.docker import image_store as images
from runner.model.builds import Built
from runner.model.matrix import Limits
from tests.docker.conftest import tiny_installation

USER, PASSWORD = "build-user", "s3cret-of-the-index"
PROXY_PASSWORD = "s3cret-of-the-proxy"  # noqa: S105 - made up
BRIDGE = "172.17.0.1"  # the host, as containers on the default network see it


def certificates(folder):
    """A certificate authority, and the key and certificate of a server that it vouches for."""
    files = [folder / name for name in ("ca.key", "ca.pem", "key.pem", "request.pem", "cert.pem")]
    ca_key, authority, key, request, certificate = files
    names = folder / "names.txt"
    names.write_text(f"subjectAltName=IP:{BRIDGE}\nbasicConstraints=CA:FALSE\n")
    new = ("openssl", "req", "-newkey", "rsa:2048", "-nodes")
    days = ("-days", "2")
    for argv in (
        (*new, *days, "-x509", "-keyout", ca_key, "-out", authority, "-subj", "/CN=authority"),
        (*new, "-keyout", key, "-out", request, "-subj", "/CN=index"),
        (
            *("openssl", "x509", "-req", "-in", request, "-CA", authority, "-CAkey", ca_key),
            *("-CAcreateserial", *days, "-extfile", names, "-out", certificate),
        ),
    ):
        subprocess.run(argv, check=True, capture_output=True)
    return authority, key, certificate


@pytest.fixture
def index(tiny, tmp_path):
    """An index on TLS under a certificate authority of its own, behind a password."""
    authority, key, certificate = certificates(tmp_path)
    wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    pages = {
        "/simple/tiny/": (
            f'<a href="/files/{tiny.wheel.name}#sha256={tiny.digest}">{tiny.wheel.name}</a>'
        ).encode(),
        f"/files/{tiny.wheel.name}": tiny.wheel.read_bytes(),
    }
    served = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            allowed = self.headers.get("Authorization") == wanted
            content = pages.get(self.path, b"") if allowed else b""
            self.send_response(401 if not allowed else 200 if content else 404)
            self.send_header("WWW-Authenticate", 'Basic realm="index"')
            kind = "text/html" if self.path.endswith("/") else "application/octet-stream"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            served.append((self.path, allowed))

        do_HEAD = do_GET  # noqa: N815 - as http.server calls it

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer((BRIDGE, 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, authority, served
    server.shutdown()
    server.server_close()


def test_they_reach_the_build_and_no_layer_history_or_log(
    engine, tiny, tiny_builder, index, monkeypatch
):
    port, certificate, served = index
    for name in ("PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"https://{USER}:{PASSWORD}@{BRIDGE}:{port}/simple")
    monkeypatch.setenv("HTTPS_PROXY", f"http://someone:{PROXY_PASSWORD}@proxy.invalid:3128")
    monkeypatch.setenv("NO_PROXY", BRIDGE)
    installation = tiny_installation("tiny-secret")
    lock = tiny.lock(installation)
    tiny.without_wheels()
    built = tiny_builder.build(installation, lock, Limits())
    assert isinstance(built, Built), built
    assert (f"/files/{tiny.wheel.name}", True) in served
    api = engine.client.api
    try:
        places = {
            "history": json.dumps(api.history(built.image)),
            "configuration": json.dumps(api.inspect_image(built.image)),
            "log": built.log.read_text(),
            "layers": contents(api.get_image(built.image)),
        }
    finally:
        images.remove(engine, built.image)
    body = certificate.read_text().splitlines()[1]
    for place, text in places.items():
        for secret in (PASSWORD, PROXY_PASSWORD, "proxy.invalid", f"{BRIDGE}:{port}", body):
            assert secret not in text, f"{secret} in the {place}"
    assert "/opt/kmatrix/lock.txt" in places["history"] + places["log"]
    assert "here = True" in places["layers"]  # the search does look into layers


def contents(saved):
    """Everything that ``docker save`` gives, layers unpacked, as one text."""
    found = []
    with tarfile.open(fileobj=io.BytesIO(b"".join(saved))) as outer:
        for member in outer:
            data = outer.extractfile(member).read() if member.isfile() else b""
            found.append(data)
            if member.name.endswith(".tar") or data[257:262] == b"ustar":
                with tarfile.open(fileobj=io.BytesIO(data)) as layer:
                    found += [layer.extractfile(item).read() for item in layer if item.isfile()]
    return b"\n".join(found).decode("latin-1")


def test_a_wrong_password_is_told_without_the_password(
    engine, tiny, tiny_builder, index, monkeypatch
):
    port, certificate, _ = index
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"https://{USER}:not-that-one@{BRIDGE}:{port}/simple")
    installation = tiny_installation("tiny-refused")
    lock = tiny.lock(installation)
    tiny.without_wheels()
    failed = tiny_builder.build(installation, lock, Limits())
    assert not isinstance(failed, Built)
    log = failed.log.read_text()
    assert "<hidden>" in log
    for secret in ("not-that-one", f"{BRIDGE}:{port}", BRIDGE):
        assert secret not in failed.reason + log
