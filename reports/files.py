"""Every file of a report, by name. Texts only; who writes them decides where."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reports import badge, csv_table, feed, html, junit, markdown, results_json
from reports.untrusted_text import writable
from reports.view import make_view

if TYPE_CHECKING:
    from reports.history import History
    from runner.model.comparison import RunComparison
    from runner.model.results import Results


def report_files(
    results: Results,
    history: History | None = None,
    difference: RunComparison | None = None,
    *,
    text: str | None = None,
) -> dict[str, str]:
    """Name to content. Changes are measured against the history's last whole run.

    text: the results as JSON, where they are written already.
    """
    view = make_view(results, history, difference)
    files = {
        "index.html": html.render_view(view),
        "results.json": text or json.dumps(results_json.to_json(results)),
        "summary.md": markdown.render_view(view),
        "junit.xml": junit.render(results),
        "cells.csv": csv_table.render(results),
        "badge.svg": badge.svg(results),
        "badge.json": badge.endpoint(results),
        "feed.xml": feed.render_view(view),
    }
    return {name: writable(text) for name, text in files.items()}
