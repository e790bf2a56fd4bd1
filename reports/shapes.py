"""Types of the fields of nouns, with the names that those modules import for types only."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any, get_type_hints

from runner.model import finding, results


@cache
def hints(cls: type) -> dict[str, Any]:
    """Field name to type."""
    names = {**vars(finding), **vars(results), **vars(sys.modules[cls.__module__])}
    return get_type_hints(cls, globalns=names)
