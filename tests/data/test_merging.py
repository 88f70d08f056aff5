"""Counting again after each merge gives the merges that the queue gives."""

import itertools
from collections import Counter

import pytest

from nn.data.merging import learned


def plainly(words, tokens, vocab_size, min_frequency):
    """Count all pairs, merge the commonest, and begin again."""
    texts = [[list(word), times] for word, times in words.items()]
    merges = []
    while len(tokens) < vocab_size:
        counts = Counter()
        for text, times in texts:
            for pair in itertools.pairwise(text):
                counts[pair] += times
        rank = {token: number for number, token in enumerate(tokens)}
        best = min(counts, key=lambda pair: (-counts[pair], rank[pair[0]], rank[pair[1]]), default=None)
        if best is None or counts[best] < min_frequency:
            return merges
        merges.append(best)
        tokens.append("".join(best))
        for entry in texts:
            joined, text = [], entry[0]
            while text:
                size = 2 if tuple(text[:2]) == best else 1
                joined.append("".join(text[:size]))
                text = text[size:]
            entry[0] = joined
    return merges


@pytest.mark.parametrize("seed", range(5))
def test_the_merges_are_those_of_counting_again_and_again(rng, seed):
    words = Counter("".join(rng.choice(list("abcd"), rng.integers(1, 9))) for _ in range(200))
    for word in list(words):
        if any(a == b for a, b in itertools.pairwise(word)):  # of aaa the two ways count differently
            del words[word]
    found, expected = list("abcd"), list("abcd")
    first = learned(words, found, 12, 2)[:4]
    assert first == plainly(words, expected, 12, 2)[:4]


def test_a_pair_that_overlaps_itself_is_merged_from_the_left():
    tokens = ["a"]
    assert learned(Counter({"aaaaa": 3}), tokens, 3, 1) == [("a", "a"), ("aa", "a")]
    assert tokens == ["a", "aa", "aaa"]


def test_of_equals_the_older_tokens_go_first_and_rare_pairs_are_left():
    assert learned(Counter({"cd": 2, "ab": 2, "ac": 1}), list("abcd"), 99, 2) == [("a", "b"), ("c", "d")]
