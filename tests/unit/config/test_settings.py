import pytest

from runner.model.matrix import Format, Limits, PairRule, Pairs, Tolerance

HEAD = 'environments: [{tensorflow: "2.10"}, {tensorflow: "2.11"}, {tensorflow: "2.15"}]\n'


def test_what_is_left_out_has_a_default(read):
    matrix = read(HEAD)
    assert matrix.formats == tuple(Format)
    assert matrix.pairs == Pairs()
    assert matrix.tolerance == Tolerance()
    assert matrix.limits == Limits()
    assert len(matrix.recipes) > 14
    assert [profile.name for profile in matrix.profiles] == ["default"]


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("all", tuple(Format)),
        ("[all]", tuple(Format)),
        ("h5", (Format.H5,)),
        ("[savedmodel, h5]", (Format.H5, Format.SAVEDMODEL)),
    ],
)
def test_formats_are_in_the_order_of_columns(read, text, formats):
    assert read(f"{HEAD}formats: {text}\n").formats == formats


def test_an_unknown_format_gets_the_nearest(mistakes):
    assert mistakes(f"{HEAD}formats: [h5, saved-model]\n") == [
        "matrix.yaml:2:15: formats[1]: unknown format 'saved-model'; did you mean 'savedmodel'?"
    ]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("all", Pairs()),
        ("adjacent", Pairs(rule=PairRule.ADJACENT)),
        ("{touching: tf2.15-py311}", Pairs(touching=("tf2.15-py311",))),
        ('{touching: ["tf2.1?-*"]}', Pairs(touching=("tf2.10-py39", "tf2.11-py310",
                                                      "tf2.15-py311"))),
    ],
)  # fmt: skip
def test_pairs(read, text, pairs):
    assert read(f"{HEAD}pairs: {text}\n").pairs == pairs


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("every", "unknown pair rule 'every'; known are all, adjacent"),
        ("{}", "the key 'touching' is missing; or write pairs: all, pairs: adjacent"),
        ("{touching: tf9}", "'tf9' matches no environment; there are: tf2.10-py39"),
        ("{near: x}", "unknown key"),
        ("[all]", "expected a pair rule, found a list"),
    ],
)
def test_wrong_pairs(mistakes, text, words):
    assert any(words in line for line in mistakes(f"{HEAD}pairs: {text}\n"))


def test_limits_are_seconds_and_mebibytes(read):
    limits = read(
        f"{HEAD}limits: {{build: 1.5h, start: 500ms, cell: 90s, memory: 512MiB}}\n"
    ).limits
    assert limits == Limits(
        build_seconds=5400.0, start_seconds=0.5, cell_seconds=90.0, memory_mb=512
    )
    assert read(f"{HEAD}limits: {{memory: 4 GiB}}\n").limits.memory_mb == 4096


@pytest.mark.parametrize(
    "text", ["90", "90sec", "-1s", "0s", "1e3s", "9" * 400 + "s", "٣s", "'  '"]
)
def test_what_is_no_duration_is_refused(mistakes, text):
    (found,) = mistakes(f"{HEAD}limits: {{cell: {text}}}\n")
    assert found.startswith("matrix.yaml:2:16: limits.cell: ")


@pytest.mark.parametrize("text", ["4", "4GB", "0GiB", "0.5MiB", "9" * 400 + "GiB", "[4GiB]"])
def test_what_is_no_memory_is_refused(mistakes, text):
    (found,) = mistakes(f"{HEAD}limits: {{memory: {text}}}\n")
    assert found.startswith("matrix.yaml:2:18: limits.memory: ")


@pytest.mark.parametrize(
    ("text", "tolerance"),
    [
        ("{rtol: 1e-4, atol: 1e-5}", Tolerance(rtol=1e-4, atol=1e-5)),
        ("{rtol: 0.01}", Tolerance(rtol=0.01)),
        ("{atol: 0}", Tolerance(atol=0.0)),
        ("{rtol: '1e-6'}", Tolerance(rtol=1e-6)),
    ],
)
def test_tolerance_takes_numbers_as_people_write_them(read, text, tolerance):
    assert read(f"{HEAD}tolerance: {text}\n").tolerance == tolerance


@pytest.mark.parametrize("text", ["-1", "1e400", ".inf", ".nan", "nan", "x", "true", "null", "[1]"])
def test_what_is_no_tolerance_is_refused(mistakes, text):
    (found,) = mistakes(f"{HEAD}tolerance: {{rtol: {text}}}\n")
    assert "tolerance.rtol: expected a number of 0 or more" in found
