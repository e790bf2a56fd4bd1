"""How much of a stranger's file is looked at. Everything here is a bound, none is a target."""

from __future__ import annotations

CONFIG_BYTES = 64 << 20  # of JSON or YAML in one piece
YAML_BYTES = 4 << 20  # the YAML parser takes some 50 times as long as the JSON parser
NODES = 400_000  # of a config, visited
DEPTH = 200  # of a config
USERBLOCK_BYTES = 1 << 30  # in front of HDF5
MEMBERS = 20_000  # of a zip, of a folder, of a group of HDF5
OBJECTS = 200_000  # groups and datasets of an HDF5 file
ATTRIBUTE_BYTES = 64 << 20
UNPACKED_BYTES = 1 << 30  # of one compressed member
PROTO_BYTES = 2 << 30  # TensorFlow's own limit of a graph
PICKLE_BYTES = 64 << 20
NAME = 200  # characters of a name that are kept
REMARKS = 40
SECONDS = 60.0  # for one file, in the guarded process
MEMORY = 3 << 30  # bytes of address space of the guarded process


class TooMuch(Exception):  # noqa: N818 - a fact about a file, not our error
    """A bound was reached; the message says which."""
