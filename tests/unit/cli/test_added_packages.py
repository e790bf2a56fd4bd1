"""Packages of --with: what is read, what is written, and what a file asks for."""

import runpy
import sys
import types

import pytest

from runner.cli.added_packages import addons_asked, import_note, read_added, write_module
from runner.errors import ExitCode, ToolError
from runner.model.inspection import CustomName, FileFormat, Inspection, Saver


def inspection(*names, module=None, form=FileFormat.H5):
    return Inspection(
        path="m.h5", format=form, title="a whole model", bytes=1, saver=Saver(),
        custom=tuple(CustomName(kind="layer", key=name, module=module) for name in names),
    )  # fmt: skip


def test_a_requirement_is_installed_marks_the_environment_and_is_imported():
    found = read_added(["tensorflow-addons==0.22"])
    assert found.modules == ("tensorflow_addons",)
    assert found.release.package.requirement == "tensorflow-addons==0.22"
    assert found.release.mark == "tensorflow-addons-0.22"


def test_of_further_packages_those_are_imported_whose_module_is_known():
    found = read_added(["qkeras==0.9.0", "pyparsing", "tensorflow-model-optimization<0.8"])
    assert found.modules == ("qkeras", "tensorflow_model_optimization")
    assert found.release.package.requirements == ("pyparsing", "tensorflow-model-optimization<0.8")


def test_another_version_is_another_environment():
    marks = {read_added([text]).release.mark for text in ("a==1.0", "a==1.1", "a>=1.0", "a<1.0")}
    assert marks == {"a-1.0", "a-1.1", "a-from-1.0", "a-below-1.0"}


@pytest.mark.parametrize(
    "text",
    ["", "not a name", "a @ https://example.org/a.whl", "a[extra]", "a; python_version<'3.9'"],
)
def test_what_is_not_a_package_of_an_index_is_refused(text):
    with pytest.raises(ToolError, match="--with") as caught:
        read_added([text])
    assert caught.value.exit_code is ExitCode.USAGE


def played(path, monkeypatch, **modules):
    """The CUSTOM_OBJECTS of the written file, with these packages installed."""
    for name, members in modules.items():
        module = types.ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
    return runpy.run_path(str(path))["CUSTOM_OBJECTS"]


def test_the_module_supplies_the_classes_that_files_ask_for(tmp_path, monkeypatch):
    asked = [inspection("Qkeras>QDense", "quantized_bits"), inspection("Other")]
    path = write_module(read_added(["qkeras"]), asked, tmp_path)
    objects = played(path, monkeypatch, qkeras={"QDense": 1, "quantized_bits": 2, "QConv": 3})
    assert objects == {"QDense": 1, "quantized_bits": 2}


def test_a_saved_model_needs_the_import_alone(tmp_path, monkeypatch):
    asked = inspection("CartModel", form=FileFormat.SAVEDMODEL)
    path = write_module(read_added(["qkeras"]), [asked], tmp_path)
    assert played(path, monkeypatch, qkeras={"CartModel": 1}) == {}
    assert import_note(read_added(["qkeras"]), asked) == "Import qkeras before loading."


def test_the_same_text_is_the_same_file_and_another_one_another(tmp_path):
    added = read_added(["qkeras"])
    one = write_module(added, [inspection("QDense")], tmp_path)
    assert write_module(added, [inspection("QDense")], tmp_path) == one
    assert write_module(added, [inspection("QActivation")], tmp_path) != one


def test_a_package_that_is_missing_says_so(tmp_path, monkeypatch):
    path = write_module(read_added(["surely-not-installed"]), [], tmp_path)
    with pytest.raises(ModuleNotFoundError, match="surely_not_installed"):
        played(path, monkeypatch)


def test_a_file_asks_for_the_packages_of_its_classes():
    assert addons_asked(inspection("QDense", "QActivation", module="qkeras.qlayers")) == ("qkeras",)
    assert addons_asked(inspection("Custom>Mine", "MyOwnLayer")) == ()


def test_a_program_is_told_what_to_import_and_pass():
    note = import_note(read_added(["qkeras==0.9.0"]), inspection("Qkeras>QDense", "quantized_bits"))
    assert note == (
        "Import qkeras before loading, and pass these as custom_objects: QDense, quantized_bits."
    )
    assert import_note(read_added(["a"]), inspection()) == "Import a before loading."
