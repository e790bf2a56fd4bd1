"""What a load says besides its result: exceptions with their chain, warnings, log records."""

import logging
import re
import traceback
import warnings
from typing import Any, List, Optional

from .aliases import Json

MOST_WARNINGS = 50
WRAPPER = "Exception encountered: "
# Loggers that speak of saving and loading; absl is what Keras 3 and TensorFlow 2 use.
LOGGERS = ("absl", "tensorflow", "keras", "tf_keras")


def failure(error: BaseException) -> Json:
    """An exception as data. Messages are kept whole: the cause often stands at the end."""
    kind = type(error)
    message = _text(error)
    lines = traceback.format_exception(kind, error, error.__traceback__)
    return {
        "type": f"{kind.__module__}.{kind.__name__}"
        if kind.__module__ not in ("builtins", None)
        else kind.__name__,
        "message": message,
        "innermost": _innermost(error, message),
        "traceback": "".join(lines),
    }


def _text(error: BaseException) -> str:
    # str(KeyError) is the repr of its argument, which hides line breaks.
    if isinstance(error, KeyError) and len(error.args) == 1 and isinstance(error.args[0], str):
        return error.args[0]
    return str(error)


def _innermost(error: BaseException, message: str) -> str:
    """Keras 2.12 and later wrap the cause, sometimes twice: cut at the last wrapper."""
    if WRAPPER in message:
        return message.rsplit(WRAPPER, 1)[1].strip()
    if not message and error.__cause__ is not None:
        return _text(error.__cause__)
    return message


class _Records(logging.Handler):
    def __init__(self, into: List[str]) -> None:
        logging.Handler.__init__(self, level=logging.WARNING)
        self.into = into

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self.into.append(f"{record.levelname}: {record.getMessage()}")
        except Exception:
            self.into.append(f"{record.levelname}: {record.msg!r}")


class Listener:
    """Collects warnings and log records of WARNING and above while it is entered."""

    def __init__(self) -> None:
        self.found: List[str] = []

    def __enter__(self) -> "Listener":
        self._catch = warnings.catch_warnings()
        self._catch.__enter__()
        warnings.simplefilter("always")
        warnings.showwarning = self._show
        self._handler = _Records(self.found)
        for name in LOGGERS:
            logging.getLogger(name).addHandler(self._handler)
        return self

    def _show(
        self,
        message: Any,
        category: Any,
        filename: str,
        lineno: int,
        file: Any = None,
        line: Optional[str] = None,
    ) -> None:
        self.found.append(f"{category.__name__}: {message}")

    def __exit__(self, *error: Any) -> None:
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(self._handler)
        self._catch.__exit__(*error)

    def texts(self) -> List[str]:
        """The distinct texts in order; addresses and process ids cut, so that runs agree."""
        seen = []
        for text in self.found:
            text = re.sub(r"0x[0-9a-f]{6,}", "0x…", text)
            if text not in seen:
                seen.append(text)
        return seen[:MOST_WARNINGS]
