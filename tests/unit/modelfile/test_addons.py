"""Whose class it is, in the words of ``inspect``."""

import json

from runner.modelfile.inspect_file import inspect
from runner.modelfile.inspection_text import lines_of


def test_the_text_names_the_add_on_library_of_a_class(tmp_path):
    layer = {"class_name": "TCN", "config": {"name": "tcn"}}
    model = {"class_name": "Sequential", "config": {"name": "m", "layers": [layer]}}
    (tmp_path / "model.json").write_text(json.dumps(model))
    facts = dict(lines_of(inspect(tmp_path / "model.json")))
    assert "keras-tcn" in facts["add-on"]
