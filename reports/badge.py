"""A badge: how much is safe. As SVG, and as JSON for an endpoint badge of shields."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from reports.mix import Mix, percent

if TYPE_CHECKING:
    from runner.model.results import Results

LABEL = "kmatrix"
_COLOURS = ((0.95, "#11805f"), (0.75, "#7c8f1a"), (0.5, "#b8791a"), (0.0, "#c9481c"))
_GREY = "#6e7781"
# Widths in pixels at 11 px of the sans-serif fonts that browsers have; wide ones never overflow.
_NARROW = set("ijl.,:;'!|() ")
_WIDTH, _NARROW_WIDTH, _PADDING = 7.2, 3.8, 6


def message(results: Results) -> tuple[str, str]:
    """Return the text and its colour."""
    mix = Mix.of(cell.verdict for cell in results.cells)
    if not mix.answered:
        return "no cells", _GREY
    text = f"{percent(mix.safe, mix.answered)} safe"
    if not results.run.complete or results.run.missing_shards or results.run.shard:
        return f"{text}, not complete", _GREY
    share = mix.safe / mix.answered
    return text, next(colour for least, colour in _COLOURS if share >= least)


def endpoint(results: Results) -> str:
    """JSON that shields.io reads."""
    text, colour = message(results)
    data = {"schemaVersion": 1, "label": LABEL, "message": text, "color": colour.lstrip("#")}
    return json.dumps(data, ensure_ascii=False) + "\n"


def svg(results: Results) -> str:
    """Return a flat badge of 20 pixels' height, with its text for screen readers."""
    text, colour = message(results)
    left, right = _width(LABEL), _width(text)
    whole = left + right
    name = f"{LABEL}: {text}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" '
        f"aria-label={quoteattr(name)}><title>{escape(name)}</title>"
        f'<clipPath id="r"><rect width="{whole}" height="20" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#444c56"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>'
        '<g fill="#fff" text-anchor="middle" font-size="11" '
        'font-family="Verdana,DejaVu Sans,Geneva,sans-serif">'
        f'<text x="{left / 2:g}" y="14">{escape(LABEL)}</text>'
        f'<text x="{left + right / 2:g}" y="14">{escape(text)}</text></g></svg>\n'
    )


def _width(text: str) -> int:
    pixels = sum(_NARROW_WIDTH if one in _NARROW else _WIDTH for one in text)
    return round(pixels) + 2 * _PADDING
