"""The grid, its keys, and its other axes."""

import re
from collections import Counter

import pytest

from runner.model.finding import Verdict
from tests.browser.page import Keys
from tests.browser.pages import usual_results

FOUND = usual_results()
ANSWERED = {one for one in Verdict if one.safe or one.failing or one is Verdict.REMEDIED}


def counted(saver, loader):
    return Counter(
        cell.verdict
        for cell in FOUND.cells
        if cell.artifact.startswith(f"{saver}/") and cell.loader == loader
    )


def test_every_square_says_in_words_what_its_cells_are(open_page):
    page = open_page()
    labels = page.pairs()
    environments = [one.id for one in FOUND.environments if one.status == "ready"]
    assert len(labels) == len(environments) ** 2
    for label in labels:
        saver, loader = re.match(r"saved by (\S+), loaded by (\S+):", label).groups()
        counts = counted(saver, loader)
        answered = sum(counts[one] for one in ANSWERED)
        assert f"{sum(counts[one] for one in ANSWERED if one.safe)} of {answered} safe" in label
        for verdict, number in counts.items():
            assert f"{number} {verdict}" in label


def test_a_square_shows_drift_with_a_sign_and_not_by_colour_alone(open_page):
    page = open_page()
    for square in page.all("#grid .square"):
        if "drifted" in square.get_attribute("aria-label"):
            assert "≠" in square.text


def test_arrow_keys_go_through_the_grid_and_one_square_is_in_the_tab_order(open_page):
    page = open_page().focus("#grid .square")
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert page.focused == "2 1"
    page.press(Keys.END)
    assert page.focused == "2 5"
    page.press(Keys.HOME, Keys.ARROW_UP)
    assert page.focused == "1 0"
    page.press(Keys.ARROW_LEFT)
    assert page.focused == "1 0"
    assert len(page.all("#grid .square[tabindex='0']")) == 1


def test_enter_opens_a_pair_and_escape_goes_back_to_its_square(open_page):
    page = open_page().focus("#grid .square")
    page.press(Keys.ARROW_DOWN, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ENTER)
    assert page.address == "#pair=tf1.15-py37..tf2.10-py39"
    assert page.focused == "panel-title"
    assert page.text("#panel-title") == "tf1.15-py37 → tf2.10-py39"
    page.press(Keys.ESCAPE)
    assert not page.one("#panel").is_displayed()
    assert page.focused == "1 2"


def test_a_pair_shows_models_and_formats_and_arrows_lead_to_a_cell(open_page):
    page = open_page(address="#pair=tf2.10-py39..tf2.21-keras3.15-py312")
    assert page.texts("#pair tbody th") == [recipe.name for recipe in FOUND.recipes]
    page.focus("#pair .dot").press(Keys.ARROW_DOWN, Keys.ENTER)
    assert page.address.startswith("#cell=") is False  # the pair is kept, to go back to it
    assert "cell=tf2.10-py39/functional_two_inputs/h5/tf2.21-keras3.15-py312" in page.address
    page.detail()
    page.driver.back()
    assert page.text("#panel-title") == "tf2.10-py39 → tf2.21-keras3.15-py312"


def test_a_pair_can_be_turned_round(open_page):
    page = open_page(address="#pair=tf2.10-py39..tf2.15-py311")
    next(one for one in page.all("#panel button") if "Other way" in one.text).click()
    assert page.address == "#pair=tf2.15-py311..tf2.10-py39"


def test_a_format_that_a_saver_does_not_write_says_why(open_page):
    page = open_page(address="#pair=tf1.15-py37..tf2.15-py311")
    titles = [one.get_attribute("title") for one in page.all("#pair .empty")]
    assert "not saved (unsupported): tf1.15-py37 does not write keras" in titles


@pytest.mark.parametrize(("rows", "columns"), [("model", "loader"), ("format", "saver")])
def test_any_question_can_be_an_axis_and_a_square_leads_to_its_cells(open_page, rows, columns):
    page = open_page(address=f"#rows={rows}&columns={columns}")
    label = page.pairs()[0]
    page.click("#grid .square")
    assert "view=cells" in page.address
    assert f"{rows}=" in page.address
    total = sum(int(number) for number in re.findall(r"(\d+) (?!of)[a-z]+", label.split(";")[1]))
    assert page.size == total


def test_choosing_the_other_axis_swaps_them(open_page):
    page = open_page()
    page.one("#axis-rows").send_keys("loaded")
    page.wait("location.hash.includes('rows=loader')")
    assert "columns=saver" in page.address


def test_environments_that_could_not_be_asked_are_set_apart_with_the_reason(open_page):
    page = open_page()
    apart = page.text(".apart")
    assert "tf-nightly-py313: no matching distribution" in apart
    assert "libopenblas.so.0 is missing" in apart
    assert not any("nightly" in label for label in page.pairs())


def test_an_environment_that_is_red_against_everybody_has_a_flag_with_words(open_page):
    page = open_page()
    flags = [one.get_attribute("aria-label") for one in page.all("#grid .flag")]
    assert any("fails on every checkpoint artifact" in flag for flag in flags)


def test_every_square_and_chip_is_a_button_that_a_screen_reader_can_name(open_page):
    page = open_page()
    for selector in ("#grid .square", ".chip", "#tabs a", ".menu summary"):
        found = [one for one in page.all(selector) if one.is_displayed()]
        assert found
        assert all((one.accessible_name or one.text).strip() for one in found[:12])


def test_a_grid_that_a_filter_changed_in_place_is_that_of_a_fresh_page(open_page):
    grid = "return document.querySelector('#grid').outerHTML"
    fresh = open_page(address="#format=h5").run(grid)
    page = open_page()
    page.run("window.before = document.querySelector('#grid')")
    assert page.run(grid) != fresh
    page.run("location.hash = '#format=h5'")
    page.wait("document.querySelector('.mark') !== null")
    assert page.run("return document.querySelector('#grid') === window.before")
    assert page.run(grid) == fresh
