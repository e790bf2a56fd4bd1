"""Runs beside a build and hands it what must not stay in an image. Python 3.6 or newer.

A tar comes in on stdin and is kept in memory. The build's steps share this container's network,
so that they, and nobody else, reach it on 127.0.0.1. It ends when stdin does.
"""

import http.server
import io
import sys
import tarfile
import threading

PORT = 8765


def read_files(stream):
    """Read what the host sent: its length on a line of its own, then a tar."""
    size = int(stream.readline())
    with tarfile.open(fileobj=io.BytesIO(stream.read(size))) as tar:
        return {item.name: tar.extractfile(item).read() for item in tar if item.isfile()}


def main():
    files = read_files(sys.stdin.buffer)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            content = files.get(self.path.lstrip("/"))
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", PORT), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
