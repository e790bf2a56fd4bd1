from dataclasses import replace

import jsonschema

from reports.atlas_schema import schema
from runner.atlas.lookup import find_environment
from runner.atlas.ranges import find_ranges, sentence
from runner.json_values import to_plain
from runner.model.atlas_data import Atlas, AtlasCell, AtlasEnvironment, AtlasIndex
from runner.model.finding import Verdict

RELEASES = {"Keras": ("3.0", "3.3", "3.7", "3.8", "3.9"), "TensorFlow": ("2.14", "2.15")}


def keras3(version, backend="tensorflow", **changes):
    tensorflow = "2.20.0" if backend == "tensorflow" else None
    packages = {"keras": version, "numpy": "2.0.0"}
    packages |= {"tensorflow-cpu": "2.20.0"} if tensorflow else {backend: "0.9"}
    values = {
        "id": f"keras{version}-{backend}",
        "digest": "d",
        "lock": "sha256:1",
        "installation": "i",
        "python": "3.12.1",
        "backend": backend,
        "api": "keras",
        "generation": 3,
        "keras": version,
        "tensorflow": tensorflow,
        "packages": tuple(sorted(packages.items())),
    }
    return AtlasEnvironment(**{**values, **changes})


def keras2(tensorflow):
    packages = (("keras", tensorflow), ("numpy", "1.26.4"), ("tensorflow-cpu", tensorflow))
    return keras3(
        tensorflow,
        id=f"tf{tensorflow}",
        api="tf.keras",
        generation=2,
        tensorflow=tensorflow,
        packages=packages,
    )


OLD = [keras2("2.14.0"), keras2("2.15.1")]
NEW = [keras3(version) for version in ("3.0.5", "3.3.3", "3.7.0", "3.9.2")]


def refused(loader):
    return AtlasCell(
        cell=f"lstm/h5/{loader}",
        verdict=Verdict.REMEDIED,
        as_is=Verdict.REFUSED,
        route="edited-copy",
        signatures=("time-major",),
    )


def atlas(shown, savers=OLD):
    """Every saver's file fails in the first ``shown`` of the new environments."""
    cells = {
        saver.id: tuple(
            refused(item.id)
            if place < shown
            else AtlasCell(cell=f"lstm/h5/{item.id}", verdict=Verdict.IDENTICAL)
            for place, item in enumerate(NEW)
        )
        for saver in savers
    }
    index = AtlasIndex(environments=(*OLD, *NEW), signatures=(("time-major", "no time_major"),))
    return Atlas(index=index, cells=cells)


def test_a_range_has_ends_that_were_measured_and_names_what_lies_between():
    (found,) = find_ranges(atlas(3), RELEASES)
    assert (found.loaders.first, found.loaders.last) == ("3.0.5", "3.7.0")
    assert (found.files_of.first, found.files_of.last) == ("2.14.0", "2.15.1")
    assert (found.before, found.after) == (None, "3.9.2")
    assert found.not_measured == ("3.8",)
    assert found.verdicts == (Verdict.REFUSED,)
    assert found.remedies == ("edited-copy",)
    assert len(found.cells) == 6
    assert sentence(found, "no time_major") == (
        "lstm/h5: refused by Keras 3 on tensorflow 3.0.5 to 3.7.0 for files of TensorFlow 2.14.0 "
        "to 2.15.1: no time_major; remedy edited-copy; not measured: 3.8"
    )


def test_a_release_that_works_in_between_makes_two_ranges():
    whole = atlas(4)
    cells = {
        saver: tuple(
            replace(cell, verdict=Verdict.IDENTICAL, signatures=())
            if "3.3.3" in cell.cell
            else cell
            for cell in found
        )
        for saver, found in whole.cells.items()
    }
    first, second = find_ranges(replace(whole, cells=cells), RELEASES)
    assert (first.loaders.last, first.after) == ("3.0.5", "3.3.3")
    assert (second.before, second.loaders.first) == ("3.3.3", "3.7.0")


def test_cells_that_do_not_show_it_inside_a_range_are_said():
    whole = atlas(4)
    (saver, other) = whole.cells
    cells = dict(whole.cells)
    cells[other] = tuple(
        replace(cell, signatures=()) if "3.3.3" in cell.cell else cell for cell in cells[other]
    )
    (found,) = find_ranges(replace(whole, cells=cells), RELEASES)
    assert found.other == (f"{other}/lstm/h5/keras3.3.3-tensorflow",)
    assert f"{saver}/lstm/h5/keras3.3.3-tensorflow" in found.cells


def test_ranges_fit_their_schema():
    found = {"schema": 1, "ranges": to_plain(find_ranges(atlas(3), RELEASES))}
    whole = schema()
    jsonschema.validate(found, {**whole["$defs"]["ranges"], "$defs": whole["$defs"]})


def test_requirements_find_the_environment_that_has_exactly_them():
    whole = atlas(0)
    for asked, expected in (
        (["tensorflow==2.15.1"], "tf2.15.1"),
        (["tensorflow-gpu==2.15.1", "numpy==1.26.4", "flask==3.0"], "tf2.15.1"),
        (["tensorflow==2.15.0"], None),
        (["tensorflow==2.15.1", "numpy==1.26.3"], None),
        (["tensorflow>=2.14,<2.16"], "tf2.15.1"),
        (["tensorflow==2.20.0", "keras==3.3.3", "jax==0.1"], "keras3.3.3-tensorflow"),
        (["tensorflow==2.20.0"], "keras3.9.2-tensorflow"),
        (["keras==3.3.3"], None),
        (["numpy==1.26.4"], None),
        (["tf-keras==2.16.0", "tensorflow==2.20.0"], None),
    ):
        found = find_environment(whole, asked)
        assert (found.id if found else None) == expected, asked


def test_keras_on_another_backend_is_not_taken_for_keras_on_tensorflow():
    jax = keras3("3.15.1", "jax")
    whole = Atlas(index=AtlasIndex(environments=(*NEW, jax)))
    found = find_environment(whole, ["keras==3.15.1", "jax==0.9"])
    assert found is not None
    assert found.id == "keras3.15.1-jax"
