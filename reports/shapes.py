"""Types of the fields of nouns, with the names that those modules import for types only."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any, get_type_hints

from runner.model import expectation, finding, results


@cache
def hints(cls: type) -> dict[str, Any]:
    """Field name to type."""
    modules = (expectation, finding, results, sys.modules[cls.__module__])
    names = {name: value for module in modules for name, value in vars(module).items()}
    return get_type_hints(cls, globalns=names)
