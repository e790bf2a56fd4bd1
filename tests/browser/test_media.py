"""Print, dark, narrow; and strings that would like to be markup."""

import re

import pytest

from tests.browser.page import Keys
from tests.browser.pages import HOSTILE

NARROW = (390, 844)


def luminance(colour):
    numbers = [float(one) / 255 for one in re.findall(r"[\d.]+", colour)[:3]]
    red, green, blue = (
        n / 12.92 if n <= 0.03928 else ((n + 0.055) / 1.055) ** 2.4 for n in numbers
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def style(page, selector, name):
    return page.run(
        "const one = getComputedStyle(document.querySelector(arguments[0]));"
        "return one.getPropertyValue(arguments[1])",
        selector,
        name,
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    "selector", [".first h1", ".share .of", ".hint", ".fact .linkbutton", ".tab"]
)
def test_text_stands_out_from_its_ground(open_page, dark, selector):
    page = open_page(dark=dark)
    ground = page.run(
        "let one = document.querySelector(arguments[0]);"
        "const ground = () => getComputedStyle(one).backgroundColor;"
        "while (ground() === 'rgba(0, 0, 0, 0)') one = one.parentElement;"
        "return ground()",
        selector,
    )
    assert contrast(style(page, selector, "color"), ground) >= 4.5


def test_dark_is_dark_and_print_is_light_even_then(open_page):
    page = open_page(dark=True)
    assert luminance(style(page, "html", "background-color")) < 0.05
    page.emulate(dark=True, media="print")
    assert luminance(style(page, "html", "background-color")) > 0.95


def test_print_shows_the_grid_with_its_numbers_and_no_controls(open_page):
    page = open_page(media="print", size=(1050, 700))
    assert page.one("#grid").is_displayed()
    assert style(page, ".square .mix", "print-color-adjust") == "exact"
    for hidden in ("#search", "#tabs", "#axis-rows"):
        assert not page.one(hidden).is_displayed()
    wide, fits = page.run("return [document.documentElement.scrollWidth, innerWidth]")
    assert wide <= fits


@pytest.mark.parametrize("view", ["grid", "causes", "cells", "environments"])
def test_a_narrow_screen_never_scrolls_sideways(open_page, view):
    page = open_page(address=f"#view={view}", size=NARROW)
    wide, fits = page.run("return [document.documentElement.scrollWidth, innerWidth]")
    assert wide <= fits


def test_on_a_narrow_screen_a_cell_takes_the_whole_width_and_closes_again(open_page):
    address = "#view=cells&cell=tf2.21-keras3.15-py312/custom_layer/keras/tf2.15-py311"
    page = open_page(address=address, size=NARROW).detail()
    box = page.run(
        "const panel = document.querySelector('#panel'); const one = panel.getBoundingClientRect();"
        "return [one.left, one.width, panel.scrollWidth, panel.scrollLeft]"
    )
    assert box[0] == 0
    assert box[1] <= NARROW[0]
    assert box[2] <= NARROW[0]
    page.click("#close")
    assert not page.one("#panel").is_displayed()


def test_whoever_wants_no_motion_gets_none(open_page):
    page = open_page()
    page.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]},
    )
    page.press("/").press(Keys.ESCAPE)
    page.run("location.hash = '#pair=tf2.10-py39..tf2.15-py311'")
    page.wait("!document.querySelector('#panel').hidden")
    assert style(page, "#panel", "animation-name") == "none"


@pytest.mark.parametrize("view", ["grid", "causes", "cells", "environments"])
def test_hostile_strings_are_shown_and_never_run(open_page, view):
    page = open_page("hostile", f"#view={view}")
    assert page.run("return document.querySelectorAll('img, svg, iframe, object').length") == 0
    assert page.run("return document.querySelectorAll('script:not([type])').length") == 1
    assert "owned" not in page.driver.title.replace(HOSTILE[0], "")
    if view == "cells":
        reasons = page.texts("#cells .reason")
        assert sorted(reasons) == sorted(" ".join(text.split()) for text in HOSTILE)


def test_a_hostile_cell_opens_with_all_its_texts(open_page):
    page = open_page("hostile", "#view=cells")
    for number in range(len(HOSTILE)):
        page.all("#cells .opener")[number].click()
        page.detail()
        text = page.text("#panel")
        assert "kmatrix run --cell" in text
        assert not page.all("#panel img, #panel svg, #panel script")
        assert all(one.get_attribute("href").startswith("http") for one in page.all("#panel a"))
        page.click("#close")
    assert "owned" not in page.driver.title.replace(HOSTILE[0], "")


def test_the_policy_stops_what_a_mistake_of_ours_would_let_in(open_page):
    page = open_page("hostile")
    page.run(
        "const one = document.createElement('script');"
        "one.textContent = 'document.title = \"owned\"'; document.body.append(one)"
    )
    assert page.driver.title != "owned"
    refused = page.driver.get_log("browser")
    assert any("Content Security Policy" in entry["message"] for entry in refused)
