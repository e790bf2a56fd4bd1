"""docs/load.md: its verdicts are those that there are, and its keys those of the JSON."""

import re
from dataclasses import fields
from pathlib import Path

from runner.cli.commands.load import SCHEMA
from runner.model.finding import Verdict
from runner.model.user_file import FileAttempt, FileCell, FileResult

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "load.md").read_text("utf-8")


def rows(heading):
    """The rows of the table with this heading, as lists of cells."""
    _, _, rest = TEXT.partition(f"{heading}\n|---|---|\n")
    table = rest.partition("\n\n")[0].splitlines()
    return [row.strip("|").split("|", 1) for row in table]


def quoted(text):
    return re.findall(r"`([^`]+)`", text)


def names(kind):
    return {field.name for field in fields(kind)}


def test_every_verdict_is_explained_once():
    told = [name for row in rows("| verdict | meaning |") for name in quoted(row[0])]
    assert sorted(told) == sorted(map(str, Verdict))


def test_the_keys_of_the_json_are_those_that_are_written():
    told = {key.strip(): quoted(value) for key, value in rows("| key | value |")}
    assert set(told["`environments[]`"]) | {"attempts"} == names(FileCell)
    assert set(told["`environments[].attempts[]`"]) == names(FileAttempt)
    of_a_file = {name for key in told for name in quoted(key) if "[]" not in name}
    assert of_a_file | {"environments"} == names(FileResult)


def test_the_schema_is_the_one_that_is_written():
    assert f'{{"schema": {SCHEMA}, "kmatrix": "…", "files": […]}}' in TEXT
