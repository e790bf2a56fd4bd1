"""The terminal, as every command writes to it."""

from typing import Any, NoReturn

import rich.console
from rich.text import Text


class Console(rich.console.Console):
    """Rich's console: text is printed as it is, and ``main`` handles a broken pipe (``| head``)."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - those of rich
        super().__init__(**{"highlight": False, **settings})

    def on_broken_pipe(self) -> NoReturn:
        """Raise: rich would exit with 1, which means here that a finding differs."""
        raise BrokenPipeError

    def show(self, text: str, style: str = "") -> None:
        """Print a line without wrapping, markup or highlighting."""
        self.print(Text(text, style=style), soft_wrap=True)
