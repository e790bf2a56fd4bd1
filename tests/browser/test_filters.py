"""Filters, the address, and the back button."""

import pytest

from runner.model.finding import Verdict
from tests.browser.page import Keys
from tests.browser.pages import usual_results

FOUND = usual_results()


def size_of(wanted):
    return sum(1 for cell in FOUND.cells if wanted(cell))


def test_a_verdict_filters_and_back_and_forward_undo_and_redo_it(open_page):
    page = open_page()
    assert page.size == len(FOUND.cells)
    page.click(".chip.v-drifted")
    drifted = size_of(lambda cell: cell.verdict is Verdict.DRIFTED)
    assert (page.address, page.size) == ("#verdict=drifted", drifted)
    page.click(".chip.v-refused")
    assert page.size == drifted + size_of(lambda cell: cell.verdict is Verdict.REFUSED)
    page.driver.back()
    assert page.size == drifted
    page.driver.back()
    assert page.size == len(FOUND.cells)
    page.driver.forward()
    assert page.size == drifted
    assert page.one(".chip.v-drifted").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("#format=h5&format=json", lambda c: c.id.split("/")[2] in {"h5", "json"}),
        (
            "#saver=tf2.10-py39&loader=tf2.15-py311",
            lambda c: c.id.startswith("tf2.10-py39/") and c.loader == "tf2.15-py311",
        ),
        ("#environment=tf1.15-py37", lambda c: "tf1.15-py37" in {c.loader, c.id.split("/")[0]}),
        (
            "#model=lambda_layer&verdict=crashed",
            lambda c: "/lambda_layer/" in c.id and c.verdict is Verdict.CRASHED,
        ),
        ("#cause=F02", lambda c: c.signatures[:1] == ("F02",)),
        ("#q=time_major", lambda c: "time_major" in c.reason),
        ("#q=BATCH_shape json", lambda c: "batch_shape" in c.reason and "/json/" in c.id),
        ("#expected=unmet", lambda c: c.expectation is not None and not c.expectation.met),
        ("#q=no such thing anywhere", lambda c: False),
    ],
)
def test_a_view_can_be_sent_as_an_address(open_page, address, wanted):
    assert open_page(address=f"{address}&view=cells").size == size_of(wanted)


def test_a_menu_filters_with_the_keyboard_and_counts_what_each_choice_would_leave(open_page):
    page = open_page(address="#model=gru_stack")
    page.focus(".menu:nth-of-type(4) summary").press(Keys.ENTER, Keys.ARROW_DOWN, Keys.SPACE)
    assert "format=h5" in page.address
    assert page.size == size_of(lambda c: "/gru_stack/h5/" in c.id)
    rows = dict(
        zip(page.texts(".menu[open] .choice"), page.texts(".menu[open] .number"), strict=True)
    )
    assert int(rows["json"]) == size_of(lambda c: "/gru_stack/json/" in c.id)
    page.press(Keys.ESCAPE)
    assert not page.all(".menu[open]")


def test_slash_searches_typing_adds_no_history_and_escape_clears(open_page):
    page = open_page()
    before = page.run("return history.length")
    page.press("/").press("time_major")
    page.wait("location.hash === '#q=time_major'")
    assert page.run("return history.length") == before
    assert page.size == size_of(lambda c: "time_major" in c.reason)
    page.press(Keys.ESCAPE)
    assert page.size == len(FOUND.cells)


def test_a_cells_id_in_the_search_finds_that_cell(open_page):
    name = FOUND.cells[300].id
    page = open_page(address=f"#view=cells&q={name}")
    assert [one.get_attribute("data-cell") for one in page.all(".opener")] == [name]


def test_clear_filters_leaves_the_view(open_page):
    page = open_page(address="#view=causes&format=h5&q=lstm&verdict=refused")
    page.click("#clear")
    assert page.address == "#view=causes"


def test_a_filter_in_the_line_can_be_taken_away(open_page):
    page = open_page(address="#format=h5&model=gru_stack")
    page.click(".mark")
    assert page.address == "#format=h5"


def test_filters_that_leave_nothing_say_so_and_offer_a_way_out(open_page):
    page = open_page(address="#q=nothing like this")
    assert "No cell is left" in page.text("#main")
    page.click("#main .linkbutton")
    assert page.size == len(FOUND.cells)


@pytest.mark.parametrize("address", ["#view=nonsense", "#rows=x&columns=x", "#%E0%A4%A", "#=&&&="])
def test_an_address_that_is_nonsense_shows_the_grid(open_page, address):
    assert open_page(address=address).all("#grid")


def test_signatures_explain_failing_cells(open_page):
    page = open_page(address="#view=causes")
    shown = page.text(".lead")
    failing = [
        c
        for c in FOUND.cells
        if c.verdict.failing or c.verdict in {Verdict.REMEDIED, Verdict.BROKEN}
    ]
    known = [c for c in failing if c.signatures]
    assert f"explain {len(known):,} of {len(failing):,} failing cells" in shown
    assert "Keras 2 does not know batch_shape" in page.text(".causes")


def test_a_fact_of_the_first_look_leads_to_exactly_its_cells(open_page):
    page = open_page()
    number = int(page.text("ol.top .number").replace(",", ""))
    page.click("ol.top .linkbutton")
    assert page.size == number


def test_what_changed_since_the_last_run_can_be_listed(open_page):
    page = open_page(address="#view=cells&change=broke")
    assert page.size > 0
    assert set(page.texts("#cells .change-broke")) == {"broke, was degraded"}


def test_a_flipped_cell_names_the_version_that_changed_with_it(open_page):
    page = open_page(address="#view=cells&change=broke&loader=tf2.10-py39")
    words = "loader tf2.10-py39: h5py 2.10.0 -> 3.1.0"
    assert set(page.texts("#cells .was .note")) == {f" {words}"}
    assert words in page.text(".fact .notes")
    page.click("#cells .opener").detail()
    assert f"together with {words}" in page.text("#panel .changed")


def test_the_list_shows_the_worst_first_and_sorts_by_any_column(open_page):
    page = open_page(address="#view=cells")
    assert page.texts("#cells tbody .sign span:last-child")[0] == "drifted"
    page.click("#cells th:nth-child(4) button")
    names = page.texts("#cells tbody td:nth-child(4)")
    assert names == sorted(names, key=[recipe.name for recipe in FOUND.recipes].index)
    assert page.one("#cells th:nth-child(4)").get_attribute("aria-sort") == "ascending"
    assert "sort=model" in page.address
    page.click("#cells th:nth-child(4) button")
    assert "sort=-model" in page.address


def test_the_list_goes_on_on_a_next_page(open_page):
    page = open_page(address="#view=cells")
    first = page.texts("#cells tbody td:nth-child(3)")
    assert len(first) == 100
    next(one for one in page.all(".pager button") if "Next" in one.text).click()
    assert page.text(".pager").startswith("101–200")
