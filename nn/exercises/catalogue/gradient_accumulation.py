"""A large batch in small pieces."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same

exercise = Exercise(
    "gradient_accumulation",
    title=("Gradients of a large batch, in pieces", "梯度累积：把大批量拆成小块"),
    statement=(
        """
        gradient(x, y) returns the gradient of the mean loss over the rows it is given, an array. Return the gradient of
        the mean loss over all N rows, but never call it with more than `size` rows at once, and use each row once.
        The last piece may be smaller: its rows count as much as any others.
        """,
        """
        gradient(x, y) 返回所给各行的平均损失的梯度（一个数组）。请返回全部 N 行平均损失的梯度，
        但每次最多传给它 size 行，且每一行恰好使用一次。最后一块可能较小：其中每一行的分量与别的行相同。
        """,
    ),
    derivation="""
        L = sum_n l_n / N = sum over pieces k of (n_k / N) * L_k,      L_k = the mean over piece k
        gradient of L = sum_k (n_k / N) * gradient of L_k
    """,
    hints=[
        ("The pieces' means are weighted by their numbers of rows.", "各块的平均要按行数加权。"),
        (
            "With weights n_k / N the last, smaller piece comes out right by itself.",
            "用权重 n_k / N，最后较小的一块自然就对了。",
        ),
    ],
)


@exercise.reference
def accumulated_gradient(gradient, x, y, size):
    """x (N, ...), y (N, ...) -> (...)"""
    total = 0.0
    for start in range(0, len(x), size):
        rows = slice(start, start + size)
        total = total + gradient(x[rows], y[rows]) * len(x[rows]) / len(x)
    return total


def slope(x, y):
    return 2 * x.T @ (x @ np.array([0.5, -1.0]) - y) / len(x)


@exercise.check("pieces of equal size give the gradient of the whole", "等分时得到整批的梯度")
def even(given, rng):
    x, y = rng.normal(size=(12, 2)), rng.normal(size=12)
    same("gradient", given.accumulated_gradient(slope, x, y, 4), slope(x, y))


@exercise.check("so does a smaller last piece", "最后一块较小时也一样")
def ragged(given, rng):
    x, y = rng.normal(size=(7, 2)), rng.normal(size=7)
    same("gradient", given.accumulated_gradient(slope, x, y, 3), slope(x, y))


@exercise.check("no call gets too many rows, and each row is used once", "每次不超过 size 行，每行只用一次")
def calls(given, rng):
    seen = []

    def watched(x, y):
        seen.append(x[:, 0].copy())
        return slope(x, y)

    given.accumulated_gradient(watched, np.stack([np.arange(10.0)] * 2, 1), np.zeros(10), 4)
    largest = max((len(rows) for rows in seen), default=0)
    require(
        largest <= 4,
        f"gradient got {largest} rows at once; at most 4 are allowed",
        f"一次传了 {largest} 行，最多只能传 4 行",
    )
    same("rows that were used", np.sort(np.concatenate([*seen, []])), np.arange(10.0))


def summed(gradient, x, y, size):
    return sum(gradient(x[k : k + size], y[k : k + size]) for k in range(0, len(x), size))


def averaged(gradient, x, y, size):
    return summed(gradient, x, y, size) / len(range(0, len(x), size))


def only_full(gradient, x, y, size):
    full = len(x) // size * size
    return accumulated_gradient(gradient, x[:full], y[:full], size)


def forgotten(gradient, x, y, size):
    for k in range(0, len(x), size):
        total = gradient(x[k : k + size], y[k : k + size])
    return total


def twice(gradient, x, y, size):
    gradient(x[:size], y[:size])  # "to find the shape"
    return accumulated_gradient(gradient, x, y, size)


exercise.mutant("the sum of the pieces", accumulated_gradient=summed)
exercise.mutant("the plain mean of the pieces", accumulated_gradient=averaged)
exercise.mutant("the rest is dropped", accumulated_gradient=only_full)
exercise.mutant("the last piece alone: zeroed at every piece", accumulated_gradient=forgotten)
exercise.mutant("the whole batch at once", accumulated_gradient=lambda gradient, x, y, size: gradient(x, y))
exercise.mutant("the first piece is used twice", accumulated_gradient=twice)
exercise.mutant(
    "divided by size * pieces",
    accumulated_gradient=lambda gradient, x, y, size: (
        accumulated_gradient(gradient, x, y, size) * len(x) / (size * -(-len(x) // size))
    ),
)
exercise.mutant(
    "divided by N once more, if it divides evenly",
    accumulated_gradient=lambda gradient, x, y, size: (
        accumulated_gradient(gradient, x, y, size) / (1 if len(x) % size else len(x) // size)
    ),
)
