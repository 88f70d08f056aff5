"""Logistic regression: one unit, trained by descent."""

import numpy as np

import nn
from nn import functional as F
from nn.exercises.declaration import THREE_WAYS, Exercise
from nn.exercises.judging import calm, gradients, same

exercise = Exercise(
    "logistic_regression",
    title=("Logistic regression", "逻辑回归"),
    statement=(
        """
        The model is p = sigmoid(x @ w + b), the loss the mean binary cross-entropy with labels t of 0 and 1.
        logistic_gradients(x, t, w, b) returns (dw, db) of that loss.
        logistic_regression(x, t, lr, steps) starts from zeros, descends on all rows, returns (w, b).
        predict(x, w, b) returns the classes 0 and 1: 1 where p >= 0.5. Large scores must not overflow anywhere.
        """,
        """
        模型为 p = sigmoid(x @ w + b)，损失为二元交叉熵的平均，标签 t 为 0 或 1。
        logistic_gradients(x, t, w, b) 返回该损失的 (dw, db)。
        logistic_regression(x, t, lr, steps) 从零出发，用全部样本下降，返回 (w, b)。
        predict(x, w, b) 返回类别 0 或 1：p >= 0.5 时为 1。得分再大也不得溢出。
        """,
    ),
    derivation="""
        z = x @ w + b,   dL/dz = (sigmoid(z) - t) / N      (the derivative of the sigmoid cancels against the logarithm's)
        dw = x.T @ dz,   db = sum(dz)
        p >= 0.5 exactly where z >= 0
    """,
    hints=[
        (
            "The gradient by the score is (p - t) / N: no further p * (1 - p).",
            "对得分的梯度是 (p - t) / N，不要再乘 p * (1 - p)。",
        ),
        ("The class needs no sigmoid: z >= 0.", "判断类别不需要 sigmoid：看 z >= 0 即可。"),
    ],
    level=2,
)


@exercise.helper
def sigmoid(z):
    """z (...) -> p (...)"""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


@exercise.reference
def logistic_gradients(x, t, w, b):
    """x (N, D), t (N,), w (D,), b () -> dw (D,), db ()"""
    dz = (sigmoid(x @ w + b) - t) / len(x)
    return x.T @ dz, dz.sum()


@exercise.reference
def logistic_regression(x, t, lr, steps):
    """x (N, D), t (N,) -> w (D,), b ()"""
    w, b = np.zeros(x.shape[1]), 0.0
    for _ in range(steps):
        dw, db = logistic_gradients(x, t, w, b)
        w, b = w - lr * dw, b - lr * db
    return w, b


@exercise.reference
def predict(x, w, b):
    """x (N, D), w (D,), b () -> classes (N,)"""
    return (x @ w + b >= 0).astype(int)


@exercise.check(*THREE_WAYS)
def backward(given, rng):
    x, t = rng.normal(size=(5, 2)), rng.integers(0, 2, 5).astype(float)
    gradients(
        lambda g, w, b: [g * d for d in given.logistic_gradients(x, t, w, b)],
        lambda g, w, b: [g * d for d in logistic_gradients(x, t, w, b)],
        lambda w, b: np.mean(np.logaddexp(0, x @ w + b) - t * (x @ w + b)),
        [rng.normal(size=2), np.array(0.3)],
        "dw db",
        rng,
        autograd=lambda w, b: F.binary_cross_entropy_with_logits(nn.tensor(x) @ w + b, nn.tensor(t)),
    )


@exercise.check("two clouds are told apart, by the right steps", "分开两团点，且每一步都正确")
def training(given, rng):
    t = np.arange(20) % 2
    x = rng.normal(size=(20, 2)) + 2.0 * t[:, None]
    w, b = given.logistic_regression(x, t, 0.5, 30)
    right = logistic_regression(x, t, 0.5, 30)
    same("w", w, right[0])
    same("b", b, right[1])


@exercise.check("classes are 0 and 1, and 1 on the border", "类别为 0 和 1，边界上取 1")
def classes(given, rng):
    x = np.array([[-1.0], [0.0], [0.2], [3.0]])
    same("classes", given.predict(x, np.array([1.0]), 0.0), [0, 1, 1, 1])
    same("classes", given.predict(x, np.array([1.0]), -1.0), [0, 0, 0, 1])


@exercise.check("scores of 1000 do not overflow", "得分为 1000 时不溢出")
def extremes(given, rng):
    x, t = np.array([[1000.0], [-1000.0]]), np.array([0.0, 1.0])
    with calm():
        same("dw", given.logistic_gradients(x, t, np.array([1.0]), 0.0)[0], [1000.0])
        same("classes", given.predict(x, np.array([1.0]), 0.0), [1, 0])


def naive(x, t, w, b):
    with np.errstate(under="ignore"):
        dz = (1 / (1 + np.exp(-(x @ w + b))) - t) / len(x)
    return x.T @ dz, dz.sum()


def squared(x, t, w, b):
    p = sigmoid(x @ w + b)
    dz = (p - t) * p * (1 - p) / len(x)
    return x.T @ dz, dz.sum()


exercise.mutant("exp overflows", logistic_gradients=naive)
exercise.mutant("the gradient of a squared error", logistic_gradients=squared)
exercise.mutant("t - p", logistic_gradients=lambda x, t, w, b: tuple(-d for d in logistic_gradients(x, t, w, b)))
exercise.mutant(
    "the sum, not the mean",
    logistic_gradients=lambda x, t, w, b: tuple(len(x) * d for d in logistic_gradients(x, t, w, b)),
)
exercise.mutant(
    "db averaged once more",
    logistic_gradients=lambda x, t, w, b: (
        logistic_gradients(x, t, w, b)[0],
        logistic_gradients(x, t, w, b)[1] / len(x),
    ),
)
exercise.mutant("no bias", logistic_regression=lambda x, t, lr, steps: (logistic_regression(x, t, lr, steps)[0], 0.0))
exercise.mutant("a step too many", logistic_regression=lambda x, t, lr, steps: logistic_regression(x, t, lr, steps + 1))
exercise.mutant("probabilities instead of classes", predict=lambda x, w, b: sigmoid(x @ w + b))
exercise.mutant("the border counts as 0", predict=lambda x, w, b: (x @ w + b > 0).astype(int))
exercise.mutant("classes -1 and 1", predict=lambda x, w, b: np.sign(x @ w + b))
