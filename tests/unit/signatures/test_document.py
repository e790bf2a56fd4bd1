from runner.model.finding import Verdict
from runner.model.results import AttemptResult, CellResult
from runner.model.signature import Remedy
from runner.signatures import load_reported, load_signatures, signature_result
from runner.signatures.nearest import nearest_to
from runner.signatures.occurrences import occurrences
from runner.signatures.signature_docs import PATH, document
from runner.signatures.signature_results import remedy_code
from tests.unit.signatures.factories import pattern, signature


def test_the_page_of_signatures_is_up_to_date():
    assert PATH.read_text("utf-8") == document(load_signatures(), load_reported())


def test_the_page_has_every_signature_with_its_cause_and_every_remedy():
    text = document(load_signatures())
    for each in load_signatures():
        assert f"\n## {each.id}\n" in text
        assert each.cause in text
        assert all(remedy.text in text for remedy in each.remedies)


def test_a_signature_becomes_a_result_with_pins_as_a_command():
    (found,) = [each for each in load_signatures() if each.id == "h5py3-decode"]
    result = signature_result(found)
    assert (result.id, result.silent) == ("h5py3-decode", False)
    assert result.remedies[0].code == 'pip install "h5py<3"'
    assert result.remedies[0].route is None
    assert result.remedies[1].route == "resave"


def test_pins_come_before_code():
    remedy = Remedy(text="do", pin=("a<2", "b"), code="x = 1")
    (found,) = [each for each in load_signatures() if each.id == "h5py3-decode"]
    assert remedy_code(remedy, found) == '# pip install "a<2" "b"\nx = 1'
    assert remedy_code(Remedy(text="do"), found) is None
    assert remedy_code(Remedy(text="do", pin=("a<2",)), found) == 'pip install "a<2"'


def test_what_is_nearest_shares_the_rarest_words():
    apple = signature("apple", pattern(message="x"), example="ValueError: apple layer broken")
    pear = signature("pear", pattern(message="x"), example="ValueError: pear layer broken")
    found = nearest_to("ValueError: broken apple layer there", (pear, apple))
    assert [each.id for each, _ in found] == ["apple"]
    assert nearest_to("entirely unrelated words here", (pear, apple)) == ()


def test_cells_that_show_a_signature_are_counted_with_what_was_verified_there():
    cells = (
        cell("a/m/h5/b", ("s", "t"), ("compile-false", "key"), ("rebuild-weights", None)),
        cell("a/n/h5/b", ("s",), ("edited-copy+old-hard-sigmoid", "key")),
        cell("a/o/h5/b", ("t",), ("compile-false", "key")),
        cell("a/p/h5/b", ("s",), ("resave:c:keras", "key")),
        cell("a/q/h5/b", ("s",), ("resave:d:h5", "key")),
    )
    found = occurrences("s", cells)
    assert found.cells == ("a/m/h5/b", "a/n/h5/b", "a/p/h5/b", "a/q/h5/b")
    assert found.verified_times("resave") == 2
    assert found.verified_times("old-hard-sigmoid") == 1
    assert found.verified_times("compile-false") == 1
    assert found.verified_times("edited-copy") == 1


def test_without_evidence_no_remedy_is_called_verified():
    found = occurrences("s", (cell("a/m/h5/b", ("s",), ("rebuild-weights", None)),))
    assert found.verified == ()
    assert found.verified_times("rebuild-weights") == 0


def cell(name, signatures, *attempts):
    return CellResult(
        id=name,
        artifact=name.rsplit("/", 1)[0],
        loader="b",
        verdict=Verdict.REMEDIED,
        reason="",
        route="as-is",
        signatures=signatures,
        attempts=tuple(
            AttemptResult(route=route, verdict=Verdict.IDENTICAL, reason="", key=key)
            for route, key in attempts
        ),
    )
