"""An HDF5 file's attributes, and the shapes of its arrays; no array is read, no link followed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

import h5py
import numpy as np

from runner.modelfile import limits
from runner.modelfile import printable as text

if TYPE_CHECKING:
    from pathlib import Path

# What h5py raises over a damaged file; its own bugs with such files included.
FAULTS = (OSError, RuntimeError, ValueError, KeyError, TypeError, OverflowError, AttributeError)
TRAINING = ("optimizer_weights/", "optimizer/", "metrics/", "compile_metrics/", "loss_tracker/")


class NotReadable(ValueError):  # noqa: N818 - a fact about a file
    """The HDF5 library refuses the file; the message is its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrayFacts:
    """One dataset: where, of what shape and type, and the bytes it takes in the file."""

    path: str
    shape: tuple[int, ...]
    dtype: str
    itemsize: int
    stored: int

    @property
    def elements(self) -> int:
        """The product of the shape."""
        return math.prod(self.shape)

    @property
    def training(self) -> bool:
        """Whether it is an optimizer's or a metric's, not the model's."""
        return self.path.startswith(TRAINING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hdf:
    """What was found. ``attributes`` are those of the root, ``model`` those of its weights."""

    attributes: dict[str, str | tuple[str, ...]]
    model: dict[str, str | tuple[str, ...]]
    groups: tuple[str, ...]  # names at the root
    arrays: tuple[ArrayFacts, ...]
    unread: tuple[str, ...] = ()  # parts that could not be read, and why
    links: tuple[str, ...] = ()  # soft and external links, which are not followed
    layer_names: tuple[str, ...] = ()  # in legacy weights, in order


def read(source: Path | BinaryIO) -> Hdf:
    """Look through a file. Raises NotReadable, and TooMuch for one that is too large to look at."""
    try:
        with h5py.File(source, "r") as file:
            return _Walk().look(file)
    except limits.TooMuch:
        raise
    except FAULTS as error:
        raise NotReadable(text.clean(error)) from error


@dataclass
class _Walk:
    """The objects seen so far; HDF5 files may have cycles."""

    arrays: list[ArrayFacts] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def look(self, file: h5py.File) -> Hdf:
        attributes = self._attributes(file)
        groups = tuple(
            text.clean(name.decode("utf-8", "replace")) for name in self._names("", file.id)
        )
        model: dict[str, str | tuple[str, ...]] = {}
        if "model_weights" in groups:
            weights = self._member(file.id, b"model_weights", "model_weights")
            if isinstance(weights, h5py.h5g.GroupID):
                model = self._attributes(h5py.Group(weights))
        self.seen.clear()
        self._descend(file)
        return Hdf(
            attributes=attributes,
            model=model,
            groups=groups,
            arrays=tuple(self.arrays),
            unread=tuple(dict.fromkeys(self.unread[: limits.REMARKS])),
            links=tuple(dict.fromkeys(self.links[: limits.REMARKS])),
            layer_names=_pieces(model or attributes, "layer_names"),
        )

    def _attributes(self, owner: h5py.Group) -> dict[str, str | tuple[str, ...]]:
        found = {}
        for name in _attribute_names(owner):
            try:
                value = _attribute(owner, name)
            except FAULTS as error:
                self.unread.append(f"attribute {text.clean(name)}: {text.clean(error)}")
                continue
            if value is not None:
                found[name] = value
        return found

    def _descend(self, file: h5py.File) -> None:
        waiting = [("", file.id)]
        while waiting:
            path, group = waiting.pop()
            for name in self._names(path, group):
                if len(self.seen) > limits.OBJECTS:
                    raise limits.TooMuch(f"it has more than {limits.OBJECTS:,} objects")
                place = path + text.clean(name.decode("utf-8", "replace"))
                item = self._member(group, name, place)
                if isinstance(item, h5py.h5g.GroupID):
                    waiting.append((f"{place}/", item))
                elif isinstance(item, h5py.h5d.DatasetID):
                    self._array(place, item)

    def _names(self, path: str, group: Any) -> list[bytes]:  # noqa: ANN401 - h5py has no types
        try:
            if group.get_num_objs() > limits.MEMBERS:
                raise limits.TooMuch(f"a group has more than {limits.MEMBERS:,} members")
            return list(group)
        except FAULTS as error:
            self.unread.append(f"{path or 'its root'}: {text.clean(error)}")
            return []

    def _member(self, group: Any, name: bytes, place: str) -> Any:  # noqa: ANN401
        """Return a member that lies in this file and was not seen before; None for any other."""
        try:
            if group.links.get_info(name).type != h5py.h5l.TYPE_HARD:
                self.links.append(place)
                return None
            item = h5py.h5o.open(group, name)
            address = h5py.h5o.get_info(item).addr
        except FAULTS as error:
            self.unread.append(f"{place}: {text.clean(error)}")
            return None
        if address in self.seen:
            return None
        self.seen.add(address)
        return item

    def _array(self, place: str, item: Any) -> None:  # noqa: ANN401
        try:
            dtype = item.dtype
            fact = ArrayFacts(
                path=place,
                shape=tuple(int(n) for n in item.shape or ()),
                dtype=str(dtype),
                itemsize=int(dtype.itemsize),
                stored=int(item.get_storage_size()),
            )
        except FAULTS as error:
            self.unread.append(f"{place}: {text.clean(error)}")
            return
        self.arrays.append(fact)


def _attribute_names(owner: h5py.Group) -> list[str]:
    try:
        return [str(name) for name in owner.attrs][: limits.MEMBERS]
    except (OSError, RuntimeError, UnicodeError):
        return []


def _attribute(owner: h5py.Group, name: str) -> str | tuple[str, ...] | None:
    """Return a string or strings; None for anything else, which Keras does not write there."""
    handle = owner.attrs.get_id(name)
    if math.prod(handle.shape) * handle.dtype.itemsize > limits.ATTRIBUTE_BYTES:
        raise ValueError("it is too large")
    value = owner.attrs[name]
    if isinstance(value, np.ndarray):
        texts = [text.decode(item) for item in value.ravel().tolist()]
        return tuple(item for item in texts if item is not None)
    return text.decode(value.tobytes() if isinstance(value, np.void) else value)


def _pieces(attributes: dict[str, str | tuple[str, ...]], name: str) -> tuple[str, ...]:
    """Join a list that Keras split into ``name0``, ``name1``, … because it was too long."""
    whole = attributes.get(name)
    found: list[str] = list(whole) if isinstance(whole, tuple) else []
    number = 0
    while isinstance(piece := attributes.get(f"{name}{number}"), tuple):
        found += piece
        number += 1
    return tuple(text.clean(item) for item in found[: limits.MEMBERS])
