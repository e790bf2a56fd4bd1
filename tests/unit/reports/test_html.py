import base64
import hashlib
import re
from html.parser import HTMLParser

from reports.history import History
from reports.html import render
from runner.model.comparison import PastRun
from runner.model.finding import Verdict
from tests.unit.reports.blocks import read_block
from tests.unit.reports.factories import cell, environment, failure, results, run
from tests.unit.reports.samples import BASE, sample

HOSTILE = "</script><img src=x onerror=alert(1)>\"'{{ 7*7 }}"


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.policy, self._open, self.texts = [], "", None, {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        if tag in {"script", "style"}:
            self._open = attributes.get("id") or tag

    def handle_endtag(self, tag):
        self._open = None

    def handle_data(self, data):
        if self._open:
            self.texts[self._open] = self.texts.get(self._open, "") + data


def block(page, name):
    return read_block(page.texts[name])


def digest(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_the_policy_allows_our_own_script_and_style_and_nothing_else():
    page = Page(render(sample(BASE[:2], ("mlp_sequential",))))
    rules = dict(rule.split(" ", 1) for rule in page.policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'sha256-{digest(page.texts['script'])}'"
    assert rules["style-src"] == f"'sha256-{digest(page.texts['style'])}'"
    assert "unsafe" not in page.policy


def test_nothing_is_fetched():
    page = Page(render(sample(BASE[:2], ("mlp_sequential",))))
    for _, attributes in page.tags:
        assert not {"src", "srcset", "onclick", "style"} & set(attributes)
        assert attributes.get("href", "#").startswith("#")
    assert not re.search(r"@import|url\(", page.texts["style"])
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", page.texts["script"]
    )


def test_hostile_strings_stand_nowhere_in_the_markup():
    found = results(
        [cell("a/m/h5/b", Verdict.REFUSED, reason=HOSTILE, failure=failure(HOSTILE))],
        environments=(environment("a"), environment("b", status="broken", reason=HOSTILE)),
        run=run(matrix=HOSTILE, profile=HOSTILE, system=HOSTILE),
    )
    text = render(found)
    page = Page(text)
    assert "img" not in [tag for tag, _ in page.tags]
    assert [tag for tag, _ in page.tags].count("script") == 3
    assert "49" not in "".join(re.findall(r"<title>.*?</title>", text))
    assert HOSTILE in block(page, "first-block")["strings"]


def test_the_first_block_has_a_column_for_each_question():
    found = sample(BASE[:3], ("mlp_sequential", "conv_batch_norm"))
    data = block(Page(render(found)), "first-block")
    columns = data["columns"]
    questions = ("artifact", "loader", "verdict", "reason", "cause", "change", "expected", "helped")
    assert {len(columns[name]) for name in questions} == {len(found.cells)}
    saver = columns["artifact saver"][columns["artifact"][5]]
    assert data["environmentNames"][saver] == found.cells[5].id.split("/")[0]


def test_history_is_a_verdict_a_cell_and_a_run():
    found = sample(BASE[:2], ("mlp_sequential",))
    past = PastRun(
        id="old", started="x", complete=True, verdicts={found.cells[1].id: Verdict.DRIFTED}
    )
    page = Page(render(found, History(runs=(past,))))
    looks = block(page, "first-block")["looks"]
    then = block(page, "second-block")["columns"]["history 0"]
    assert looks[then[1]]["verdict"] == "drifted"
    assert [*then[:1], *then[2:]] == [-1] * (len(found.cells) - 1)


def test_a_cell_whose_artifact_and_environments_nobody_lists_is_still_shown():
    found = results([cell("x/y/h5/z")], environments=(), recipes=(), formats=(), artifacts=())
    data = block(Page(render(found)), "first-block")
    assert (data["environmentNames"], data["modelNames"], data["formatNames"]) == (
        ["x", "z"],
        ["y"],
        ["h5"],
    )


def test_a_run_that_is_not_whole_says_so_at_the_top():
    text = render(results([cell("a/m/h5/b")], run=run(complete=False)))
    assert "Not complete:" in text
    assert "was interrupted" in text
    text = render(results([cell("a/m/h5/b")], run=run(missing_shards=("2/3",))))
    assert "shards 2/3 are missing" in text


def test_the_page_of_a_run_that_goes_on_says_how_much_is_missing():
    cells = [cell("a/m/h5/b"), cell("a/m/h5/a", verdict=Verdict.MISSING)]
    text = render(results(cells, run=run(complete=False, finished=None)))
    assert "1 of 2 cells have no answer yet" in text
    assert "while the run goes on" in text


def test_empty_results_make_a_page():
    assert "0 of 0 cells safe" in render(results())


def test_a_lone_surrogate_from_a_file_name_does_not_stop_the_report():
    found = results([cell("a/m/h5/b", Verdict.REFUSED, reason="caf\udce9.h5")])
    assert "caf?.h5" in block(Page(render(found)), "first-block")["strings"]
