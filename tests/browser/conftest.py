"""A browser for all tests, and pages made from results."""

import json

import pytest

from tests.browser.chromium import chromium
from tests.browser.page import Page
from tests.browser.pages import hostile_page, usual_page


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    driver = chromium(tmp_path_factory.mktemp("chromium"))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, text in (("usual", usual_page()), ("hostile", hostile_page())):
        (folder / f"{name}.html").write_text(text, "utf-8")
    return folder


@pytest.fixture
def open_page(browser, files):
    """Opens a page afresh; at the end nothing may be on the console, and nothing fetched."""

    def opened(name="usual", address="", **look):
        return Page(browser, files / f"{name}.html").emulate(**look).open(address)

    browser.get("about:blank")
    browser.get_log("browser")
    browser.get_log("performance")
    yield opened
    assert browser.get_log("browser") == []
    events = [json.loads(one["message"])["message"] for one in browser.get_log("performance")]
    fetched = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert [url for url in fetched if not url.startswith(("file:///", "about:"))] == []
    assert {url.split("#")[0].rsplit("/", 1)[-1] for url in fetched} <= {
        "usual.html",
        "hostile.html",
    }
    Page(browser, None).emulate()
