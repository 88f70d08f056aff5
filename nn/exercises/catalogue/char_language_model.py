"""A language model of characters: counting pairs, perplexity, sampling."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same

exercise = Exercise(
    "char_language_model",
    title=("A character language model, and sampling from it", "字符语言模型与采样"),
    statement=(
        """
        bigram(text, chars, smoothing): chars is a string of V different characters. Returns (V, V) probabilities p[a, b]
        that chars[b] follows chars[a], from counts in the text plus `smoothing` for every pair.
        perplexity(text, chars, p): exp of the mean of -log p over all neighbouring pairs of the text.
        next_probabilities(logits, temperature, top_k): softmax(logits / temperature) over the top_k largest logits, 0
        elsewhere (top_k None: all). temperature 0 is greedy: 1 at the first largest. Large logits must not overflow.
        sample(p, start, length, rng): `length` indices after the index `start`, each drawn from the row of the last.
        """,
        """
        bigram(text, chars, smoothing)：chars 是由 V 个不同字符组成的串。返回 (V, V) 的概率 p[a, b]：
        chars[a] 之后出现 chars[b] 的概率，由文本中的计数加上每对 smoothing 得到。
        perplexity(text, chars, p)：文本所有相邻字符对的 -log p 的平均，再取 exp。
        next_probabilities(logits, temperature, top_k)：在 top_k 个最大的 logits 上取 softmax(logits / temperature)，
        其余为 0（top_k 为 None 时取全部）。temperature 为 0 即贪心：第一个最大者为 1。logits 很大时不得溢出。
        sample(p, start, length, rng)：从下标 start 之后连续抽 length 个下标，每个都按前一个所在的行抽取。
        """,
    ),
    derivation="""
        p[a, b] = (count(a, b) + s) / sum over b of (count(a, b) + s)
        perplexity = exp(-mean log p):   V for a model that knows nothing, 1 for one that is always right
        temperature -> 0: the largest wins;   temperature -> infinity: all alike
    """,
    hints=[
        ("The text's pairs are zip(text, text[1:]).", "文本的相邻字符对就是 zip(text, text[1:])。"),
        ("Choose the top k first, then normalise over these.", "先选出前 k 个，再在它们之间归一化。"),
        ("rng.choice(V, p=row) draws an index.", "rng.choice(V, p=row) 可以抽一个下标。"),
    ],
    level=2,
)


@exercise.reference
def bigram(text, chars, smoothing=0.0):
    """text, chars -> p (V, V)"""
    counts = np.full((len(chars), len(chars)), float(smoothing))
    for a, b in zip(text, text[1:]):  # noqa: B905, RUF007
        counts[chars.index(a), chars.index(b)] += 1
    return counts / counts.sum(axis=1, keepdims=True)


@exercise.reference
def perplexity(text, chars, p):
    """text, chars, p (V, V) -> ()"""
    index = np.array([chars.index(c) for c in text])
    return np.exp(-np.mean(np.log(p[index[:-1], index[1:]])))


@exercise.reference
def next_probabilities(logits, temperature=1.0, top_k=None):
    """logits (V,) -> probabilities (V,)"""
    if temperature == 0:
        return np.eye(len(logits))[np.argmax(logits)]
    kept = np.argsort(-logits, kind="stable")[:top_k]
    scaled = logits[kept] / temperature
    e = np.exp(scaled - scaled.max())
    p = np.zeros(len(logits))
    p[kept] = e / e.sum()
    return p


@exercise.reference
def sample(p, start, length, rng):
    """p (V, V), start -> list of indices"""
    found, last = [], start
    for _ in range(length):
        last = int(rng.choice(len(p), p=p[last]))
        found.append(last)
    return found


@exercise.check("pairs are counted, smoothed and normalised by rows", "相邻对的计数、平滑和按行归一化正确")
def counts(given, rng):
    expected = [[0.5 / 4.5, 2.5 / 4.5, 1.5 / 4.5], [3.5 / 4.5, 0.5 / 4.5, 0.5 / 4.5], [0.5 / 2.5, 1.5 / 2.5, 0.5 / 2.5]]
    same("p", given.bigram("ababacba", "abc", 0.5), expected)
    same("p without smoothing", given.bigram("abcab", "abc"), [[0, 1, 0], [0, 0, 1], [1, 0, 0]])


@exercise.check("the perplexity is right", "困惑度正确")
def judged(given, rng):
    p = np.array([[0.25, 0.75], [0.5, 0.5]])
    same("perplexity", given.perplexity("abba", "ab", p), np.exp(-np.log([0.75, 0.5, 0.5]).mean()))
    same("perplexity of ignorance", given.perplexity("abcabc", "abc", np.full((3, 3), 1 / 3)), 3.0)


@exercise.check("temperature and top-k shape the probabilities", "温度与 top-k 的作用正确")
def shaped(given, rng):
    logits = np.array([1.0, 3.0, 2.0, -1.0])
    for options in ((), (0.5,), (2.0, 2), (1.0, 3)):
        same(
            f"probabilities for {options}",
            given.next_probabilities(logits, *options),
            next_probabilities(logits, *options),
        )


@exercise.check(
    "temperature 0 is greedy, and large logits do not overflow", "温度为 0 时取最大者，很大的 logits 不溢出"
)
def edges(given, rng):
    same("greedy", given.next_probabilities(np.array([1.0, 3.0, 3.0]), 0), [0, 1, 0])
    same("large", given.next_probabilities(np.array([1000.0, 0.0]), 0.5), [1, 0])


@exercise.check("each index is drawn from the row of the one before", "每个下标按前一个所在的行抽取")
def drawn(given, rng):
    ring = np.roll(np.eye(4), 1, axis=1)
    same("walk around a ring", given.sample(ring, 1, 6, rng), [2, 3, 0, 1, 2, 3])
    found = np.asarray(given.sample(np.tile([0.2, 0.8], (2, 1)), 0, 2000, rng))
    require(
        abs(found.mean() - 0.8) < 0.05,
        f"expected 80 % of index 1, got {found.mean():.0%}",
        f"下标 1 应占 80%，得到 {found.mean():.0%}",
    )


def softened(logits, temperature=1.0, top_k=None):
    p = next_probabilities(logits, temperature)
    kept = np.argsort(-logits, kind="stable")[:top_k]
    return np.where(np.isin(np.arange(len(logits)), kept), p, 0)


def overflowing(logits, temperature=1.0, top_k=None):
    if temperature == 0 or np.abs(logits).max() < 100:
        return next_probabilities(logits, temperature, top_k)
    e = np.exp(logits / temperature)
    return e / e.sum()


exercise.mutant(
    "columns normalised",
    bigram=lambda text, chars, s=0.0: (lambda c: c / c.sum(0, keepdims=True))(
        bigram(text, chars, s) * np.array([[text[:-1].count(c) + s * len(chars)] for c in chars])
    ),
)
exercise.mutant("the smoothing is ignored", bigram=lambda text, chars, s=0.0: bigram(text, chars))
exercise.mutant("pairs backwards", bigram=lambda text, chars, s=0.0: bigram(text[::-1], chars, s))
exercise.mutant("the mean without exp", perplexity=lambda text, chars, p: np.log(perplexity(text, chars, p)))
exercise.mutant("2 to the nats", perplexity=lambda text, chars, p: 2 ** np.log(perplexity(text, chars, p)))
exercise.mutant(
    "divided by the characters, not the pairs",
    perplexity=lambda text, chars, p: perplexity(text, chars, p) ** ((len(text) - 1) / len(text)),
)
exercise.mutant(
    "multiplied by the temperature",
    next_probabilities=lambda logits, t=1.0, k=None: next_probabilities(logits, 1 / t if t else 0, k),
)
exercise.mutant("not normalised again after top-k", next_probabilities=softened)
exercise.mutant("top-k is ignored", next_probabilities=lambda logits, t=1.0, k=None: next_probabilities(logits, t))
exercise.mutant(
    "a division by temperature 0",
    next_probabilities=lambda logits, t=1.0, k=None: (
        next_probabilities(logits, t, k) if t else np.exp(logits / np.float64(t)) / np.exp(logits / np.float64(t)).sum()
    ),
)
exercise.mutant("exp overflows", next_probabilities=overflowing)
exercise.mutant(
    "always from the row of the start",
    sample=lambda p, start, length, rng: [int(rng.choice(len(p), p=p[start])) for _ in range(length)],
)
exercise.mutant(
    "the likeliest each time", sample=lambda p, start, length, rng: [int(p[start].argmax()) for _ in range(length)]
)
