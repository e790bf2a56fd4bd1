"""The terminal, as every command writes to it."""

from typing import NoReturn

import rich.console


class Console(rich.console.Console):
    """Rich's console. A reader that goes away (``| head``) is for ``main`` to handle."""

    def on_broken_pipe(self) -> NoReturn:
        """Rich would end the program with 1, which here means that a finding differs."""
        raise BrokenPipeError
