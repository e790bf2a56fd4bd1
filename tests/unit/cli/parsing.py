"""From words on the command line to the typed options of their command."""

from runner.cli.options import read_options
from runner.cli.parser import make_parser
from runner.cli.registry import Group, load_command


def options_of(*words):
    parsed = make_parser().parse_args([str(word) for word in words])
    found = load_command(parsed.command)
    if isinstance(found, Group):
        _, found = found.actions[parsed.action]
    return read_options(found.options, parsed)
