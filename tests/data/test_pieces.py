"""A text is cut into words with their space, numbers and signs, whatever its alphabet."""

import unicodedata

import pytest

from nn.data.pieces import letters_of_bytes, pieces


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, world!", ["Hello", ",", " world", "!"]),
        ("don't we'll", ["don", "'t", " we", "'ll"]),
        ("DON'T", ["DON", "'", "T"]),
        ("a  b\n\nc ", ["a", " ", " b", "\n", "\n", "c", " "]),
        ("x12y 34", ["x", "12", "y", " 34"]),
        ("naïve Ⅷ½ 世界९", ["naïve", " Ⅷ½", " 世界", "९"]),
        ("e\u0301", ["e", "\u0301"]),
        ("a\u3000b\x1fc", ["a", "\u3000", "b", "\x1f", "c"]),
        ("", []),
    ],
)
def test_the_pieces_of_a_text(text, expected):
    assert pieces(text) == expected


def test_pieces_joined_are_the_text_and_each_is_of_one_kind():
    text = "".join(map(chr, range(0x3000)))
    assert "".join(pieces(text)) == text
    for piece in pieces(text):
        kinds = {unicodedata.category(character)[0] in "LN" for character in piece.strip(" ")}
        assert len(kinds) <= 1 or piece.startswith("'")


def test_each_byte_has_a_visible_letter_of_its_own():
    letters = letters_of_bytes()
    assert sorted(letters) == list(range(256))
    assert len(set(letters.values())) == 256
    assert (letters[ord("A")], letters[ord(" ")]) == ("A", "Ġ")
    assert all(letter.isprintable() and not letter.isspace() for letter in letters.values())
