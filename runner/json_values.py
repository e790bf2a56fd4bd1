"""Values to plain data for JSON, and back: one converter for everything that is read or written.

Reading is strict: a value of another type is refused, and all mistakes are reported at once with
their places. Keys that are not known are ignored, so that a later version can add some.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import is_dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_origin

if TYPE_CHECKING:
    from cattrs import Converter

Reader = Callable[[Any, Any], Any]  # a value and the type that is wanted
Value = TypeVar("Value")

INFINITE = "inf"  # JSON has no infinity: a difference of shapes or of NaNs is written as this text
MAX_MISTAKES = 10  # that a message lists


class MalformedJsonError(ValueError):
    """Data that does not have the shape of a type.

    ``mistakes``: a line for each, with its place.
    """

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        shown = "; ".join(mistakes[:MAX_MISTAKES])
        more = len(mistakes) - MAX_MISTAKES
        super().__init__(f"{shown}; and {more} more" if more > 0 else shown)
        self.mistakes = mistakes


def to_plain(value: object, *, defaults: bool = False) -> Any:  # noqa: ANN401 - plain data
    """Convert a value to data for ``json.dumps``. ``defaults``: with fields that have theirs."""
    return converter(defaults=defaults).unstructure(value)


def from_plain(kind: type[Value], data: object) -> Value:
    """Convert data to a value. Raises MalformedJsonError."""
    from cattrs import transform_error  # noqa: PLC0415 - slow to import

    try:
        return converter().structure(data, kind)
    except Exception as error:
        raise MalformedJsonError(
            tuple(transform_error(error, format_exception=_mistake))
        ) from error


@cache
def converter(*, defaults: bool = False) -> Converter:
    """Make the converter. cattrs is imported here, not where this module is."""
    from cattrs import Converter  # noqa: PLC0415 - slow to import

    made = Converter(omit_if_default=not defaults, unstruct_collection_overrides={tuple: list})
    for kind in (str, int, bool):
        made.register_structure_hook(kind, _strict(kind))
    made.register_structure_hook(StrEnum, _choice)  # else the hook of str is taken
    made.register_unstructure_hook(StrEnum, str)
    made.register_structure_hook(float, _number)
    made.register_unstructure_hook(float, _finite)
    made.register_structure_hook_factory(is_dataclass, _class_reader(made))
    tuples = made.get_structure_hook(tuple[str, ...])  # what cattrs does with every tuple
    made.register_structure_hook_func(_is_tuple, _sequence_reader(tuples))
    return made


def _class_reader(made: Converter) -> Callable[[type], Reader]:
    """Readers of dataclasses, for which cattrs would take anything that has keys."""
    from cattrs.gen import make_dict_structure_fn  # noqa: PLC0415 - slow to import

    def reader(kind: type) -> Reader:
        fields_of: Reader = make_dict_structure_fn(kind, made)

        def read(value: Any, wanted: Any) -> Any:  # noqa: ANN401 - plain data
            if not isinstance(value, dict):
                raise TypeError(f"{value!r:.80} in place of an object")
            return fields_of(value, wanted)

        return read

    return reader


def _is_tuple(kind: object) -> bool:
    return get_origin(kind) is tuple


def _sequence_reader(tuples: Reader) -> Reader:
    """Return a reader of tuples, for which cattrs would take the characters of a text."""

    def read(value: Any, wanted: Any) -> Any:  # noqa: ANN401 - plain data
        if not isinstance(value, list | tuple):
            raise TypeError(f"{value!r:.80} in place of a list")
        return tuples(value, wanted)

    return read


def _strict(kind: type) -> Reader:
    def read(value: object, _: object) -> object:
        if type(value) is not kind:
            raise TypeError(f"{value!r:.80} in place of {_NAMES[kind]}")
        return value

    return read


def _choice(value: object, kind: type[StrEnum]) -> StrEnum:
    if type(value) is not str:
        raise TypeError(f"{value!r:.80} in place of a text")
    return kind(value)


_NAMES = {str: "a text", int: "a whole number", bool: "true or false"}


def _number(value: object, _: object) -> float:
    if type(value) in {int, float}:
        return float(value)  # type: ignore[arg-type] # one of the two
    if value in {INFINITE, f"-{INFINITE}", "nan"}:
        return float(str(value))
    raise TypeError(f"{value!r:.80} in place of a number")


def _finite(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return INFINITE if value > 0 else f"-{INFINITE}" if value < 0 else "nan"


def _mistake(error: BaseException, _: type | None) -> str:
    if isinstance(error, KeyError):
        return f"the key {error} is missing"
    return str(error)
