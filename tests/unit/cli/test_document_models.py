"""docs/models.md: every reference model in a table made from the recipes."""

from dataclasses import replace

from runner.cli import document_models
from runner.cli.document_models import PATH, document, main
from runner.config.recipe_source import built_in_recipes


def test_the_page_in_the_repository_is_up_to_date():
    assert PATH.read_text("utf-8") == document(built_in_recipes()), (
        "write it: python -m runner.cli.document_models"
    )


def test_every_reference_model_has_one_row():
    text = document(built_in_recipes())
    for recipe in built_in_recipes():
        assert text.count(f"\n| `{recipe.name}` | ") == 1


def test_a_bar_in_a_title_does_not_make_a_column():
    recipe = replace(built_in_recipes()[0], title="one | other")
    (row,) = [line for line in document([recipe]).splitlines() if recipe.name in line]
    assert row.replace("\\|", "").count("|") == 6


def test_check_sees_a_page_that_is_out_of_date_and_leaves_it(tmp_path, monkeypatch, capsys):
    page = tmp_path / "models.md"
    page.write_text("old", "utf-8")
    monkeypatch.setattr(document_models, "PATH", page)
    assert main(["--check"]) == 1
    assert "is out of date" in capsys.readouterr().err
    assert page.read_text("utf-8") == "old"
    assert main([]) == 0
    assert main(["--check"]) == 0


def test_the_set_is_wide():
    assert len(built_in_recipes()) >= 40
