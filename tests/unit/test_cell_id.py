import pytest

from runner.model.cell_id import ArtifactId, CellId

CELL = CellId(saver="a", recipe="m", format="h5", loader="b")


def test_an_id_is_read_as_it_is_written():
    assert str(CELL) == "a/m/h5/b"
    assert CellId.parse("a/m/h5/b") == CELL
    assert ArtifactId.parse(str(CELL.artifact)) == CELL.artifact
    assert CELL.artifact.read_by("b") == CELL


@pytest.mark.parametrize("text", ["", "a", "a/m/h5", "a/m/h5/b/c", "a//h5/b", "a/m/h5/"])
def test_a_text_without_four_parts_is_not_a_cell(text):
    with pytest.raises(ValueError, match="is not saver/model/format/loader"):
        CellId.parse(text)


@pytest.mark.parametrize("text", ["", "a/m", "a/m/h5/b", "/m/h5"])
def test_a_text_without_three_parts_is_not_an_artifact(text):
    with pytest.raises(ValueError, match="is not saver/model/format"):
        ArtifactId.parse(text)


def test_the_control_of_a_cell_is_its_saver_reading_its_own_artifact():
    assert str(CELL.control) == "a/m/h5/a"
    assert CELL.control.is_control
    assert not CELL.is_control
