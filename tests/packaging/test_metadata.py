"""What is said twice is said the same, and no file names a package registry."""

import ast
import re
import tomllib

from packaging.requirements import Requirement

from tests.packaging.conftest import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
NOXFILE = (ROOT / "noxfile.py").read_text("utf-8")
# In pieces, so that this file names none either.
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("py" + "pi", "org"),
        ("files", "python" + "hosted", "org"),
        ("download", "py" + "torch", "org"),
        ("ana" + "conda", "org"),
        ("registry", "npm" + "js", "org"),
        ("deb", "deb" + "ian", "org"),
        ("registry-1", "dock" + "er", "io"),
        ("index", "dock" + "er", "io"),
    )
]
SKIPPED = {".png", ".gz", ".whl", ".h5", ".keras", ".npz", ".sqlite"}


def inline_metadata():
    """The PEP 723 block of noxfile.py."""
    block = re.search(r"^# /// script\n((?:#.*\n)+?)# ///$", NOXFILE, re.MULTILINE)
    return tomllib.loads("".join(line[2:] for line in block[1].splitlines(keepends=True)))


def test_the_block_in_noxfile_py_says_what_pyproject_says():
    block = inline_metadata()
    assert block["dependencies"] == PYPROJECT["project"]["dependencies"]
    assert block["requires-python"] == PYPROJECT["project"]["requires-python"]


def test_every_tool_is_set_up_for_the_oldest_python_that_is_allowed():
    oldest = PYPROJECT["project"]["requires-python"].removeprefix(">=")
    assert PYPROJECT["tool"]["mypy"]["python_version"] == oldest
    assert PYPROJECT["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"


def test_requirements_are_sorted_stand_once_and_have_a_lower_bound():
    names = [Requirement(text).name for text in PYPROJECT["project"]["dependencies"]]
    assert names == sorted(set(names))
    for text in PYPROJECT["project"]["dependencies"]:
        assert ">=" in text


def test_sessions_install_the_dependency_groups_and_nothing_beside_them():
    assert set(PYPROJECT["dependency-groups"]) == {"tests", "lint"}
    used = set(re.findall(r'dependency_groups\(PYPROJECT, ((?:"\w+"(?:, )?)+)\)', NOXFILE))
    assert {name for text in used for name in re.findall(r'"(\w+)"', text)} == {"tests", "lint"}


def imports(path):
    """The packages that a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").split(".")[0]


def test_what_the_host_imports_is_declared(tracked):
    import sys

    # Some hand types of their own dependencies on: jinja2 its text, docker its errors.
    modules = {"yaml": "pyyaml", "markupsafe": "jinja2", "urllib3": "docker", "requests": "docker"}
    ours = {"kmatrix", "runner", "reports", *sys.stdlib_module_names}
    declared = {Requirement(text).name for text in PYPROJECT["project"]["dependencies"]}
    for path in tracked:
        if path.suffix == ".py" and path.parts[0] in {"kmatrix", "runner", "reports"}:
            if path.parts[:2] == ("runner", "worker") or {"inside", "script", "parts"} & set(
                path.parts
            ):
                continue  # runs in the environments, with what is there
            for name in set(imports(ROOT / path)) - ours:
                assert modules.get(name, name).lower() in declared, f"{path} imports {name}"


def test_no_tracked_file_names_a_package_registry(tracked):
    found = []
    for path in tracked:
        if path.suffix in SKIPPED:
            continue
        text = (ROOT / path).read_text("utf-8", errors="replace").lower()
        found += [f"{path}: {host}" for host in REGISTRIES if host in text]
    assert found == []


def test_what_the_sdist_includes_is_there(tracked):
    included = PYPROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    tops = {path.parts[0] for path in tracked}
    assert set(included) <= tops
