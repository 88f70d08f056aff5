"""Inverted dropout."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same

exercise = Exercise(
    "dropout",
    title=("Dropout", "随机失活（dropout）"),
    statement=(
        """
        dropout(x, p, training, rng) returns (y, mask). While training, each element is set to zero with probability p,
        drawn from rng, and the others are divided by 1 - p, so that the expectation stays; mask is what x was
        multiplied with. In evaluation y is x and mask is all ones. p = 0 changes nothing, p = 1 gives zeros.
        dropout_backward(g, mask) returns dx.
        """,
        """
        dropout(x, p, training, rng) 返回 (y, mask)。训练时，每个元素以概率 p 置零（随机数取自 rng），
        其余除以 1 - p，使期望不变；mask 就是乘在 x 上的数组。推理时 y 就是 x，mask 全为 1。
        p = 0 时什么也不变，p = 1 时全为零。
        dropout_backward(g, mask) 返回 dx。
        """,
    ),
    derivation="""
        y = x * mask,   mask = keep / (1 - p),   keep = 1 with probability 1 - p, else 0
        E[y] = x * (1 - p) / (1 - p) = x          evaluation needs no correction
        dx = g * mask
    """,
    hints=[
        ("Scale while training, so that evaluation is the identity.", "在训练时缩放，推理时就原样输出。"),
        (
            "The backward needs the very mask of the forward: do not draw another.",
            "反向要用前向的那个 mask，不能重新抽。",
        ),
        ("p is the probability of dropping, not of keeping.", "p 是丢弃的概率，不是保留的概率。"),
    ],
)


@exercise.reference
def dropout(x, p, training, rng):
    """x (...) -> y (...), mask (...)"""
    if not training:
        return x, np.ones_like(x)
    if p == 1:
        return np.zeros_like(x), np.zeros_like(x)
    mask = (rng.random(x.shape) >= p) / (1 - p)
    return x * mask, mask


@exercise.reference
def dropout_backward(g, mask):
    """g (...), mask (...) -> dx (...)"""
    return g * mask


@exercise.check("the right share is dropped, element by element", "丢弃的比例正确，且逐元素独立")
def share(given, rng):
    y, _ = given.dropout(np.ones((100, 100)), 0.2, True, rng)
    dropped = np.asarray(y) == 0
    same("share of zeros", dropped.mean(), 0.2, rtol=0.1)
    same("largest share in a row", np.clip(dropped.mean(1).max(), 0, 0.4), dropped.mean(1).max())
    same("largest share in a column", np.clip(dropped.mean(0).max(), 0, 0.4), dropped.mean(0).max())


@exercise.check(
    "what stays is divided by 1 - p, and mask says by what x was multiplied", "保留的元素除以 1 - p，mask 即所乘的因子"
)
def scale(given, rng):
    x = rng.normal(size=(20, 20))
    y, mask = given.dropout(x, 0.25, True, rng)
    kept = np.asarray(y) != 0
    same("y where it is kept", np.asarray(y)[kept], x[kept] / 0.75)
    same("mask", mask, kept / 0.75)


@exercise.check("evaluation, p = 0 and p = 1", "推理模式、p = 0 与 p = 1")
def edges(given, rng):
    x = rng.normal(size=(3, 4))
    for p, training, factor in ((0.5, False, 1.0), (0.0, True, 1.0), (1.0, True, 0.0)):
        y, mask = given.dropout(x, p, training, rng)
        same(f"y for p = {p}", y, factor * x)
        same(f"mask for p = {p}", mask, np.full((3, 4), factor))


@exercise.check("two calls draw different masks, one seed the same", "两次调用的 mask 不同，同一种子则相同")
def draws(given, rng):
    x = np.ones(50)
    first, second = (np.asarray(given.dropout(x, 0.5, True, rng)[0]) for _ in range(2))
    require(
        (first != second).any(),
        "two calls drop the same elements: draw from rng each time",
        "两次丢弃了同样的元素：每次都要从 rng 抽取",
    )
    again = [np.asarray(given.dropout(x, 0.5, True, np.random.default_rng(4))[0]) for _ in range(2)]
    same("y for the same seed", again[1], again[0])


@exercise.check("the backward uses the mask of the forward", "反向使用前向的 mask")
def backward(given, rng):
    g, mask = rng.normal(size=(4, 5)), (rng.random((4, 5)) > 0.3) / 0.7
    same("dx", given.dropout_backward(g, mask), g * mask)


def rows(x, p, training, rng):
    if not training or p in (0, 1) or x.ndim < 2:
        return dropout(x, p, training, rng)
    mask = np.broadcast_to((rng.random((len(x), 1)) >= p) / (1 - p), x.shape).copy()
    return x * mask, mask


def own_generator(x, p, training, rng):
    return dropout(x, p, training, np.random.default_rng(0))


exercise.mutant(
    "p is the probability of keeping",
    dropout=lambda x, p, training, rng: dropout(x, p if p in (0, 1) else 1 - p, training, rng),
)
exercise.mutant("whole rows", dropout=rows)
exercise.mutant(
    "not scaled",
    dropout=lambda x, p, training, rng: (x * (dropout(x, p, training, rng)[1] > 0), dropout(x, p, training, rng)[1]),
)
exercise.mutant(
    "the mask without its scale",
    dropout=lambda x, p, training, rng: (lambda y, m: (y, (m > 0) * 1.0))(*dropout(x, p, training, rng)),
)
exercise.mutant(
    "scaled in evaluation",
    dropout=lambda x, p, training, rng: (
        dropout(x, p, training, rng) if training else (x * (1 - p), np.full_like(x, 1 - p))
    ),
)
exercise.mutant("it drops in evaluation too", dropout=lambda x, p, training, rng: dropout(x, p, True, rng))
exercise.mutant(
    "a division by zero at p = 1",
    dropout=lambda x, p, training, rng: (
        (lambda m: (x * m, m))(np.where(rng.random(x.shape) >= p, 1.0, 0.0) / np.float64(1 - p))
        if training
        else (x, np.ones_like(x))
    ),
)
exercise.mutant("the same elements each time", dropout=own_generator)
exercise.mutant("g passed on unchanged", dropout_backward=lambda g, mask: g)
exercise.mutant("zeros, without the scale", dropout_backward=lambda g, mask: g * (mask > 0))
