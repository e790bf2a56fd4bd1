"""One cell, opened."""

from selenium.webdriver.common.by import By

from runner.model.finding import Verdict
from tests.browser.page import Keys
from tests.browser.pages import usual_results

FOUND = usual_results()
REMEDIED = next(
    c for c in FOUND.cells if c.verdict is Verdict.REMEDIED and c.signatures == ("F02",)
)
DRIFTED = next(c for c in FOUND.cells if c.verdict is Verdict.DRIFTED and c.expectation)


def opened(open_page, cell, more=""):
    return open_page(address=f"#cell={cell.id}{more}").detail()


def test_a_cell_shows_cause_remedy_code_and_the_command_that_reproduces_it(open_page):
    page = opened(open_page, REMEDIED)
    text = page.text("#panel")
    assert f"kmatrix run --cell '{REMEDIED.id}'" in text
    assert "Keras 3 renamed batch_input_shape" in text
    assert "✓ verified here weights into a model built from code" in text
    assert "model.load_weights(path)" in text
    assert "Needs the author’s code" in text
    assert REMEDIED.reason in text


def test_verified_stands_only_where_the_way_ran_here_and_matched(open_page):
    page = opened(open_page, REMEDIED)
    remedies = page.texts(".remedies li")
    assert "✓ verified here" in remedies[0]
    assert "not tried here" in remedies[1]
    refused = next(c for c in FOUND.cells if c.verdict is Verdict.REFUSED and c.attempts)
    page = opened(open_page, refused)
    assert "verified" not in page.text("#panel").replace("not verified", "")


def test_the_whole_traceback_and_message_are_there_and_folded(open_page):
    page = opened(open_page, REMEDIED)
    folded = {
        one.find_element(By.TAG_NAME, "summary").get_attribute("textContent"): one
        for one in page.all("#panel details")
    }
    (traceback,) = [one for name, one in folded.items() if name.startswith("Traceback")]
    assert traceback.get_attribute("open") is None
    pre = traceback.find_element(By.TAG_NAME, "pre")
    assert pre.get_attribute("textContent") == REMEDIED.failure.traceback
    (whole,) = [one for name, one in folded.items() if name == "Whole message"]
    assert whole.find_element(By.TAG_NAME, "pre").get_attribute("textContent") == (
        REMEDIED.failure.message
    )


def test_numbers_of_the_comparison_are_shown(open_page):
    text = opened(open_page, DRIFTED).text("#panel")
    assert "17 of 24 elements over the tolerance (rtol 0.0001, atol 0.00001)" in text
    assert "worst element [0, 3, 2] saved 0.7311, loaded 0.8141" in text


def test_versions_of_both_sides_are_shown_and_what_differs_is_marked(open_page):
    page = opened(open_page, REMEDIED)
    rows = page.texts(".versions tr.differs")
    assert any(row.startswith("keras ≠") and "2.15.0" in row and "3.15.0" in row for row in rows)
    assert "other lines of the locks differ" in page.text("#panel")


def test_an_expectation_and_its_reason_are_shown(open_page):
    text = opened(open_page, DRIFTED).text(".expectation")
    assert text.startswith("As expected: should be drifted. known: kernels are flipped")


def test_the_history_of_a_cell_has_a_sign_for_each_run(open_page):
    page = opened(open_page, REMEDIED)
    assert page.texts(".strip .unseen") == [
        f"2026-11-0{day} 05:12: remedied" for day in range(1, 6)
    ]


def test_links_lead_to_issues_and_cannot_reach_the_page(open_page):
    page = opened(open_page, REMEDIED)
    (link,) = page.all(".links a")
    assert link.get_attribute("href") == "https://github.com/tensorflow/tensorflow/issues/64685"
    assert link.get_attribute("rel") == "noopener noreferrer"
    assert link.text == "tensorflow/tensorflow#64685"


def test_a_remedy_that_is_the_last_step_of_a_verified_way_is_verified(open_page):
    page = opened(open_page, DRIFTED)
    assert page.texts(".remedies .verified") == ["✓ verified here"]


def test_the_way_that_works_comes_before_the_cause(open_page):
    titles = opened(open_page, REMEDIED).texts("#panel .part h3")
    assert titles.index("What to write") < titles.index("Cause")


def test_j_and_k_go_through_what_the_filters_leave(open_page):
    wanted = [c.id for c in FOUND.cells if c.verdict is Verdict.DRIFTED]
    page = open_page(address=f"#view=cells&verdict=drifted&cell={wanted[0]}").detail()
    page.press("j").detail()
    assert page.one("#cells tr.open .opener").get_attribute("data-cell") == wanted[1]
    page.press("k").detail()
    assert f"cell={wanted[0]}" in page.address


def test_a_cell_opens_from_the_list_by_keyboard_and_focus_comes_back(open_page):
    page = open_page(address="#view=cells&verdict=drifted").focus("#cells .opener")
    page.press(Keys.ARROW_DOWN, Keys.ENTER).detail()
    assert page.focused == "panel-title"
    shown = page.one("#panel").get_attribute("data-shown")
    page.press(Keys.ESCAPE)
    assert page.focused == shown


def test_a_cell_that_is_not_there_says_so(open_page):
    page = open_page(address="#cell=a/b/c/d")
    assert "is not in these results" in page.text("#panel")


def test_the_code_can_be_copied_without_leave_of_the_browser(open_page):
    page = opened(open_page, REMEDIED)
    page.click("#panel .copy")
    page.wait("document.querySelector('#live').textContent.endsWith('copied')")
