import json

import pytest
from packaging.version import Version

from runner.config import yaml_edit
from runner.config.catalogue_file import CATALOGUE, load_catalogue
from runner.config.matrix_file import load_matrix
from runner.errors import ToolError
from runner.scaffold import proposals as propose
from runner.scaffold.index_versions import _parse
from runner.scaffold.new_releases import Kind, find_news
from runner.scaffold.proposals_text import Update, as_json, as_markdown, as_text

MATRIX = """\
# My matrix
environments:
  - tensorflow: "2.15"  # what we ship
  - {tensorflow: "2.21", keras: "3.15"}  # the newest

  # On other backends
  - {keras: "3.15", backend: torch, python: "3.11", pins: ["torch==2.13.0"]}  # slow
  - tensorflow: "2.21"
    legacy-keras: true
models: [all]
"""


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue(CATALOGUE)


def index(catalogue, **more):
    """An index that has what the catalogue knows, and more."""
    tensorflow = [facts.newest for facts in catalogue.tensorflow.values()]
    found = {
        "tensorflow": tensorflow,
        "tensorflow-cpu": [],
        "keras": [facts.newest for facts in catalogue.keras.values()],
        "tf-keras": [facts.tf_keras for facts in catalogue.tensorflow.values() if facts.tf_keras],
        "jax": [],
        "torch": ["2.13.0"],
    }
    for name, versions in more.items():
        found[name.replace("_", "-")] = [*found[name.replace("_", "-")], *versions]
    return {name: [Version(one) for one in versions] for name, versions in found.items()}


def news(catalogue, locked=None, **more):
    return find_news(catalogue, index(catalogue, **more), locked or {})


def found(catalogue, **more):
    return [(one.package, one.version, one.kind) for one in news(catalogue, **more)]


def test_an_index_without_anything_newer_is_no_news(catalogue):
    assert news(catalogue, locked={"torch": "2.13.0"}) == ()


def test_a_new_minor_stands_for_its_newest_final_release(catalogue):
    versions = ["99.1.0rc0", "99.1.0", "99.1.1", "99.1.2rc1"]
    assert found(catalogue, keras=versions) == [("keras", "99.1.1", Kind.MINOR)]


def test_a_minor_of_which_only_pre_releases_exist_is_one(catalogue):
    versions = ["99.1.0rc0", "99.1.0rc1"]
    assert found(catalogue, tensorflow=versions) == [("tensorflow", "99.1.0rc1", Kind.PRERELEASE)]


def test_a_newer_patch_of_a_known_minor_is_news_and_its_pre_release_is_not(catalogue):
    assert found(catalogue, tensorflow=["2.21.9"]) == [("tensorflow", "2.21.9", Kind.PATCH)]
    assert found(catalogue, tensorflow=["2.21.9rc0"]) == []


def test_minors_older_than_the_oldest_are_no_news(catalogue):
    assert found(catalogue, tensorflow=["1.4.0"], keras=["1.2.2"]) == []


def test_the_cpu_package_is_taken_where_it_has_the_version(catalogue):
    (one,) = news(catalogue, tensorflow=["99.0.0"], tensorflow_cpu=["99.0.0"])
    (other,) = news(catalogue, tensorflow=["99.0.0"])
    assert (one.wheel, other.wheel) == ("tensorflow-cpu", "tensorflow")


def test_a_backend_is_news_when_no_lock_has_it(catalogue):
    (one,) = news(catalogue, locked={"torch": "2.13.0"}, torch=["2.15.0", "2.16.0rc1"])
    assert (one.version, one.known, one.kind) == ("2.15.0", "2.13.0", Kind.BACKEND)


