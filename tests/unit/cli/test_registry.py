"""Commands declare themselves once: name, help line, options, examples, handler."""

import ast
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path

import pytest

from runner.cli import commands
from runner.cli.parser import make_parser
from runner.cli.registry import FIRST, Command, Group, help_line, load_command, names

MODULES = {path.stem for path in Path(commands.__path__[0]).glob("*.py")} - {"__init__"}


def all_commands():
    for name in names():
        found = load_command(name)
        if isinstance(found, Group):
            for action, (_, command) in found.actions.items():
                yield f"{name} {action}", command
        else:
            yield name, found


def test_every_module_is_a_command_and_every_command_a_module():
    assert set(names()) == MODULES
    assert len(names()) == len(MODULES)


def test_the_commands_that_a_newcomer_needs_come_first():
    assert names()[: len(FIRST)] == FIRST
    assert list(names()[len(FIRST) :]) == sorted(MODULES - set(FIRST))


@pytest.mark.parametrize("name", names())
def test_the_help_line_is_the_first_line_of_the_docstring(name):
    docstring = import_module(f"{commands.__name__}.{name}").__doc__
    line = help_line(name)
    assert docstring.splitlines()[0].rstrip(".").lower() == line.lower()
    assert line[0].islower()
    assert 10 < len(line) < 85


@pytest.mark.parametrize(("name", "command"), list(all_commands()), ids=lambda item: str(item)[:12])
def test_options_are_frozen_and_their_parser_has_the_same_names(name, command):
    assert isinstance(command, Command)
    assert is_dataclass(command.options)
    assert command.options.__dataclass_params__.frozen
    parser = make_parser()
    for word in name.split():
        (choices,) = [
            action.choices for action in parser._actions if hasattr(action, "_choices_actions")
        ]
        parser = choices[word]
    declared = {action.dest for action in parser._actions} - {"help"}
    assert declared == {item.name for item in fields(command.options)}


def test_every_option_has_a_help_text():
    for name, command in all_commands():
        for item in fields(command.options):
            assert item.metadata["settings"].get("help"), f"{name}: {item.name}"


def test_a_parser_for_one_command_knows_the_names_of_all():
    parser = make_parser("version")
    assert parser.parse_args(["version"]).command == "version"
    with pytest.raises(SystemExit):  # listed, but without its arguments
        parser.parse_args(["merge", "shard-1"])


def test_no_command_imports_another_one_when_it_is_imported():
    """A command pays for its own imports; load's helpers are imported by its siblings."""
    shared = {"load"}
    for name in MODULES:
        tree = ast.parse(Path(commands.__path__[0], f"{name}.py").read_text("utf-8"))
        imported = {
            node.module.rpartition(".")[2]
            for node in tree.body
            if isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith(f"{commands.__name__}.")
        }
        assert imported <= shared, name
