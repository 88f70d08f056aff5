"""The font: every ASCII character has its own dots, and a line of text is as wide as its letters."""

import string

import numpy as np

from nn.viewing.font import HEIGHT, WIDTH, dots


def test_every_character_looks_different():
    seen = {dots(letter).tobytes() for letter in string.printable[:95]}
    assert len(seen) == 95
    assert all(dots(letter).any() for letter in string.printable[:94])
    assert not dots(" ").any()


def test_a_line_is_its_letters_with_a_gap_of_one_dot():
    line = dots("a: 3")
    assert line.shape == (HEIGHT, 4 * WIDTH - 1)
    for place, letter in enumerate("a: 3"):
        assert np.array_equal(line[:, WIDTH * place : WIDTH * place + 5], dots(letter))
    assert not line[:, WIDTH - 1 :: WIDTH].any()
    assert dots("").shape == (HEIGHT, 0)


def test_only_letters_with_a_descender_reach_below_the_line():
    below = {letter for letter in string.printable[:95] if dots(letter)[7:].any()}
    assert below == set("gjpqy,;_")


def test_what_is_no_ascii_is_an_empty_box():
    assert np.array_equal(dots("é"), dots("漢"))
    assert not np.array_equal(dots("é"), dots("e"))