def test_the_catalogue_keeps_its_comments_and_loads_with_the_new_lines(catalogue, tmp_path):
    new = {"tensorflow": ["99.1.0"], "keras": ["99.2.0"], "tf_keras": ["2.21.7", "99.1.0"]}
    before = CATALOGUE.read_text("utf-8")
    legacy = index(catalogue, **new)["tf-keras"]
    proposals = propose.catalogue_proposals(before, catalogue, news(catalogue, **new), legacy)
    after = yaml_edit.apply(before, [one.edit for one in proposals])
    kept = [line for line in before.splitlines() if line in after.splitlines()]
    assert len(kept) == len(before.splitlines()) - 1  # the one line of TensorFlow 2.21's tf-keras
    path = tmp_path / "catalogue.yaml"
    path.write_text(after, "utf-8")
    loaded = load_catalogue(path)
    assert loaded.tensorflow["99.1"].newest == "99.1.0"
    assert loaded.tensorflow["99.1"].tf_keras == "99.1.0"
    assert loaded.tensorflow["99.1"].pythons == catalogue.tensorflow["2.21"].pythons
    assert loaded.tensorflow["2.21"].tf_keras == "2.21.7"
    assert loaded.keras["99.2"].tensorflow == "99.1"
    assert "not run" in loaded.keras["99.2"].why


def test_the_matrix_gets_its_lines_where_a_person_would_put_them(catalogue):
    more = {"tensorflow": ["2.99.0"], "keras": ["3.99.0"], "torch": ["2.15.0"]}
    proposals = propose.matrix_proposals(MATRIX, news(catalogue, {"torch": "2.13.0"}, **more))
    after = yaml_edit.apply(MATRIX, [one.edit for one in proposals])
    expected = MATRIX.replace("torch==2.13.0", "torch==2.15.0").replace(
        "  # the newest\n",
        "  # the newest\n"
        '  - {tensorflow: "2.99", keras: "3.15"}\n'
        '  - {tensorflow: "2.21", keras: "3.99"}\n',
    )
    assert sorted(after.splitlines()) == sorted(expected.splitlines())
    assert after.index("2.99") < after.index("On other backends")
    assert after.index("3.99") < after.index("On other backends")


def test_a_matrix_that_lags_behind_the_catalogue_is_told(catalogue, tmp_path):
    content = 'environments:\n  - tensorflow: "2.15"\n# the end\n'
    late = propose.overdue(content, catalogue)
    assert [(one.package, one.known) for one in late] == [("tensorflow", "2.15")]
    proposals = propose.matrix_proposals(content, late)
    after = yaml_edit.apply(content, [one.edit for one in proposals])
    path = tmp_path / "matrix.yaml"
    path.write_text(after, "utf-8")
    newest = max(catalogue.tensorflow, key=Version)
    ids = [item.id for item in load_matrix(path).environments]
    assert ids[0] == "tf2.15-py311"
    assert ids[1].startswith(f"tf{newest}-")
    assert after.endswith("# the end\n")


def test_a_line_is_added_behind_a_file_that_does_not_end_its_last_line():
    content = 'a:\n  - {tensorflow: "2.15"}'
    (entry,) = yaml_edit.root(content)["a"].value
    assert (
        yaml_edit.apply(content, [yaml_edit.insert_after(content, entry, "  - b")])
        == content + "\n  - b"
    )


def test_the_client_answers_in_json_among_other_words():
    said = 'WARNING: something\n{"name": "keras", "versions": ["3.1.0", "3.0.0", "2.9.0.dev1"]}\n'
    assert _parse("keras", said) == (Version("3.0.0"), Version("3.1.0"))
    with pytest.raises(ToolError, match="in a form kmatrix does not know"):
        _parse("keras", "Available versions: 3.1.0")


def test_news_are_shown_to_people_programs_and_pull_requests(catalogue):
    fresh = news(catalogue, keras=["99.2.0"])
    proposals = propose.matrix_proposals(MATRIX, fresh)
    shown = Update(news=fresh, proposals=tuple(proposals), commands=("kmatrix lock",))
    assert "keras 99.2.0: a new minor version" in as_text(shown)
    assert "kmatrix update --write" in as_text(shown)
    data = json.loads(as_json(shown))
    assert data["new"][0]["version"] == "99.2.0"
    assert data["new"][0]["lines"][0]["file"] == "matrix.yaml"
    assert "| keras | 99.2.0 |" in as_markdown(shown)
    assert as_text(Update(news=(), proposals=(), commands=())) == "nothing new\n"
