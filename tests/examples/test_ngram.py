"""The baseline is a probability, exact where it has seen much, and cautious where it has not."""

import math

import pytest

from nn.examples.ngram import NGram


@pytest.mark.parametrize("order", [1, 2, 5])
def test_probabilities_sum_to_one_after_every_history(order):
    model = NGram(order, "abracadabra", vocab_size=6)
    for history in ("", "a", "abra", "zzzz", "dabr"):
        assert sum(model.probability(character, history) for character in "abcdrz") == pytest.approx(1)


def test_one_character_by_hand():
    """P_1(a) = (3 + 2 / 4) / (4 + 2), of aaab with two distinct characters among four."""
    assert NGram(1, "aaab", 4).probability("a", "") == pytest.approx((3 + 2 / 4) / 6)
    model = NGram(2, "aaab", 4)
    assert model.probability("b", "a") == pytest.approx((1 + 2 * (1 + 2 / 4) / 6) / (3 + 2))


def test_what_was_never_seen_costs_more_than_a_guess_among_all():
    model = NGram(5, "abab" * 50, vocab_size=3)
    assert model.bits("ababab") < 0.1
    assert model.bits("acacac") > math.log2(3)
