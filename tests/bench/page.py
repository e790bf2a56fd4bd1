"""What a report of a large matrix costs: time and memory to write, bytes, time to usable.

Usage: python tests/bench/page.py [--cells 100000] [--keep PAGE]. The results are synthetic, with
about as much repetition as real ones. Nothing is asserted: compare the numbers on one machine.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from reports.results_json import to_json  # noqa: E402
from tests.browser.chromium import chromium  # noqa: E402
from tests.unit.reports.samples import MODELS, many_kinds, sample  # noqa: E402

ROUNDS = 9
MEASURES = (
    ("usable: on the screen, from the start", "getEntriesByName('usable')[0].startTime", "ms"),
    ("the whole file read, from the start", "getEntriesByType('navigation')[0].loadEventEnd", "ms"),
    ("JavaScript heap then", "memory.usedJSHeapSize / 1e6", "MB"),
)
# Each is a change of state; it ends when the next frame is on the screen.
ACTIONS = (
    ("filter by a verdict", "document.querySelector('.chip.v-refused').click()"),
    ("filter by an environment", "location.hash = '#loader=tf2.15-py311'"),
    ("search for two words", "location.hash = '#q=unrecognized+lstm'"),
    ("one more letter", "location.hash = '#q=unrecognized+lstms'"),
    ("the list", "location.hash = '#view=cells'"),
    ("the list, sorted by reason", "location.hash = '#view=cells&sort=reason'"),
    ("the list, sorted by loader", "location.hash = '#view=cells&sort=-loader'"),
    ("causes", "location.hash = '#view=causes'"),
    ("back to the whole grid", "location.hash = '#rows=saver&columns=loader'"),
    ("one cell", "location.hash = '#cell=' + CELL"),
    ("the next cell", "document.querySelector('#next-cell').click()"),
)
READY = "performance.getEntriesByName('usable').length && document.readyState === 'complete'"
CELL = "tf2.15-py311/lambda_layer/h5/tf2.21-keras3.15-py312"


def results_of(cells: int) -> object:
    """At least so many cells, of all models: cells grow with the square of the environments."""
    start = 6
    count = round(start * (cells / len(sample(many_kinds(start), MODELS).cells)) ** 0.5)
    while len((found := sample(many_kinds(count), MODELS)).cells) < cells:
        count += 1
    return found


def make_results(cells: int, path: str) -> None:
    """In a process of its own, so that its memory is gone when the report is written."""
    found = results_of(cells)
    text = json.dumps(to_json(found))
    Path(path).write_text(text, "utf-8")
    print(f"{len(found.cells):,} cells, {len(found.environments)} environments", flush=True)


def report(results: Path, folder: Path) -> Path:
    """``kmatrix report``: its time, its memory, the page it wrote."""
    words = ["report", str(results), "--build-dir", str(folder), "--report-dir", str(folder)]
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "kmatrix", *words], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"kmatrix report ended with status {status}")
    page = folder / "index.html"
    sizes = [f"{one.name} {one.stat().st_size / 1e6:.1f} MB" for one in (results, page)]
    print(
        f"kmatrix report: {time.perf_counter() - began:.1f} s, of that {used.ru_utime:.1f} s of "
        f"its own; peak memory {used.ru_maxrss / 1024:.0f} MiB; "
        f"{', '.join(sizes)}"
    )
    return page


def browse(page: Path) -> None:
    """The same page several times in one Chromium; the median counts."""
    found = {name: [] for name, *_ in (*MEASURES, *ACTIONS)}
    with tempfile.TemporaryDirectory() as profile:
        driver = chromium(profile)
        try:
            for _ in range(ROUNDS):
                one_round(driver, page, found)
        finally:
            driver.quit()
    for name, numbers in found.items():
        unit = next((unit for other, _, unit in MEASURES if other == name), "ms")
        middle, least, most = statistics.median(numbers), min(numbers), max(numbers)
        print(f"{name}: median {middle:.0f} {unit} ({least:.0f} to {most:.0f})")


def one_round(driver: object, page: Path, found: dict[str, list[float]]) -> None:
    """Opens it anew, looks around as a person would."""
    driver.get("about:blank")
    driver.get(page.as_uri())
    while not driver.execute_script(f"return {READY}"):
        time.sleep(0.02)
    for name, script, _ in MEASURES:
        found[name].append(driver.execute_script(f"return performance.{script}"))
    time.sleep(1)  # as long as a person looks before the first click
    for name, script in ACTIONS:
        found[name].append(timed(driver, script))


def timed(driver: object, script: str) -> float:
    """Milliseconds until it is on the screen; an address is taken up in a task of its own."""
    end = "requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)))"
    if script.startswith("location.hash"):
        end = f"addEventListener('hashchange', () => {end}, {{once: true}})"
    start = "const [CELL, done] = arguments; const began = performance.now()"
    return driver.execute_async_script(f"{start}; {end}; {script}", CELL)


def main() -> None:
    """Write, then browse."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="keep the page there")
    options = parser.parse_args()
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as folder:
        context = multiprocessing.get_context("spawn")
        results = Path(folder) / "synthetic.json"
        writer = context.Process(target=make_results, args=(options.cells, str(results)))
        writer.start()
        writer.join()
        if writer.exitcode:
            raise SystemExit(writer.exitcode)
        page = report(results, Path(folder))
        if options.keep is not None:
            shutil.copy(page, options.keep)
        browse(page)
    print(f"load of the machine after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
