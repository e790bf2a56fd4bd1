"""The grid on a terminal: numbers where they fit, else percents, else a line an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from reports.looks import LOOK, LOOKS
from reports.mix import Mix, percent
from runner.model.finding import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from reports.looks import Look

    Pairs = Mapping[tuple[str, str], Mix]
    Squares = tuple[tuple[Text, ...], ...]

# Shown beside what is safe: those that a reader must not miss.
_MARKS = (Verdict.DRIFTED, Verdict.CRASHED, Verdict.HUNG)


class Signs:
    """Signs that this terminal can show."""

    def __init__(self, console: Console) -> None:
        try:
            "".join(look.symbol for look in LOOKS).encode(console.encoding)
        except (UnicodeEncodeError, LookupError):
            self._plain = True
        else:
            self._plain = False

    def of(self, look: Look) -> str:
        """Return the verdict's."""
        return look.plain if self._plain else look.symbol

    @property
    def dash(self) -> str:
        """Nothing to say."""
        return "-" if self._plain else "–"


def grid(environments: Sequence[str], pairs: Pairs, signs: Signs, width: int) -> Table:
    """Savers in rows, loaders in columns, on so many columns of the terminal."""
    for small in (False, True):
        squares = tuple(
            tuple(
                _square(pairs.get((saver, loader)), signs, small=small) for loader in environments
            )
            for saver in environments
        )
        if _width(environments, squares) <= width:
            return _numbered(environments, squares)
    return _roles(environments, pairs, signs)


def _width(environments: Sequence[str], squares: Squares) -> int:
    names = max(map(len, environments)) + len(str(len(environments))) + 1
    columns = [max(map(len, column)) for column in zip(*squares, strict=True)]
    return names + sum(columns) + 2 * len(columns) + 4


def _table(title: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(title, no_wrap=True)
    return table


def _numbered(environments: Sequence[str], squares: Squares) -> Table:
    table = _table("saved by, loaded by")
    for number in range(1, len(environments) + 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    for number, (saver, row) in enumerate(zip(environments, squares, strict=True), 1):
        table.add_row(Text(f"{number} {saver}"), *row)
    return table


def _roles(environments: Sequence[str], pairs: Pairs, signs: Signs) -> Table:
    """How each does as a saver and as a loader, its own files left out."""
    table = _table("environment")
    for title in ("others load its files", "it loads others'"):
        table.add_column(title, justify="right", no_wrap=True)
    for name in environments:
        saved = [mix for pair, mix in pairs.items() if pair[0] == name != pair[1]]
        loaded = [mix for pair, mix in pairs.items() if pair[1] == name != pair[0]]
        squares = [_square(_sum(mixes), signs, small=True) for mixes in (saved, loaded)]
        table.add_row(Text(name), *squares)
    return table


def _square(mix: Mix | None, signs: Signs, *, small: bool) -> Text:
    if mix is None or not mix.answered:
        return Text(signs.dash, style="dim")
    share = percent(mix.safe, mix.answered).replace(" ", "") if small else ""
    style = "green" if mix.safe == mix.answered else "red" if mix.safe * 2 < mix.answered else ""
    text = Text(share or f"{mix.safe}/{mix.answered}", style=style)
    for verdict in _MARKS:
        if mix[verdict]:
            look = LOOK[verdict]
            text.append(signs.of(look) + ("" if small else str(mix[verdict])), style=look.style)
    return text


def _sum(mixes: Sequence[Mix]) -> Mix | None:
    if not mixes:
        return None
    return Mix(counts=tuple(map(sum, zip(*(mix.counts for mix in mixes), strict=True))))
