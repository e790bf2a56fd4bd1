"""Whatever stands in a matrix file: a matrix, or a ToolError with places; nothing else, ever."""

import random
import re
from pathlib import Path

import pytest

from runner.config.matrix_file import load_matrix
from runner.errors import ExitCode, ToolError

REPOSITORY = (Path(__file__).parents[3] / "matrix.yaml").read_text("utf-8")
EVERYTHING = """\
default-profile: p
builder: nox
environments:
- &a {tensorflow: "2.10", keras: 2.10.0, python: 3.9, pins: ["numpy==1.23.5"], package: tensorflow}
- {<<: *a, id: b, variables: {A: 1, B: ''}, prerelease: true, exclude-newer: 2022-12-16}
- {tensorflow: "2.15", eager: [true, false], find-links: [wheels]}
- {tensorflow: "2.16", legacy-keras: [false, true], overrides: ["x ; sys_platform == 'never'"]}
- {keras: "3.15", backend: [jax, numpy]}
- nightly: true
- id: full
  python: "3.10"
  requirements: [keras==3.0.5]
  backend: jax
  api: keras
models: [mlp_*, {name: conv1d, tolerance: {rtol: 1e-3, atol: 0}}]
formats: [h5, keras]
pairs: {touching: [b]}
tolerance: {rtol: 1e-4, atol: 1e-5}
limits: {build: 30min, start: 3min, cell: 2min, memory: 4GiB}
profiles:
  p: {environments: ["tf2.1*"], models: [mlp_*], formats: h5, pairs: adjacent}
  q: {}
"""
BITS = [
    *("", "null", "~", "true", "[]", "{}", "[[[]]]", "{{a: b}: c}", "!!binary", "!x y", "*a", "&a"),
    *("<<", "<<: *a", "? ", "- ", ": ", "|", ">-", '"', "'", "#", "%TAG ! x", "---", "...", "\t"),
    *("1e999", "-1", ".nan", "0x10", "0o7", "1_0", "2.10", "2", "9" * 400, "9" * 400 + "GiB"),
    *("\x00", "\x07", "\x85", "\u2028", "\ufeff", "é", "😀", "\\u0000", '"\\ud800"', '"\\n"', "٣"),
    *("all", "*", "[!", "a/b", "../x", "x" * 3000, "numpy @ file:///x", "2024-13-45", "12:30:45"),
    *(
        "{file: .}",
        "{file: matrix.yaml}",
        "{file: '\\0'}",
        "{file: /}",
        "{name: [a]}",
        "=",
        "@",
        "`",
    ),
]
ROUNDS = 120


def mutate(text, dice):
    """One to four changes of one kind or another."""
    for _ in range(dice.randint(1, 4)):
        text = dice.choice(CHANGES)(text, dice)
    return text


def replace_word(text, dice):
    words = list(re.finditer(r"[^\s,:\[\]{}]+", text)) or [re.match("", text)]
    word = dice.choice(words)
    return text[: word.start()] + dice.choice(BITS) + text[word.end() :]


def insert(text, dice):
    place = dice.randint(0, len(text))
    return text[:place] + dice.choice(BITS) + text[place:]


def delete(text, dice):
    place = dice.randint(0, len(text))
    return text[:place] + text[place + dice.randint(1, 40) :]


def shuffle_lines(text, dice):
    lines = text.splitlines(keepends=True) or [""]
    one, two = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return "".join(lines)


def repeat_line(text, dice):
    lines = text.splitlines(keepends=True) or [""]
    place = dice.randrange(len(lines))
    return "".join([*lines[: place + 1], *lines[place:]])


def indent(text, dice):
    lines = text.splitlines(keepends=True) or [""]
    place = dice.randrange(len(lines))
    lines[place] = dice.choice(["  ", " ", "\t", "- "]) + lines[place]
    return "".join(lines)


def truncate(text, dice):
    return text[: dice.randint(0, len(text))]


CHANGES = [replace_word, replace_word, insert, delete, shuffle_lines, repeat_line, indent, truncate]
PLACE = re.compile(r"^(?:/.*\.(?:yaml|py)|/.*):\d+:\d+: \S")


def refusal(path):
    """The lines of the error; none where it is a matrix after all."""
    try:
        load_matrix(path)
    except ToolError as error:
        return str(error).split("\n") if error.exit_code is ExitCode.USAGE else ["wrong exit code"]
    return []


@pytest.mark.parametrize(
    ("text", "seed"),
    [(text, seed) for text in (EVERYTHING, REPOSITORY) for seed in range(5)],
    ids=lambda value: str(value) if isinstance(value, int) else str(len(value)),
)
def test_a_mutated_matrix_is_read_or_refused_with_places(tmp_path, text, seed):
    dice = random.Random(seed)
    path = tmp_path / "matrix.yaml"
    refused = 0
    for _ in range(ROUNDS if text is EVERYTHING else ROUNDS // 10):
        mutated = mutate(text, dice)
        path.write_bytes(mutated.encode("utf-8", "surrogatepass"))
        said = refusal(path)
        refused += bool(said)
        for line in said:
            assert PLACE.match(line), (line, mutated)
    assert refused > 0


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_are_refused_with_places(tmp_path, seed):
    dice = random.Random(seed)
    path = tmp_path / "matrix.yaml"
    for _ in range(ROUNDS):
        path.write_bytes(bytes(dice.choices(range(256), k=dice.randint(0, 60))))
        with pytest.raises(ToolError) as caught:
            load_matrix(path)
        assert all(PLACE.match(line) for line in str(caught.value).split("\n"))


@pytest.mark.parametrize("text", [EVERYTHING, REPOSITORY], ids=["everything", "repository"])
def test_unmutated_they_are_good(tmp_path, text):
    path = tmp_path / "matrix.yaml"
    path.write_text(text, "utf-8")
    assert load_matrix(path).environments
