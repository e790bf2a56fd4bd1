"""The page: one file that needs nothing else, and lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports.block import packed
from reports.looks import LOOKS
from reports.mix import percent
from reports.page_data import first_block, second_block
from reports.untrusted_text import writable
from reports.view import make_view, pair_mixes

if TYPE_CHECKING:
    from jinja2 import Template

    from reports.history import History
    from reports.view import View
    from runner.model.comparison import RunComparison
    from runner.model.results import Results

STYLES = ("base.css", "grid.css", "panel.css", "print.css")
# Every script is a part of one program, in this order; ``main.js`` starts it.
SCRIPTS = (
    "dom.js",
    "data.js",
    "state.js",
    "query.js",
    "filters.js",
    "overview.js",
    "grid.js",
    "causes.js",
    "cells.js",
    "environments.js",
    "panel.js",
    "detail.js",
    "versions.js",
    "main.js",
)


def render(
    results: Results, history: History | None = None, difference: RunComparison | None = None
) -> str:
    """One self-contained page."""
    return render_view(make_view(results, history, difference))


def render_view(view: View) -> str:
    """Return the page of a view model."""
    styles, script = _styles(), _script()
    page = _template().render(
        view=view,
        run=view.results.run,
        looks=LOOKS,
        percent=percent,
        helped=view.helped,
        pairs=pair_mixes(view.results),
        styles=Markup(styles),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own files
        policy=_policy(styles, script),
        first=packed(first_block(view)),
        second=packed(second_block(view)),
    )
    return writable(page)


def _policy(styles: str, script: str) -> str:
    """Our own style and script by their digests, and nothing else at all."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_digest(styles)}",
            f"script-src {_digest(script)}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")


@cache
def _styles() -> str:
    return "".join(_text(name) for name in STYLES)


@cache
def _script() -> str:
    """One function around all parts, so that they share names and leak none."""
    return "(() => {\n'use strict';\n" + "".join(_text(name) for name in SCRIPTS) + "})();\n"


def _text(name: str) -> str:
    return (files("reports") / "templates" / name).read_text("utf-8")
