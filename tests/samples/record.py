"""Record samples from real environments.

    python -m tests.samples.record scenes [NAME…]    play scenes (see tests/samples/scenes)
    python -m tests.samples.record matrix            from the evidence of a matrix that was run

Environments are those that `kmatrix env build` made in build/environments. A scene that wants
other packages gets them in a folder of its own, in front of an environment's own.
"""

import argparse
import importlib
import json
import os
import pkgutil
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from runner.builders.uv_tool import uv_binary, uv_environment
from runner.judge.compare import compare_outputs, compare_weights
from runner.judge.symptoms import first_different_layer
from runner.nouns.evidence import Failure, stack_in
from runner.nouns.signature import Setting, Symptoms
from runner.nouns.spec import Tolerance
from runner.recognise import load_signatures, recognise
from runner.recognise.texts import raised_in
from runner.workers.bundle import make_bundle
from runner.workers.reading import evidence_from_json
from tests.samples.sample import Sample, read_samples, write_samples

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MOST = 4  # samples of one signature
SECONDS = 900
# What differs from run to run, and says where this ran.
HOME = re.compile(r"/\S*?/build/(environments|overlays)/([\w.-]+?)(-[0-9a-f]{12})?(?=/)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("scenes", "matrix"))
    parser.add_argument("names", nargs="*")
    parser.add_argument(
        "--missing",
        action="store_true",
        help="scenes of the signatures without a sample; of a matrix one of those without a cell",
    )
    parser.add_argument("--build-dir", type=Path, default=ROOT / "build")
    options = parser.parse_args()
    if options.what == "scenes":
        record_scenes(options)
    else:
        from tests.samples.matrix import record_matrix

        record_matrix(options)


def record_scenes(options):
    """Play what is wanted, one process for all halves of an environment; keep what is right."""
    shown = {sample.signature for sample in read_samples() if not sample.quoted}
    wanted = [
        scene
        for name, scene in sorted(all_scenes().items())
        if (not options.names or {name, signature_of(scene)} & set(options.names))
        and not (options.missing and (signature_of(scene) in shown or scene.extra.get("slow")))
    ]
    with tempfile.TemporaryDirectory(prefix="scenes-") as folder:
        halves = Halves(Path(folder), options.build_dir)
        for scene in wanted:
            halves.folder(scene).mkdir()
            if scene.saver is None:
                _save_here(scene, halves.folder(scene))
        halves.play([scene for scene in wanted if scene.saver is not None], "save")
        halves.play([scene for scene in wanted if halves.saved(scene)], "load")
        for scene in wanted:
            judge(scene, sample_of(scene, halves))


def judge(scene, sample):
    if isinstance(sample, str):
        print(f"LOOK {scene.name}: {sample[-1500:]}", flush=True)
        return
    found = recognise(sample.symptoms, load_signatures())
    right = found[:1] == (sample.signature,)
    print(f"{'ok  ' if right else 'LOOK'} {scene.name}: {found} {in_short(sample.symptoms)}")
    if right:
        keep(sample)
    else:
        print(f"     {sample.symptoms}"[:1500], flush=True)


def signature_of(scene):
    return scene.name.split("@")[0]


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
        setting = Setting(**json.loads(found[1])) if found else None
        output = re.sub(r"^VERSIONS .*\n?", "", output, flags=re.MULTILINE)
        return output, int(log.with_name(log.name + ".code").read_text()), setting

    def saved(self, scene):
        return scene.saver is None or self.of(scene, "save")[1] == 0


def in_short(symptoms):
    if symptoms.failure is not None:
        return " ".join(symptoms.failure.innermost.split())[:150]
    outputs = symptoms.outputs
    differ = f"max {outputs.max_abs:.3g}" if outputs is not None else ""
    return f"{differ} {symptoms.weights} {symptoms.first_layer} {symptoms.warnings}"


def keep(sample):
    """Add a sample, in the place of one from the same source."""
    others = [
        each
        for each in read_samples()
        if each.signature == sample.signature and each.source != sample.source and not each.quoted
    ]
    write_samples(sample.signature, sorted([*others, sample], key=lambda each: each.source))


def all_scenes():
    sys.path.insert(0, str(HERE))
    package = importlib.import_module("scenes")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name != "__main__":
            importlib.import_module(f"scenes.{module.name}")
    return package.SCENES


def sample_of(scene, halves):
    """The sample that a scene left behind, or what went otherwise than it should."""
    if not halves.saved(scene):
        return "the saver failed\n" + halves.of(scene, "save")[0]
    saver = halves.of(scene, "save")[2] if scene.saver is not None else None
    folder = halves.folder(scene)
    output, code, loader = halves.of(scene, "load")
    if scene.extra.get("silent"):
        return silent_sample(scene, output, code, folder, saver, loader)
    if code == 0:
        return "it loads\n" + output
    stack = stack_in(tidy(output, str(folder)))  # of a scene that ends a process which hangs
    head = scene.extra.get("head")
    first = (folder / head).read_bytes()[:64].decode("latin-1") if head else None
    return Sample(
        signature=signature_of(scene),
        source=f"scene {scene.name}",
        symptoms=Symptoms(
            format=scene.format,
            failure=None if stack is not None else failure_of(tidy(output, str(folder))),
            signal=-code if code < 0 else None,
            stack=stack,
            saver=saver,
            loader=loader,
            head=first,
        ),
    )


def silent_sample(scene, output, code, folder, saver, loader):
    """What both sides said of themselves, compared as the matrix does."""
    saved = _observed(folder, "saved.json")
    loaded = _observed(folder, "loaded.json")
    if loaded is None and code >= 0:
        return "the loader failed\n" + output
    facts = {}
    if loaded is not None:
        tolerance = Tolerance()
        one, other = saved.observation, loaded.observation
        layer = first_different_layer(saved, loaded, tolerance)
        facts = {
            "outputs": compare_outputs(one.outputs, other.outputs, tolerance),
            "weights": compare_weights(one.variables, other.variables),
            "random": not all(
                compare_outputs(each.outputs, each.again, tolerance).equal for each in (one, other)
            ),
            "first_layer": layer.layer_class if layer is not None else None,
            "loaded_config": other.config,
            "warnings": loaded.warnings,
        }
    return Sample(
        signature=scene.name.split("@")[0],
        source=f"scene {scene.name}",
        symptoms=Symptoms(
            format=scene.format,
            stage="done" if loaded is not None else "read",
            signal=-code if code < 0 else None,
            saver=saver,
            loader=loader or setting_without_a_word(scene, folder),
            saved_config=saved.observation.config,
            **facts,
        ),
    )


def setting_without_a_word(scene, folder):
    """A process that died could not say its Python; its environment's name does."""
    place = scene.loader if isinstance(scene.loader, str) else scene.loader["over"]
    minor = re.search(r"py3(\d+)$", place)
    return Setting(python=f"3.{minor[1]}")


def _observed(folder, name):
    path = Path(folder) / name
    return evidence_from_json(json.loads(path.read_text())) if path.exists() else None


def _save_here(scene, folder):
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


def tidy(text, folder):
    """A log without the places of this machine."""
    text = HOME.sub(r"build/\1/\2", text.replace(folder, "scene"))
    text = text.replace(str(HERE), "tests/samples").replace(str(ROOT), ".")
    return re.sub(r"/\S*?/(lib/python3\.\d+/(?!site-packages))", r"\1", text)


def failure_of(output):
    """The last exception of a log as the worker would hand it on; the log whole."""
    raised = raised_in(output)
    if not raised:
        return Failure(type="", message=output.strip(), traceback=output, innermost="")
    last = raised[-1]
    return Failure(type=last.type, message=last.message, traceback=output, innermost=last.innermost)


if __name__ == "__main__":
    main()
