"""Record samples from real environments.

    python -m tests.samples.record scenes [NAME…]    play scenes (see tests/samples/scenes)
    python -m tests.samples.record matrix            from the evidence of a matrix that was run

Environments are those that `kmatrix env build` made in build/environments.
"""

import argparse
import json
import re
import tempfile
from pathlib import Path

from runner.evaluate.numbers import compare_outputs, compare_weights
from runner.evaluate.symptoms import first_different_layer
from runner.model.evidence import Failure, stack_in
from runner.model.matrix import Tolerance
from runner.model.signature import EnvironmentVersions, Symptoms
from runner.signatures import load_signatures, recognise
from runner.signatures.tracebacks import raised_in
from runner.worker_client.evidence_reader import evidence_from_json
from tests.samples.play import HERE, Halves, all_scenes, save_here
from tests.samples.sample import Sample, read_samples, write_samples

ROOT = HERE.parents[1]
MOST = 4  # samples of one signature
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
                save_here(scene, halves.folder(scene))
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
    return EnvironmentVersions(python=f"3.{minor[1]}")


def _observed(folder, name):
    path = Path(folder) / name
    return evidence_from_json(json.loads(path.read_text())) if path.exists() else None


def tidy(text, folder):
    """A log without the places of this machine."""
    text = HOME.sub(r"build/\1/\2", text.replace(folder, "scene"))
    text = re.sub(r"/[\w./-]*/build/(?=(worker|scratch)/)", "build/", text)
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
