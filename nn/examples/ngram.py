"""A model of the last few characters: the baseline that a network has to beat."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

__all__ = ["NGram"]


class NGram:
    """Counts which character followed the last ones, and falls back to fewer where it has seen little.

    P_n(c | h) = (count(h c) + d(h) P_{n-1}(c | h')) / (count(h) + d(h))     d(h): how many characters followed h,
    P_0(c) = 1 / V                                                           h': h without its first character

    Args:
        order: how many characters it looks at, with the one that it predicts.
        text: what it counts.
        vocab_size: V.

    Example:
        >>> model = NGram(3, "abcabcabc", vocab_size=3)
        >>> model.bits("abc") < 0.5 < model.bits("acb")
        True

    References:
        Witten and Bell, The Zero-Frequency Problem, IEEE Trans. Information Theory 37, 1991.
    """

    def __init__(self, order: int, text: str, vocab_size: int) -> None:
        self.order, self.vocab_size = order, vocab_size
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        for length in range(order):
            for i in range(length, len(text)):
                self._counts[text[i - length : i]][text[i]] += 1
        self._totals = {history: (sum(c.values()), len(c)) for history, c in self._counts.items()}

    def probability(self, character: str, history: str) -> float:
        """P of a character after a history, of which the last order - 1 count."""
        p = 1 / self.vocab_size
        for length in range(self.order):
            known = history[len(history) - length :]
            if length > len(history) or known not in self._totals:
                break
            total, distinct = self._totals[known]
            p = (self._counts[known][character] + distinct * p) / (total + distinct)
        return p

    def bits(self, text: str) -> float:
        """Bits a character that the model needs for a text, from its second character on."""
        logs = [math.log2(self.probability(text[i], text[max(0, i - self.order + 1) : i])) for i in range(1, len(text))]
        return -sum(logs) / len(logs)
