"""The JSON Schema for editors says the same as the reader, as far as a schema can."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from runner.config import entry, models
from runner.config import expectations_file as expectations
from runner.config import matrix_file as load
from runner.config.entry import Entry
from runner.config.fields import keys_of
from runner.config.matrix_file import load_matrix
from runner.errors import ToolError
from runner.model.expectation import Expectation
from runner.model.finding import Verdict
from runner.model.matrix import (
    BUILDERS,
    Backend,
    Format,
    ImageOptions,
    KerasApi,
    Matrix,
    PairRule,
    Profile,
)

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "docs" / "matrix.schema.json").read_text("utf-8"))
DEFINITIONS = SCHEMA["definitions"]
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


class Loader(yaml.SafeLoader):
    """YAML as an editor sees it: numbers are numbers, dates are text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith("timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

ENTRY = "environments: [{tensorflow: '2.10', id: a}, {tensorflow: '2.15', id: b}]\n"
GOOD = [
    ENTRY,
    "environments: {a: {tensorflow: 2.10}, b: {keras: 3.15, backend: [jax, numpy]}}\n",
    "environments: [{nightly: true}]\nmodels: all\nformats: all\npairs: all\n",
    "environments: [{tensorflow: '2.10', pins: numpy<1.24, python: 3.10}]\n",
    "environments: [{tensorflow: '2.10', pins: ['numpy==1.23.5', 'x[y]>=1; os_name!=\"a\"']}]\n",
    "environments: [{tensorflow: '2.15', eager: [true, false], variables: {A: 1, B: ''}}]\n",
    "environments: [{tensorflow: '2.16', legacy-keras: [false, true], builder: docker}]\n",
    "environments: [{tensorflow: '2.10', exclude-newer: 2022-12-16, find-links: [a, ../b]}]\n",
    "environments:\n- {id: x, python: '3.8', requirements: [keras], backend: theano, api: keras}\n",
    "environments:\n- &a {tensorflow: '2.10'}\n- {<<: *a, id: b, python: '3.10'}\n",
    ENTRY + "models: [mlp_*, {name: conv1d, tolerance: {rtol: 1e-3}}]\n",
    ENTRY + "formats: [h5, keras, all]\npairs: {touching: a}\n",
    ENTRY + "pairs: {adjacent-and: [a, b]}\nprofiles: {p: {pairs: {adjacent-and: a}}}\n",
    ENTRY + "pairs: adjacent\ntolerance: {rtol: 0.1, atol: 1e-5}\nbuilder: nox\n",
    ENTRY + "limits: {build: 1.5h, start: 500ms, cell: 90 s, memory: 512MiB}\n",
    ENTRY + "profiles: {p: {environments: [a], models: mlp_*, formats: h5, pairs: all}, q: {}}\n",
    ENTRY + "profiles: {p: {}}\ndefault-profile: p\n",
    ENTRY + "expectations: []\n",
    ENTRY + "expectations: [{cells: 'a/lstm|gru/h5/*', expect: refused, reason: known}]\n",
    ENTRY + "expectations:\n- {cells: [{saver: a, model: [lstm]}], expect: [refused, crashed],\n"
    "   reason: r, link: 'https://example.org/1', expires: 2027-01-31, signature: S0*}\n",
    ENTRY + "expectations: [{verdict: degraded, expect: degraded, reason: r}]\n",
    ENTRY + "docker: {base: 'python:{python}-slim', mirror: 'registry.example:5000/hub'}\n",
    ENTRY + f"docker: {{digests: {{'3.11': 'sha256:{'0' * 64}'}}, registry: localhost:5000}}\n",
    "environments: [{tensorflow: '2.15', builder: docker, docker: {base: 'a/b'}}]\n",
]
BAD = [
    "models: all\n",
    "- a\n",
    "environments: []\n",
    "environments: {}\n",
    "environments: text\n",
    "environments: [text]\n",
    "environments: [{}]\n",
    "environments: [{python: '3.9'}]\n",
    "environments: [{nightly: false}]\n",
    "environments: [{tensorflow: '2'}]\n",
    "environments: [{tensorflow: latest}]\n",
    "environments: [{tensorflow: 2.16rc0}]\n",
    "environments: [{tensorflow: ['2.10']}]\n",
    "environments: [{tensorflow: true}]\n",
    "environments: [{tensorflow: '2.10', pyhton: '3.9'}]\n",
    "environments: [{tensorflow: '2.10', python: 3.9.1}]\n",
    "environments: [{tensorflow: '2.10', python: '3.5'}]\n",
    "environments: [{tensorflow: '2.10', id: a/b}]\n",
    "environments: {a/b: {tensorflow: '2.10'}}\n",
    "environments: {a: {tensorflow: '2.10', id: b}}\n",
    "environments: [{tensorflow: '2.10', requirements: [keras]}]\n",
    "environments: [{requirements: [keras]}]\n",
    "environments: [{id: a, python: '3.9', requirements: [keras], api: keras}]\n",
    "environments: [{tensorflow: '2.10', pins: []}]\n",
    "environments: [{tensorflow: '2.10', pins: [numpy=1]}]\n",
    "environments: [{tensorflow: '2.10', pins: ['x @ file:///x.whl']}]\n",
    "environments: [{keras: '3.15', backend: mxnet}]\n",
    "environments: [{keras: '3.15', backend: [jax, jax]}]\n",
    "environments: [{keras: '3.15', backend: []}]\n",
    "environments: [{tensorflow: '2.15', eager: sometimes}]\n",
    "environments: [{tensorflow: '2.15', variables: {1A: x}}]\n",
    "environments: [{tensorflow: '2.15', variables: [A]}]\n",
    "environments: [{tensorflow: '2.15', exclude-newer: yesterday}]\n",
    "environments: [{tensorflow: '2.15', find-links: 'http://x'}]\n",
    "environments: [{tensorflow: '2.15', builder: podman}]\n",
    "environments: [{tensorflow: '2.15', package: tensorflow-gpu}]\n",
    ENTRY + "colour: red\n",
    ENTRY + "models: []\n",
    ENTRY + "models: [{package: keras-tcn}]\n",
    ENTRY + "models: [{package: keras-tcn, recipes: r.py, name: lstm}]\n",
    ENTRY + "models: [{name: lstm, versions: '1.2'}]\n",
    ENTRY + "models: [{package: keras-tcn, recipes: r.py, version: '1.2'}]\n",
    ENTRY + "models: [{tolerance: {rtol: 1}}]\n",
    ENTRY + "models: [{nmae: conv1d}]\n",
    ENTRY + "formats: [h6]\n",
    ENTRY + "formats: []\n",
    ENTRY + "pairs: some\n",
    ENTRY + "pairs: {}\n",
    ENTRY + "pairs: {near: a}\n",
    ENTRY + "pairs: {adjacent-and: a, touching: b}\n",
    ENTRY + "tolerance: {rtol: -1}\n",
    ENTRY + "tolerance: {rtol: small}\n",
    ENTRY + "tolerance: 1e-4\n",
    ENTRY + "limits: {cell: 90}\n",
    ENTRY + "limits: {cell: 90sec}\n",
    ENTRY + "limits: {memory: 4GB}\n",
    ENTRY + "limits: {disk: 4GiB}\n",
    ENTRY + "profiles: [p]\n",
    ENTRY + "profiles: {a b: {}}\n",
    ENTRY + "profiles: {p: {colour: red}}\n",
    ENTRY + "profiles: {p: {environments: []}}\n",
    ENTRY + "builder: make\n",
    ENTRY + "expectations: {}\n",
    ENTRY + "expectations: [{cells: a/b/c/d, reason: r}]\n",
    ENTRY + "expectations: [{cells: a/b/c/d, expect: refused}]\n",
    ENTRY + "expectations: [{expect: refused, reason: r}]\n",
    ENTRY + "expectations: [{cells: a/b/c, expect: refused, reason: r}]\n",
    ENTRY + "expectations: [{cells: a/b||e/c/d, expect: refused, reason: r}]\n",
    ENTRY + "expectations: [{cells: {savers: a}, expect: refused, reason: r}]\n",
    ENTRY + "expectations: [{cells: a/b/c/d, expect: refuse, reason: r}]\n",
    ENTRY + "expectations: [{cells: a/b/c/d, expect: missing, reason: r}]\n",
    ENTRY + "expectations: [{cells: a/b/c/d, expect: refused, reason: r, expires: soon}]\n",
    ENTRY + "expectations: [{cells: a/b/c/d, expect: refused, reason: r, link: 'x:y'}]\n",
    ENTRY + "docker: {image: python}\n",
    ENTRY + "docker: {base: 'https://registry.example/python'}\n",
    ENTRY + "docker: {registry: 'user:secret@registry.example'}\n",
    ENTRY + "docker: {base: ''}\n",
    ENTRY + "docker: {digests: {'3.11': 'sha256:12'}}\n",
    ENTRY + "docker: {digests: {'3': 'sha256:" + "0" * 64 + "'}}\n",
]
# What only the reader can know: it looks at other keys, at the catalogue, at files.
READER_ONLY = [
    "environments: [{tensorflow: '2.99'}]\n",  # the catalogue
    "environments: [{tensorflow: '2.10', python: '3.13'}]\n",
    "environments: [{tensorflow: '2.10', keras: '3.0'}]\n",
    "environments: [{keras: '3.15'}]\n",  # needs a backend; keras: '2.10' needs none
    "environments: [{tensorflow: '2.10', pins: [numpy<2, NumPy<1]}]\n",  # names, as PEP 503 has it
    "environments: [{tensorflow: '2.10', exclude-newer: 2022-02-30}]\n",  # the calendar
    "environments: [{tensorflow: '2.10'}, {tensorflow: '2.10'}]\n",  # ids stand once
    "environments: {a: {python: '3.9', requirements: [x, x], api: keras, backend: jax}}\n",
    "environments: [{python: '3.9', requirements: [keras], api: keras, backend: jax}]\n",  # no id
    ENTRY + "models: [{file: nowhere.py}]\n",  # files
    ENTRY + "models: [{package: keras-tcn, recipes: nowhere.py}]\n",
    ENTRY + "models: [no_such_model]\n",  # names that are there
    ENTRY + "pairs: {touching: c}\n",
    ENTRY + "default-profile: c\n",
    ENTRY + "limits: {cell: 0s}\n",  # zero
    ENTRY + "expectations: nowhere.yaml\n",
    ENTRY + "models: all\nmodels: all\n",  # keys that stand twice; most editors mark them anyway
]


def mistakes_of_schema(text):
    return list(VALIDATOR.iter_errors(yaml.load(text, Loader)))  # noqa: S506 - a SafeLoader


def fits_the_schema(text):
    return not mistakes_of_schema(text)


def fits_the_reader(write, text):
    try:
        load_matrix(write(text))
    except ToolError:
        return False
    return True


def test_the_schema_is_one():
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_the_repositorys_matrix_passes_both_and_names_the_schema():
    path = ROOT / "matrix.yaml"
    text = path.read_text("utf-8")
    assert fits_the_schema(text)
    load_matrix(path)
    assert text.startswith("# yaml-language-server: $schema=docs/matrix.schema.json\n")


@pytest.mark.parametrize("text", GOOD)
def test_what_is_good_passes_both(write, text):
    assert mistakes_of_schema(text) == []
    load_matrix(write(text))


@pytest.mark.parametrize("text", BAD)
def test_what_is_bad_fails_both(write, text):
    assert not fits_the_schema(text)
    assert not fits_the_reader(write, text)


@pytest.mark.parametrize("text", READER_ONLY)
def test_some_things_only_the_reader_can_know(write, text):
    assert fits_the_schema(text)
    assert not fits_the_reader(write, text)


def test_the_schema_knows_the_keys_and_words_that_the_reader_knows():
    assert set(SCHEMA["properties"]) == {*keys_of(Matrix), *load.FOR_ALL}
    profile = SCHEMA["properties"]["profiles"]["additionalProperties"]
    assert set(profile["properties"]) == set(keys_of(Profile))
    keys = DEFINITIONS["entry"]["properties"]
    assert set(keys) == set(keys_of(Entry))
    assert DEFINITIONS["backend"]["enum"] == list(Backend)
    assert DEFINITIONS["format"]["enum"] == [*Format, "all"]
    assert keys["api"]["enum"] == list(KerasApi)
    assert keys["package"]["enum"] == list(entry.PACKAGES)
    assert DEFINITIONS["builder"]["enum"] == list(BUILDERS)
    assert set(DEFINITIONS["model"]["anyOf"][1]["properties"]) == set(models.KEYS)
    expectation = DEFINITIONS["expectation"]["properties"]
    assert set(expectation) == set(keys_of(Expectation))
    cells = DEFINITIONS["cells"]["anyOf"][1]["properties"]
    assert set(cells) == set(expectations.PARTS)
    assert set(DEFINITIONS["verdict"]["enum"]) == set(Verdict) - expectations.UNEXPECTABLE
    assert set(DEFINITIONS["docker"]["properties"]) == set(keys_of(ImageOptions))
    assert DEFINITIONS["pairs"]["oneOf"][0]["enum"] == list(PairRule)
