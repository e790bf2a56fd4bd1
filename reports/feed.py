"""An Atom feed of what changed from run to run; a run without a change is no news."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from reports.junit import clean
from reports.view import make_view
from runner.compare.difference import compare
from runner.model.comparison import ChangeKind

if TYPE_CHECKING:
    from reports.history import History
    from reports.view import View
    from runner.model.comparison import RunComparison
    from runner.model.results import Results

ATOM = "http://www.w3.org/2005/Atom"
ENTRIES = 30
SHOWN = 50  # cells in one entry


def render(
    results: Results, history: History | None = None, difference: RunComparison | None = None
) -> str:
    """Return the feed, newest first."""
    return render_view(make_view(results, history, difference))


def render_view(view: View) -> str:
    """Return the feed of a view model."""
    run = view.results.run
    feed = Element("feed", xmlns=ATOM)
    SubElement(feed, "id").text = f"urn:kmatrix:{clean(run.matrix)}:{clean(run.profile)}"
    SubElement(feed, "title").text = clean(f"kmatrix: changes in {run.matrix} ({run.profile})")
    SubElement(feed, "updated").text = run.finished or run.started
    SubElement(SubElement(feed, "author"), "name").text = "kmatrix"
    SubElement(feed, "generator", version=run.kmatrix).text = "kmatrix"
    entries = [(run.id, run.finished or run.started, view.changes)] if view.changes else []
    entries += reversed(_past(view.history))
    for name, when, changes in entries[:ENTRIES]:
        if changes.cells:
            _entry(feed, name, when, changes)
    indent(feed)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(feed, "unicode") + "\n"


def _past(history: History) -> list[tuple[str, str, RunComparison]]:
    """RunComparison between whole runs of the history, oldest first."""
    whole = [run for run in history.runs if run.complete]
    return [(after.id, after.started, compare(before, after)) for before, after in pairwise(whole)]


def _entry(feed: Element, name: str, when: str, changes: RunComparison) -> None:
    entry = SubElement(feed, "entry")
    SubElement(entry, "id").text = f"urn:kmatrix:run:{clean(name)}"
    SubElement(entry, "title").text = changes.sentence
    SubElement(entry, "updated").text = when
    SubElement(entry, "content", type="text").text = clean("\n".join(_lines(changes)))


def _lines(changes: RunComparison) -> list[str]:
    ordered = [change for kind in ChangeKind for change in changes.of_kind(kind)]
    lines = [f"Since run {changes.before.id} of {changes.before.started}:"]
    lines += [
        f"{one.kind}: {one.id}: {one.before or 'not there'} → {one.after or 'not there'}"
        + (f" ({one.because})" if one.because else "")
        for one in ordered[:SHOWN]
    ]
    if len(ordered) > SHOWN:
        lines.append(f"and {len(ordered) - SHOWN} more")
    return [*lines, *changes.packages[:SHOWN]]
