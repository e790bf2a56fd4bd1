"""The one step of an image's build: a virtual environment with a lock in it. Python 3.6 or newer.

What it needs and must leave no trace of (the address of an index, certificates, the installer)
comes from ``serve.py`` beside the build. Without it, in a plain ``docker build``, pip serves.
"""

import http.client
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(HERE, "venv")
PORT = 8765
SECRET = "/dev/shm/kmatrix"  # in memory: gone with the step
PASSING = "/tmp/kmatrix"  # what has to be executable; removed before the step ends


def fetch(name):
    """Fetch a file from the host; None where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    try:
        connection.request("GET", "/" + name)
        answer = connection.getresponse()
        content = answer.read()
        return content if answer.status == 200 else None
    except OSError:
        return None
    finally:
        connection.close()


def write(folder, name, content, mode=0o600):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(content)
    os.chmod(path, mode)
    return path


def environment(settings):
    """Return the host's settings for indexes, proxies and certificates, for this step only."""
    variables = dict(os.environ)
    variables.update(settings.get("variables", {}))
    for name in settings.get("files", ()):
        content = fetch(name)
        if content is not None:
            write(SECRET, name, content)
    # Netrc, uv.toml and pip.conf are looked up there.
    variables.update(HOME=SECRET, XDG_CONFIG_HOME=SECRET)
    for variable, name in settings.get("paths", {}).items():
        variables[variable] = os.path.join(SECRET, name)
    return variables


def installer():
    """uv, where one was handed in and runs here; one made for glibc does not run on Alpine."""
    content = fetch("uv")
    if content is None:
        return None
    uv = write(PASSING, "uv", content, 0o700)
    try:
        subprocess.check_output([uv, "--version"])
    except (OSError, subprocess.CalledProcessError):
        return None
    return uv


def with_uv(uv, variables, options):
    variables["UV_CACHE_DIR"] = os.path.join(HERE, "cache")  # on one file system: hard links
    variables["UV_NO_PROGRESS"] = "1"
    run([uv, "venv", "--python", sys.executable, VENV], variables)
    python = os.path.join(VENV, "bin", "python")
    lock = os.path.join(HERE, "lock.txt")
    sync = [uv, "pip", "sync", "--require-hashes", "--compile-bytecode", "--python", python]
    run(sync + options + [lock], variables)


def with_pip(variables, links):
    run([sys.executable, "-m", "venv", VENV], variables)
    python = os.path.join(VENV, "bin", "python")
    lock = os.path.join(HERE, "lock.txt")
    install = [python, "-m", "pip", "install", "--no-cache-dir", "--require-hashes", "--no-deps"]
    run(install + links + ["--requirement", lock], variables)


def run(argv, variables):
    print("$ " + " ".join(argv), flush=True)
    subprocess.run(argv, env=variables, check=True)


def main(options):
    settings = json.loads((fetch("settings.json") or b"{}").decode("utf-8"))
    try:
        variables = environment(settings)
        wheels = [(name, fetch(name)) for name in settings.get("wheels", ())]
        for name, content in wheels:
            write(PASSING, name, content)
        links = ["--find-links", PASSING] if wheels else []
        uv = installer()
        if uv is not None:
            with_uv(uv, variables, options + links)
        else:
            with_pip(variables, links)
    except subprocess.CalledProcessError as error:
        return error.returncode
    finally:
        for folder in (SECRET, PASSING, os.path.join(HERE, "cache")):
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
