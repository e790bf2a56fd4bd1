"""Scenes played in real environments: the halves that save, and those that load.

A scene that wants other packages gets them in a folder of its own, in front of an environment's.
"""

import importlib
import json
import os
import pkgutil
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from runner.environments.uv import uv_binary, uv_environment
from runner.model.signature import EnvironmentVersions
from runner.worker_client.bundle import make_bundle

HERE = Path(__file__).resolve().parent
SECONDS = 900


def all_scenes():
    sys.path.insert(0, str(HERE))
    package = importlib.import_module("scenes")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name != "__main__":
            importlib.import_module(f"scenes.{module.name}")
    return package.SCENES


class Halves:
    """What each half of each scene printed, how it ended, and the versions it said."""

    def __init__(self, root, build):
        self.root = root
        self.build = build

    def folder(self, scene):
        return self.root / scene.name.replace("@", "-")

    def play(self, scenes, half):
        places = {}
        for scene in scenes:
            place = scene.saver if half == "save" else scene.loader
            places.setdefault(json.dumps(place, sort_keys=True), []).append(scene)
        for key, group in places.items():
            self._batch(json.loads(key), group, half)

    def _batch(self, place, scenes, half):
        jobs = [
            [scene.name, half, str(self.folder(scene)), str(self.folder(scene) / f"{half}.log")]
            for scene in scenes
        ]
        path = self.root / "jobs.json"
        path.write_text(json.dumps(jobs))
        output, code = run_scenes(place, self.build, "batch", str(path))
        for scene in scenes:
            log = self.folder(scene) / f"{half}.log"
            if not log.with_name(log.name + ".code").exists():  # Keras could not be imported
                log.write_text(output)
                log.with_name(log.name + ".code").write_text(str(code or 1))

    def of(self, scene, half):
        """Everything printed, the exit code, and the versions."""
        log = self.folder(scene) / f"{half}.log"
        output = log.read_text("utf-8", "replace")
        found = re.search(r"^VERSIONS (.*)$", output, re.MULTILINE)
        setting = EnvironmentVersions(**json.loads(found[1])) if found else None
        output = re.sub(r"^VERSIONS .*\n?", "", output, flags=re.MULTILINE)
        return output, int(log.with_name(log.name + ".code").read_text()), setting

    def saved(self, scene):
        return scene.saver is None or self.of(scene, "save")[1] == 0


def save_here(scene, folder):
    before = Path.cwd()
    os.chdir(folder)
    try:
        scene.play().save()
    finally:
        os.chdir(before)


def run_scenes(place, build, *arguments):
    """Play in an environment: everything printed, and the exit code."""
    python, environ, api = interpreter(place, build)
    worker = make_bundle(build / "worker").folder
    paths = [*environ.pop("paths"), str(HERE), str(worker)]
    environ |= {"PYTHONPATH": os.pathsep.join(paths), "KMATRIX_API": api, "SCENE_API": api}
    environ |= {"TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": "-1"}
    ended = subprocess.run(
        [python, "-m", "scenes", *arguments],
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
    )
    return ended.stdout.decode("utf-8", "replace"), ended.returncode


def interpreter(place, build):
    """The Python of an environment, with packages in front of its own where a scene wants so."""
    if isinstance(place, str):
        folders = (build / "environments").glob(f"{place}-????????????")
        found = max(folders, key=lambda folder: folder.stat().st_mtime)
        api = "keras" if place.startswith("keras") or "keras3" in place else "tf.keras"
        backend = {"KERAS_BACKEND": place.split("-")[1]} if place.startswith("keras") else {}
        flags = {}
        if "theano" in place:  # without its compiler; a folder of its own, so that none waits
            flags["THEANO_FLAGS"] = f"cxx=,device=cpu,base_compiledir={tempfile.mkdtemp()}"
        return str(found / "bin" / "python"), {"paths": [], **backend, **flags}, api
    overlay = build / "overlays" / "-".join([*place["packages"], place.get("over", "own")])
    if "over" not in place:
        return _own_environment(place, overlay)
    python, environ, api = interpreter(place["over"], build)
    if place["packages"] and not overlay.is_dir():
        version = subprocess.check_output(
            [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], text=True
        )
        _uv("pip", "install", "--no-deps", "--python-version", version.strip(), "--only-binary",
            ":all:", "--target", overlay, *place["packages"])  # fmt: skip
    environ["paths"] = [str(overlay)] if place["packages"] else []
    return python, {**environ, **place.get("variables", {})}, api


def _own_environment(place, folder):
    if not folder.is_dir():
        _uv("venv", "--python", place["python"], folder)
        first, *others = place["packages"]
        python = folder / "bin" / "python"
        _uv("pip", "install", "--python", python, first, "protobuf<3.21")
        _uv("pip", "install", "--python", python, "--no-deps", *others)
    return str(folder / "bin" / "python"), {"paths": []}, "tf.keras"


def _uv(*arguments):
    command = [uv_binary(), *map(str, arguments)]
    subprocess.run(command, check=True, timeout=900, env=uv_environment())
