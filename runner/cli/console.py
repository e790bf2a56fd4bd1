"""The terminal, as every command writes to it."""

from typing import Any

import rich.console
from rich.text import Text


class Console(rich.console.Console):
    """Rich's console: text is printed as it is."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - those of rich
        super().__init__(**{"highlight": False, **settings})

    def show(self, text: str, style: str = "") -> None:
        """Print a line without wrapping, markup or highlighting."""
        self.print(Text(text, style=style), soft_wrap=True)
