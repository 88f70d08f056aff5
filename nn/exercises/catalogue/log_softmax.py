"""The logarithm of a sum of exponentials, and of softmax."""

import numpy as np

import nn
from nn import functional as F
from nn.exercises.declaration import THREE_WAYS, Exercise
from nn.exercises.judging import calm, gradients, same

exercise = Exercise(
    "log_softmax",
    title=("log-sum-exp and log-softmax", "logsumexp 与 log_softmax"),
    statement=(
        """
        Along the last axis: logsumexp(x) = log(sum_j exp(x_j)), without that axis; log_softmax(x) = x - logsumexp(x).
        Both for numbers of any size: log_softmax([0, -1000]) is [0, -1000], not [0, -inf].
        log_softmax_backward(g, x) returns dx.
        """,
        """
        沿最后一个轴：logsumexp(x) = log(sum_j exp(x_j))，结果去掉这个轴；log_softmax(x) = x - logsumexp(x)。
        数值多大多小都要正确：log_softmax([0, -1000]) 是 [0, -1000]，而不是 [0, -inf]。
        log_softmax_backward(g, x) 返回 dx。
        """,
    ),
    derivation="""
        log(sum_j exp(x_j)) = m + log(sum_j exp(x_j - m)),   m = max(x)
        d logsumexp / dx_j = exp(x_j) / sum_k exp(x_k) = p_j
        y_i = x_i - logsumexp(x)
        dx_j = sum_i g_i * (1[i = j] - p_j) = g_j - p_j * sum_i g_i
    """,
    hints=[
        (
            "Take the maximum out of the sum: exp(x_j) = exp(m) * exp(x_j - m).",
            "把最大值提到求和外面：exp(x_j) = exp(m) * exp(x_j - m)。",
        ),
        (
            "Never take the logarithm of a softmax: it may be zero. Subtract instead.",
            "不要对 softmax 的结果取对数，它可能是零；改用减法。",
        ),
        ("dx = g - softmax(x) * sum(g).", "dx = g - softmax(x) * sum(g)。"),
    ],
)


@exercise.reference
def logsumexp(x):
    """x (..., C) -> (...)"""
    m = x.max(axis=-1, keepdims=True)
    return (m + np.log(np.exp(x - m).sum(axis=-1, keepdims=True)))[..., 0]


@exercise.reference
def log_softmax(x):
    """x (..., C) -> y (..., C)"""
    return x - logsumexp(x)[..., None]


@exercise.reference
def log_softmax_backward(g, x):
    """g (..., C), x (..., C) -> dx (..., C)"""
    p = np.exp(log_softmax(x))
    return g - p * g.sum(axis=-1, keepdims=True)


@exercise.check("the values are right, with one, two and three axes", "一维、二维、三维输入的数值都正确")
def values(given, rng):
    for shape in ((4,), (3, 4), (2, 3, 4)):
        x = rng.normal(size=shape)
        same("logsumexp(x)", given.logsumexp(x), np.log(np.exp(x).sum(-1)))
        same("log_softmax(x)", given.log_softmax(x), np.log(np.exp(x) / np.exp(x).sum(-1, keepdims=True)))


@exercise.check("numbers of any size neither overflow nor become infinite", "任意大小的数都不溢出，也不变成无穷")
def extremes(given, rng):
    with calm():
        same(
            "logsumexp",
            given.logsumexp(np.array([[1000.0, 1000.0], [-1000.0, -1000.0]])),
            [1000 + np.log(2), -1000 + np.log(2)],
        )
        same("log_softmax", given.log_softmax(np.array([0.0, -1000.0])), [0.0, -1000.0])


@exercise.check(*THREE_WAYS)
def backward(given, rng):
    x = rng.normal(size=(3, 4))
    gradients(
        given.log_softmax_backward,
        log_softmax_backward,
        log_softmax,
        [x],
        "dx",
        rng,
        autograd=lambda x: x - nn.logsumexp(x, -1, keepdim=True),
    )
    x = rng.normal(size=(2, 2, 3))
    gradients(
        given.log_softmax_backward,
        log_softmax_backward,
        log_softmax,
        [x],
        "dx",
        rng,
        autograd=lambda x: F.log_softmax(x, -1),
    )


exercise.mutant(
    "the logarithm of a softmax",
    log_softmax=lambda x: np.log(
        np.exp(x - x.max(-1, keepdims=True)) / np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True)
    ),
)
exercise.mutant("the maximum is not taken out", logsumexp=lambda x: np.log(np.exp(x).sum(axis=-1)))
exercise.mutant(
    "the maximum is not added again", logsumexp=lambda x: np.log(np.exp(x - x.max(-1, keepdims=True)).sum(-1))
)
exercise.mutant(
    "along axis 1, which is the last one of a matrix only",
    logsumexp=lambda x: x.max(1) + np.log(np.exp(x - x.max(1, keepdims=True)).sum(1)),
)
exercise.mutant("the axis is kept", logsumexp=lambda x: logsumexp(x)[..., None])
exercise.mutant(
    "the backward of softmax",
    log_softmax_backward=lambda g, x: (
        np.exp(log_softmax(x)) * (g - (g * np.exp(log_softmax(x))).sum(-1, keepdims=True))
    ),
)
exercise.mutant("right for a one-hot g that sums to one", log_softmax_backward=lambda g, x: g - np.exp(log_softmax(x)))
exercise.mutant("summed over the batch", log_softmax_backward=lambda g, x: g - np.exp(log_softmax(x)) * g.sum(0))
