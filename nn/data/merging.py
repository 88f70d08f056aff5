"""Which pairs of tokens to merge: the commonest one, again and again."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter, defaultdict

__all__: list[str] = []

Pair = tuple[int, int]


def learned(words: Counter[str], tokens: list[str], vocab_size: int, min_frequency: int) -> list[tuple[str, str]]:
    """Merge the commonest pair until there are so many tokens; of equals the one whose tokens are older.

    Args:
        words: how often each piece of the text is there.
        tokens: those to begin with, which all characters of the words are among; new ones are added at the end.
        vocab_size: how many tokens there are to be.
        min_frequency: pairs that are rarer are left alone.

    Returns:
        The pairs in the order in which they were merged.
    """
    numbers = {token: number for number, token in enumerate(tokens)}
    texts = [[numbers[character] for character in word] for word in words]
    times = list(words.values())

    # 1. how often each pair is there, and in which words
    counts: Counter[Pair] = Counter()
    places: dict[Pair, set[int]] = defaultdict(set)
    for place, text in enumerate(texts):
        for pair in itertools.pairwise(text):
            counts[pair] += times[place]
            places[pair].add(place)
    heap = [(-count, pair) for pair, count in counts.items()]
    heapq.heapify(heap)

    # 2. merge the first of the queue, whose counts are looked at again when they are old
    merges: list[tuple[str, str]] = []
    while heap and len(tokens) < vocab_size:
        count, pair = heapq.heappop(heap)
        if -count != counts[pair]:
            heapq.heappush(heap, (-counts[pair], pair))
            continue
        if counts[pair] < max(1, min_frequency):
            break
        first, second = (tokens[number] for number in pair)
        merges.append((first, second))
        new = numbers.setdefault(first + second, len(tokens))
        if new == len(tokens):
            tokens.append(first + second)

        # 3. the words that have it, and the pairs with their neighbours
        fresh: set[Pair] = set()
        for place in places.pop(pair):
            for other, change in _merge(texts[place], pair, new):
                counts[other] += change * times[place]
                if change > 0:
                    places[other].add(place)
                    fresh.add(other)
        for other in fresh:
            heapq.heappush(heap, (-counts[other], other))
    return merges


def _merge(text: list[int], pair: Pair, new: int) -> list[tuple[Pair, int]]:
    """Put `new` for each pair in the text, in place; which pairs there are more and fewer of."""
    changes = []
    i = 0
    while i < len(text) - 1:
        if (text[i], text[i + 1]) == pair:
            text[i : i + 2] = [new]
            if i:
                changes += [((text[i - 1], pair[0]), -1), ((text[i - 1], new), 1)]
            if i + 1 < len(text):
                changes += [((pair[1], text[i + 1]), -1), ((new, text[i + 1]), 1)]
        i += 1
    return changes
