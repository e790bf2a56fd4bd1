"""A page as tests handle it: what stands in it, and what a person does to it."""

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

__all__ = ["Keys", "Page"]

WIDE = (1400, 1000)


class Page:
    def __init__(self, driver, path):
        self.driver, self.path = driver, path

    def emulate(self, *, size=WIDE, media="", dark=False):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False},
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"media": media, "features": [scheme]}
        )
        return self

    def open(self, address=""):
        self.driver.get("about:blank")
        self.driver.get(f"{self.path.as_uri()}{address}")
        return self.wait(
            "document.documentElement.dataset.ready === '1'"
            " && document.getAnimations().length === 0"  # what moves in is not visible yet
        )

    def wait(self, condition, seconds=60):
        WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(
            lambda driver: driver.execute_script(f"return {condition}"), condition
        )
        return self

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    def texts(self, selector):
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)",
            selector,
        )

    def click(self, selector):
        """As a user would: what cannot be clicked is a failure."""
        self.one(selector).click()
        return self

    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()
        return self

    def focus(self, selector):
        self.run("document.querySelector(arguments[0]).focus()", selector)
        return self

    @property
    def focused(self):
        return self.run(
            "const one = document.activeElement;"
            "return one.id || one.dataset.at || one.dataset.cell || one.tagName"
        )

    @property
    def address(self):
        return self.run("return decodeURIComponent(location.hash)")

    @property
    def size(self):
        """How many cells the filters leave, as the page says."""
        return int(self.text(".size").split()[0].replace(",", ""))

    def pairs(self):
        """Square labels by row and column."""
        return self.run(
            "return [...document.querySelectorAll('#grid .square')]"
            ".map((one) => one.getAttribute('aria-label'))"
        )

    def detail(self):
        """Waits until the opened cell is there with all of it, and has stopped moving."""
        return self.wait(
            "document.querySelector('#panel').dataset.shown === "
            "new URLSearchParams(location.hash.slice(1)).get('cell')"
            " && document.querySelector('#panel').getAnimations().length === 0"
        )
