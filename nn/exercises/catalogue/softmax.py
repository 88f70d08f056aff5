"""Softmax along the last axis, and its vector-Jacobian product."""

import numpy as np

from nn import functional as F
from nn.exercises.declaration import THREE_WAYS, Exercise
from nn.exercises.judging import calm, gradients, same

exercise = Exercise(
    "softmax",
    title=("Softmax and its backward", "softmax 及其反向"),
    statement=(
        """
        softmax(x) turns the scores along the last axis into probabilities: p_i = exp(x_i) / sum_j exp(x_j).
        x may have any number of axes, and scores of any size must not overflow.
        softmax_backward(g, x) returns dx, the gradient by x, where g is the gradient by p.
        """,
        """
        softmax(x) 把最后一个轴上的得分变成概率：p_i = exp(x_i) / sum_j exp(x_j)。
        x 可以有任意多个轴；得分再大也不能溢出。
        softmax_backward(g, x) 返回对 x 的梯度 dx，其中 g 是对 p 的梯度。
        """,
    ),
    derivation="""
        p_i = exp(x_i) / sum_k exp(x_k) = exp(x_i - m) / sum_k exp(x_k - m)   for any m, such as max(x)
        dp_i / dx_j = p_i * (1[i = j] - p_j)
        dx_j = sum_i g_i * p_i * (1[i = j] - p_j) = p_j * (g_j - sum_i g_i * p_i)
    """,
    hints=[
        (
            "Subtract the maximum of each row first: the result is the same, and exp is at most 1.",
            "先减去每一行的最大值：结果不变，而 exp 不超过 1。",
        ),
        (
            "Every p_i depends on every x_j: the Jacobian is a full matrix, not a diagonal.",
            "每个 p_i 都依赖每个 x_j：雅可比矩阵是满的，不只有对角线。",
        ),
        (
            "dx = p * (g - sum(g * p)), with the sum over the last axis.",
            "dx = p * (g - sum(g * p))，对最后一个轴求和。",
        ),
    ],
    layer="Softmax",
)


@exercise.reference
def softmax(x):
    """x (..., C) -> p (..., C)"""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@exercise.reference
def softmax_backward(g, x):
    """g (..., C), x (..., C) -> dx (..., C)"""
    p = softmax(x)
    return p * (g - (g * p).sum(axis=-1, keepdims=True))


@exercise.check("the probabilities are right, with one, two and three axes", "一维、二维、三维输入的概率都正确")
def values(given, rng):
    for shape in ((4,), (3, 4), (2, 3, 4)):
        x = rng.normal(size=shape)
        e = np.exp(x)
        same("p", given.softmax(x), e / e.sum(-1, keepdims=True))


@exercise.check("large scores do not overflow, and large rows leave small ones alone", "大得分不溢出，各行互不影响")
def extremes(given, rng):
    x = np.array([[1000.0, 1001.0], [-1000.0, -999.0], [0.0, 1.0]])
    with calm():
        p = given.softmax(x)
    same("p", p, [[1 / (1 + np.e), np.e / (1 + np.e)]] * 3)


@exercise.check(*THREE_WAYS)
def backward(given, rng):
    for shape in ((3, 4), (2, 2, 3)):
        x = rng.normal(size=shape)
        gradients(
            given.softmax_backward, softmax_backward, softmax, [x], "dx", rng, autograd=lambda x: F.softmax(x, -1)
        )


def over_all(x):
    e = np.exp(x - x.max())
    return e / e.sum(axis=-1, keepdims=True)


exercise.mutant("exp overflows", softmax=lambda x: np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True))
exercise.mutant("one maximum for all rows", softmax=over_all)
exercise.mutant("along the first axis", softmax=lambda x: softmax(x.T).T)
exercise.mutant(
    "along axis 1, which is the last one of a matrix only",
    softmax=lambda x: np.exp(x - x.max(1, keepdims=True)) / np.exp(x - x.max(1, keepdims=True)).sum(1, keepdims=True),
)
exercise.mutant("normalised over the whole array", softmax=lambda x: softmax(x.reshape(-1)).reshape(x.shape))
exercise.mutant("the gradient is zero", softmax_backward=lambda g, x: np.zeros_like(x))
exercise.mutant("the sign is flipped", softmax_backward=lambda g, x: -softmax_backward(g, x))
exercise.mutant("only the diagonal", softmax_backward=lambda g, x: g * softmax(x) * (1 - softmax(x)))
exercise.mutant(
    "summed over the batch", softmax_backward=lambda g, x: softmax(x) * (g - (g * softmax(x)).sum(0, keepdims=True))
)
