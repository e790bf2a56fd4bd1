"""What a failure looks like, and where it occurs: two parts of a signature's YAML."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from runner.config.fields import Fields
from runner.model.evidence import Stage
from runner.model.matrix import Backend, Format, KerasApi
from runner.model.signature import Pattern, Side, WeightsSign, Where

if TYPE_CHECKING:
    from runner.config.yaml_nodes import Node

PATTERNS = (
    "exception",
    "message",
    "traceback",
    "stack",
    "unless",
    "warning",
    "lost",
    "save-again",
    "head",
    "saved-config",
    "loaded-config",
    "first-layer",
)
FACTS = ("stage", "signal", "weights", "drift", "below", "random", "other-python", "own-file")
# One of these has to be there: the others alone fit too many loads.
TELLING = (
    "message",
    "traceback",
    "stack",
    "warning",
    "lost",
    "save-again",
    "head",
    "saved-config",
    "random",
    "own-file",
)
SIDES = ("keras", "tensorflow", "python", "backend", "api")
# Files name backends that kmatrix cannot run any more.
BACKENDS = (*Backend, "cntk")


def patterns(node: Node) -> tuple[Pattern, ...]:
    """One look, or a list of them."""
    return tuple(_pattern(item) for item in node.one_or_more())


def _pattern(node: Node) -> Pattern:
    get = Fields.of(node, PATTERNS + FACTS)
    weights = get.choices("weights", WeightsSign, "state of weights")
    missing = bool(weights) and WeightsSign.EQUAL not in weights  # arrays speak for themselves
    if node.is_mapping and not missing and not any(key in get.known for key in TELLING):
        node.problem("fits too many loads", "name one of " + ", ".join(TELLING))
    below = get.maybe("below")
    return Pattern(
        **{name.replace("-", "_"): get.patterns(name) for name in PATTERNS},
        stage=get.choices("stage", Stage, "stage"),
        signal=tuple(_signal(item) for item in _items(get.maybe("signal"))),
        weights=tuple(map(WeightsSign, weights)),
        drift=get.flag("drift"),
        below=below.number() if below is not None else None,
        random=get.flag("random"),
        other_python=get.flag("other-python"),
        own_file=get.flag("own-file"),
    )


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.one_or_more() if node is not None else ()


def _signal(node: Node) -> int:
    """``SIGSEGV`` as its number."""
    name = node.choice([each.name for each in signal.Signals], "signal")
    return int(signal.Signals[name]) if name else 0


def where(node: Node | None) -> Where:
    """Where it can occur; everywhere, where nothing is said."""
    if node is None:
        return Where(saver=Side(), loader=Side())
    get = Fields.of(node, ("formats", "saver", "loader"))
    return Where(
        formats=get.choices("formats", Format, "format"),
        saver=_side(get.maybe("saver")),
        loader=_side(get.maybe("loader")),
    )


def _side(node: Node | None) -> Side:
    if node is None:
        return Side()
    get = Fields.of(node, SIDES)
    return Side(
        keras=get.specifier("keras"),
        tensorflow=get.specifier("tensorflow"),
        python=get.specifier("python"),
        backend=get.choices("backend", BACKENDS, "backend"),
        api=get.choices("api", KerasApi, "API"),
    )
