"""README and docs: their commands parse, their links lead somewhere, their tables are true."""

import re
import shlex
from pathlib import Path

import pytest

from runner.cli.parser import make_parser
from runner.config.matrix_file import load_matrix
from runner.environment_variables import DROPPED_PREFIXES
from runner.errors import ExitCode
from runner.model.builds import Fault, LockState
from runner.model.finding import Verdict

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text("utf-8")
ENVIRONMENTS = (ROOT / "docs" / "environments.md").read_text("utf-8")
SESSION = {"matrix": "run", "plan": "plan", "lock": "lock"}
PLACEHOLDER = re.compile(r"…|\.\.\.|\\$|[<>]")
COMING = {"docs/grid.png", "docker.md"}  # drawn from a real run


def blocks(page):
    return re.findall(r"```(\w*)\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def commands(page):
    """Every kmatrix command on a page; those of nox as the command they stand for."""
    for language, text in blocks(page):
        if language not in {"", "console", "sh"}:
            continue
        for line in text.splitlines():
            command = line.removeprefix("$ ")
            if command.startswith(("kmatrix ", "nox -s ")) and not PLACEHOLDER.search(command):
                shown = re.split(r" {2,}| \| ", command)[0]  # what follows explains it
                words = shlex.split(shown, comments=True)
                if words[0] == "kmatrix":
                    yield words[1:]
                elif words[2] in SESSION:
                    yield [SESSION[words[2]], *words[4:]]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_command_on_a_page_is_one(page):
    for words in commands(page):
        make_parser().parse_args(words)


def test_pages_have_commands():
    assert sum(len(list(commands(page))) for page in PAGES) > 10


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_link_inside_the_repository_leads_somewhere(page):
    text = re.sub(r"```.*?```|`[^`\n]*`", "`code`", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target or target in COMING:
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in set(anchors(path)), f"{page.name}: {target}"


def anchors(path):
    for title in re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("text", [text for language, text in blocks(ROOT / "README.md")
                                  if language == "yaml"])  # fmt: skip
def test_the_readmes_matrix_files_can_be_read(tmp_path, text):
    path = tmp_path / "matrix.yaml"
    path.write_text(text, "utf-8")
    assert load_matrix(path).environments


def test_the_readmes_cells_and_environments_are_those_of_the_repository():
    known = {item.id for item in load_matrix(ROOT / "matrix.yaml").environments}
    named = set(re.findall(r"\b(?:tf|keras)\d[\w.-]*-py\d+\b", README))
    assert named
    assert named <= known


def test_the_readmes_exit_codes_are_the_exit_codes():
    table = README.split("## Exit codes")[1].split("##")[0]
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == list(
        ExitCode
    )


def test_the_readme_names_every_verdict():
    for verdict in set(Verdict) - {Verdict.MISSING}:
        assert f"`{verdict}`" in README


def test_the_page_about_environments_names_every_fault_and_lock_state():
    heads = re.findall(r"^\| (`.*?`) \|", ENVIRONMENTS, re.MULTILINE)
    rows = {word for head in heads for word in re.findall(r"`(.*?)`", head)}
    assert {*map(str, Fault), *map(str, LockState), "bundled"} <= rows


def test_the_page_about_environments_names_what_is_kept_from_them():
    text = " ".join(ENVIRONMENTS.split())
    for prefix in set(DROPPED_PREFIXES) - {"KMATRIX_", "XLA_"}:
        assert f"`{prefix}*`" in text
