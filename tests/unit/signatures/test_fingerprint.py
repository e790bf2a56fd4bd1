import pytest

from runner.signatures import fingerprint, normalise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("function dot at 0x7f460fe2c900", "function dot at 0x7fb8cb52e3e0"),
        ("no file /home/ann/run 3/model.h5", "no file /tmp/x/weights.h5"),
        (r"no file C:\Users\ann\model.h5", r"no file D:\b\c.h5"),
        ("Layer 'hidden' expected 2 variables", "Layer 'out_1' expected 12 variables"),
        ("Unknown layer: `Scale`", "Unknown layer: `Shift`"),
        ("shape (3, 4.5)", "shape (12,\n 1e-5)"),
        ("\x1b[31mred\x1b[0m", "red"),
    ],
)
def test_names_numbers_places_and_addresses_make_no_difference(one, other):
    assert fingerprint(one) == fingerprint(other)


def test_words_make_a_difference():
    assert fingerprint("Unknown layer: 'a'") != fingerprint("Unknown loss: 'a'")


def test_a_fingerprint_is_short_and_the_same_everywhere():
    assert fingerprint("Unknown layer: 'Scale' in 3 files") == "459d42f8e022"


def test_normalised_text_says_what_was_cut():
    text = normalise("Layer 'a' at 0x1f in /home/a/b.h5\nhas 3 weights")
    assert text == "Layer <name> at <address> in <path> has <number> weights"
