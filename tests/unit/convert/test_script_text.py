import ast
import collections
import re
from pathlib import Path

import pytest

from runner.convert.script import translation_rules
from runner.convert.script_text import (
    CHECK,
    CONVERT,
    FOLDER,
    ScriptOptions,
    check_script,
    conversion_script,
)


def sources():
    return {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.py")}


def test_the_script_is_one_complete_text_that_imports_nothing_of_kmatrix():
    tree = ast.parse(conversion_script(ScriptOptions()))
    imported = {
        (node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert "." not in {name[:1] for name in imported}
    assert not any(name.startswith(("runner", "kmatrix")) for name in imported)


@pytest.mark.parametrize("text", [conversion_script(ScriptOptions()), check_script("keras")])
def test_the_script_parses_as_python_3_6(text):
    ast.parse(text, feature_version=(3, 7))  # the oldest that this Python checks
    assert ":=" not in text


def test_no_name_is_defined_by_two_parts():
    places = collections.defaultdict(set)
    for part in (*CONVERT, "check_main"):
        for node in ast.parse(sources()[part]).body:
            names = [node.name] if hasattr(node, "name") else []
            if isinstance(node, ast.Assign):
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            for name in names:
                places[name].add(part)
    shared = {name: parts for name, parts in places.items() if len(parts) > 1}
    mains = {"convert_main", "check_main"}
    assert shared == {"KERAS": mains, "CUSTOM": mains}


def test_every_name_that_a_part_imports_comes_earlier_in_the_text():
    for parts in (CONVERT, CHECK):
        for number, part in enumerate(parts):
            needed = re.findall(r"^from \.(\w+) import", sources()[part], re.MULTILINE)
            assert set(needed) <= set(parts[:number]), part


def test_options_become_constants_of_the_script():
    options = ScriptOptions(keras="tf.keras", way="translated", format="h5", force=True)
    text = conversion_script(options)
    for line in ("KERAS = 'tf.keras'", "WAY = 'translated'", "FORMAT = 'h5'", "FORCE = True"):
        assert f"\n{line}\n" in text


def test_every_declared_rule_is_used_and_every_used_rule_is_declared():
    used = set()
    for text in sources().values():
        used |= set(re.findall(r"notes\.rule\(\s*\"([\w-]+)\"", text))
    used |= {"input-shape", "dropped-default"}  # chosen by the argument, in _only_accepted
    assert used == translation_rules.NAMES


def test_a_rule_has_one_entry():
    names = [rule.name for rule in translation_rules.RULES]
    assert len(names) == len(set(names))
    assert all(rule.source and rule.direction and rule.sample for rule in translation_rules.RULES)


def test_the_script_that_is_shown_has_no_remark_for_a_linter():
    assert "noqa" not in conversion_script(ScriptOptions())


def test_parts_are_all_modules_of_the_folder():
    assert set(CONVERT) | set(CHECK) == {one for one in sources() if one != "__init__"}
    assert Path(FOLDER).name == "script"
