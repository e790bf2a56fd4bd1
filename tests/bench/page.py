"""What a report of a large matrix costs: time and memory to write, bytes, time to usable.

Usage: python tests/bench/page.py [--cells 100000]. The results are synthetic, with about as much
repetition as real ones. Nothing is asserted: compare the numbers on one machine.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from reports.html import render  # noqa: E402
from reports.results_json import to_json  # noqa: E402
from tests.browser.chromium import chromium  # noqa: E402
from tests.unit.reports.samples import MODELS, many_kinds, sample  # noqa: E402

ROUNDS = 5
MEASURES = (
    ("usable, from the start of navigation", "performance.getEntriesByName('usable')[0].startTime"),
    ("JavaScript heap", "performance.memory.usedJSHeapSize / 1e6"),
)
# Each is a change of state, drawn at once; the layout is asked for, so that it counts as well.
ACTIONS = (
    ("filter by a verdict", "document.querySelector('.chip.v-refused').click()"),
    ("the list, sorted by reason", "location.hash = '#view=cells&sort=reason'"),
    ("search for two words", "location.hash = '#view=cells&q=unrecognized+lstm'"),
    ("causes", "location.hash = '#view=causes'"),
)


def results_of(cells: int) -> object:
    """At least so many cells, of all models: cells grow with the square of the environments."""
    start = 6
    count = round(start * (cells / len(sample(many_kinds(start), MODELS).cells)) ** 0.5)
    while len((found := sample(many_kinds(count), MODELS)).cells) < cells:
        count += 1
    return found


def write(cells: int, folder: str) -> None:
    """In a process of its own, so that the peak of memory is its own."""
    began = time.perf_counter()
    found = results_of(cells)
    data = json.dumps(to_json(found))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.reconfigure(line_buffering=True)
    print(f"{len(found.cells):,} cells, {len(found.environments)} environments")
    print(f"results.json: {len(data) / 1e6:.1f} MB (made in {time.perf_counter() - began:.1f} s)")
    del data
    began = time.perf_counter()
    text = render(found)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    (Path(folder) / "index.html").write_text(text, "utf-8")
    print(f"index.html: {len(text.encode()) / 1e6:.2f} MB, written in {seconds:.1f} s")
    print(f"peak memory: {before:.0f} MiB with the results alone, {peak:.0f} MiB while rendering")


def browse(page: Path) -> None:
    """The same page several times in one Chromium; the median counts."""
    with tempfile.TemporaryDirectory() as profile:
        driver = chromium(profile)
        try:
            found = {name: [] for name, _ in (*MEASURES, *ACTIONS)}
            for _ in range(ROUNDS):
                driver.get("about:blank")
                driver.get(page.as_uri())
                while not driver.execute_script("return document.documentElement.dataset.ready"):
                    time.sleep(0.02)
                for name, script in MEASURES:
                    found[name].append(driver.execute_script(f"return {script}"))
                for name, script in ACTIONS:
                    found[name].append(timed(driver, script))
        finally:
            driver.quit()
    for name, numbers in found.items():
        unit = "MB" if "heap" in name else "ms"
        median = sorted(numbers)[len(numbers) // 2]
        print(f"{name}: median {median:.0f} {unit} ({min(numbers):.0f} to {max(numbers):.0f})")


def timed(driver: object, script: str) -> float:
    """Milliseconds until it is drawn."""
    return driver.execute_async_script(
        f"const done = arguments[0]; const began = performance.now(); {script};"
        "requestAnimationFrame(() => setTimeout(() => {"
        "document.body.getBoundingClientRect(); done(performance.now() - began) }))"
    )


def main() -> None:
    """Write, then browse."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        context = multiprocessing.get_context("spawn")
        writer = context.Process(target=write, args=(options.cells, folder))
        writer.start()
        writer.join()
        if writer.exitcode:
            raise SystemExit(writer.exitcode)
        browse(Path(folder) / "index.html")


if __name__ == "__main__":
    main()
