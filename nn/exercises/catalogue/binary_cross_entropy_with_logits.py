"""Binary cross-entropy from logits."""

import numpy as np

import nn
from nn import functional as F
from nn.exercises.declaration import THREE_WAYS, VALUES, Exercise
from nn.exercises.judging import calm, gradients, same

exercise = Exercise(
    "binary_cross_entropy_with_logits",
    title=("Binary cross-entropy from logits", "由 logits 计算二元交叉熵"),
    statement=(
        """
        x holds logits, t the targets, numbers from 0 to 1, both of one shape. With p = sigmoid(x), return the mean of
            -(t * log(p) + (1 - t) * log(1 - p))
        over all elements. For x = 1000 and t = 0 the loss is 1000, neither inf nor NaN, and no warning is raised.
        bce_with_logits_backward(g, x, t) returns dx; g is a number.
        """,
        """
        x 是 logits，t 是 0 到 1 之间的目标，形状相同。记 p = sigmoid(x)，返回
            -(t * log(p) + (1 - t) * log(1 - p))
        对所有元素的平均。x = 1000、t = 0 时损失应为 1000，不是 inf 或 NaN，也不应出现警告。
        bce_with_logits_backward(g, x, t) 返回 dx；g 是一个数。
        """,
    ),
    derivation="""
        log(p) = -log(1 + exp(-x)),   log(1 - p) = -x - log(1 + exp(-x))
        loss = (1 - t) * x + log(1 + exp(-x)) = max(x, 0) - t * x + log(1 + exp(-|x|))
        dloss/dx = p - t
    """,
    hints=[
        ("Do not compute p and take its logarithm: p rounds to 0 or 1.", "不要先算 p 再取对数：p 会被舍入成 0 或 1。"),
        (
            "Write the loss in x itself: max(x, 0) - t * x + log(1 + exp(-|x|)).",
            "直接用 x 表示：max(x, 0) - t * x + log(1 + exp(-|x|))。",
        ),
        (
            "The gradient of each element is (p - t) / n: the derivative of the sigmoid cancels.",
            "每个元素的梯度是 (p - t) / n：sigmoid 的导数被约掉了。",
        ),
    ],
)


@exercise.reference
def bce_with_logits(x, t):
    """x (...), t (...) -> ()"""
    return np.mean(np.maximum(x, 0) - t * x + np.log1p(np.exp(-np.abs(x))))


@exercise.reference
def bce_with_logits_backward(g, x, t):
    """g (), x (...), t (...) -> dx (...)"""
    e = np.exp(-np.abs(x))
    p = np.where(x >= 0, 1 / (1 + e), e / (1 + e))
    return g * (p - t) / x.size


@exercise.check(*VALUES)
def values(given, rng):
    x, t = rng.normal(size=(3, 2)), rng.uniform(size=(3, 2))
    p = 1 / (1 + np.exp(-x))
    same("loss", given.bce_with_logits(x, t), -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p)))


@exercise.check("logits of any size give a finite loss and gradient", "任意大小的 logits 都给出有限的损失和梯度")
def extremes(given, rng):
    x, t = np.array([1000.0, -1000.0, 800.0, 60.0]), np.array([0.0, 1.0, 1.0, 0.0])
    with calm():
        same("loss", given.bce_with_logits(x, t), 515.0)
        same("dx", given.bce_with_logits_backward(1.0, x, t), [0.25, -0.25, 0.0, 0.25])


@exercise.check(*THREE_WAYS)
def backward(given, rng):
    x, t = rng.normal(size=(3, 2)), rng.uniform(size=(3, 2))
    gradients(
        lambda g, x: given.bce_with_logits_backward(g, x, t),
        lambda g, x: bce_with_logits_backward(g, x, t),
        lambda x: bce_with_logits(x, t),
        [x],
        "dx",
        rng,
        autograd=lambda x: F.binary_cross_entropy_with_logits(x, nn.tensor(t)),
    )


def logarithm_of_sigmoid(x, t):
    p = 1 / (1 + np.exp(-x))
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


def clipped(x, t):
    p = np.clip(1 / (1 + np.exp(-np.clip(x, -500, 500))), 1e-7, 1 - 1e-7)
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


exercise.mutant("the logarithm of a sigmoid", bce_with_logits=logarithm_of_sigmoid)
exercise.mutant("probabilities clipped", bce_with_logits=clipped)
exercise.mutant("the part of the zeros is missing", bce_with_logits=lambda x, t: np.mean(t * np.log1p(np.exp(-x))))
exercise.mutant("targets rounded to classes", bce_with_logits=lambda x, t: bce_with_logits(x, np.round(t)))
exercise.mutant(
    "the derivative of the sigmoid once more",
    bce_with_logits_backward=lambda g, x, t: bce_with_logits_backward(g, x, t) / (1 + np.exp(-x)) / (1 + np.exp(x)),
)
exercise.mutant("t - p", bce_with_logits_backward=lambda g, x, t: -bce_with_logits_backward(g, x, t))
exercise.mutant(
    "the mean is forgotten", bce_with_logits_backward=lambda g, x, t: bce_with_logits_backward(g, x, t) * x.size
)
exercise.mutant("g is forgotten", bce_with_logits_backward=lambda g, x, t: bce_with_logits_backward(1.0, x, t))
