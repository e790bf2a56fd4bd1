"""Options: one declaration for the field of a dataclass and for its argument."""

import argparse
from dataclasses import FrozenInstanceError, dataclass
from pathlib import Path

import pytest

from runner.cli.options import StoreOptions, add_arguments, option, positive, read_options


@dataclass(frozen=True, kw_only=True)
class Options(StoreOptions):
    files: tuple[Path, ...] = option(nargs="+", type=Path, metavar="FILE")
    names: tuple[str, ...] = option("--name", action="append")
    jobs: int = option("--jobs", "-j", type=positive, default=2)
    quiet: bool = option("--quiet", action="store_true")
    shard: str | None = option("--shard")


def parsed(*words):
    parser = argparse.ArgumentParser()
    add_arguments(parser, Options)
    return read_options(Options, parser.parse_args(words))


def test_defaults_are_the_same_with_and_without_a_command_line():
    assert parsed("a.h5") == Options(files=(Path("a.h5"),))
    assert Options().names == ()
    assert Options().jobs == 2
    assert Options().quiet is False
    assert Options().shard is None


def test_what_is_typed_arrives_typed():
    found = parsed("a", "b", "--name", "x", "--name", "y", "-j", "4", "--quiet", "--shard", "1/2")
    assert found.files == (Path("a"), Path("b"))
    assert found.names == ("x", "y")
    assert (found.jobs, found.quiet, found.shard) == (4, True, "1/2")


def test_two_command_lines_do_not_share_what_they_append():
    assert parsed("a", "--name", "x").names == ("x",)
    assert parsed("a").names == ()


def test_options_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        parsed("a").jobs = 9


def test_a_required_option_has_no_default():
    @dataclass(frozen=True, kw_only=True)
    class Needy:
        source: str = option("--from", required=True)
        target: str = option(metavar="TARGET")

    with pytest.raises(TypeError, match="source"):
        Needy(target="x")
    with pytest.raises(TypeError, match="target"):
        Needy(source="x")


@pytest.mark.parametrize("text", ["0", "-1", "x", ""])
def test_a_count_is_at_least_1(text):
    with pytest.raises((argparse.ArgumentTypeError, ValueError)):
        positive(text)
