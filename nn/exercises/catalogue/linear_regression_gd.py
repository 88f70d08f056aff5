"""Linear regression by gradient descent: the article's second example, put right."""

import numpy as np

import nn
from nn.exercises.declaration import THREE_WAYS, Exercise
from nn.exercises.judging import gradients, require, same

exercise = Exercise(
    "linear_regression_gd",
    title=("Linear regression by gradient descent", "用梯度下降做线性回归"),
    statement=(
        """
        The model is x @ w + b with x (N, D), w (D,), b a number; the loss is mean((x @ w + b - y)**2) over N.
        linear_regression_gradients(x, y, w, b) returns (dw, db).
        linear_regression_gd(x, y, lr, steps) starts from zeros, takes `steps` steps of descent on all rows, and returns
        (w, b, losses), where losses[k] is the loss before step k. Neither x nor y is changed.
        largest_lr(x) returns the learning rate above which this descent diverges: 2 / the largest eigenvalue of
        the loss's second derivative by (w, b).
        """,
        """
        模型为 x @ w + b，x 为 (N, D)，w 为 (D,)，b 是一个数；损失为 mean((x @ w + b - y)**2)，对 N 求平均。
        linear_regression_gradients(x, y, w, b) 返回 (dw, db)。
        linear_regression_gd(x, y, lr, steps) 从零出发，用全部样本下降 steps 步，返回 (w, b, losses)，
        其中 losses[k] 是第 k 步之前的损失。不得修改 x 和 y。
        largest_lr(x) 返回使下降开始发散的学习率：2 除以损失对 (w, b) 的二阶导数矩阵的最大特征值。
        """,
    ),
    derivation="""
        r = x @ w + b - y,   L = sum_n r_n**2 / N
        dw = 2 * x.T @ r / N,   db = 2 * sum_n r_n / N
        with X = [x, 1] and v = [w, b]:  second derivative H = 2 * X.T @ X / N
        one step multiplies the error along an eigenvector of H by (1 - lr * eigenvalue)
        it shrinks while |1 - lr * eigenvalue| < 1, that is lr < 2 / eigenvalue
    """,
    hints=[
        (
            "Descent subtracts lr times the gradient. With error = y - output the sign is already turned round.",
            "下降是减去 lr 乘以梯度。若用 error = y - output，符号已经反过一次了。",
        ),
        (
            "Record the loss before the step, with the parameters that the gradient is taken at.",
            "先记录损失再更新参数：损失与梯度用同一组参数。",
        ),
        (
            "For largest_lr put a column of ones beside x: the bias is a weight of a constant input.",
            "求 largest_lr 时给 x 添一列 1：偏置就是常数输入的权重。",
        ),
    ],
)


@exercise.reference
def linear_regression_gradients(x, y, w, b):
    """x (N, D), y (N,), w (D,), b () -> dw (D,), db ()"""
    residual = x @ w + b - y
    return 2 * x.T @ residual / len(x), 2 * residual.mean()


@exercise.reference
def linear_regression_gd(x, y, lr, steps):
    """x (N, D), y (N,) -> w (D,), b (), losses (steps,)"""
    w, b, losses = np.zeros(x.shape[1]), 0.0, []
    for _ in range(steps):
        losses.append(np.mean((x @ w + b - y) ** 2))
        dw, db = linear_regression_gradients(x, y, w, b)
        w, b = w - lr * dw, b - lr * db
    return w, b, np.array(losses)


@exercise.reference
def largest_lr(x):
    """x (N, D) -> ()"""
    with_ones = np.column_stack([x, np.ones(len(x))])
    curvature = 2 * with_ones.T @ with_ones / len(x)
    return 2 / np.linalg.eigvalsh(curvature)[-1]


HOUSES = np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 4.0], [4.0, 5.0]])
PRICES = np.array([5.0, 7.0, 9.0, 11.0])


@exercise.check(*THREE_WAYS)
def backward(given, rng):
    x, y = rng.normal(size=(5, 2)), rng.normal(size=5)
    gradients(
        lambda g, w, b: [g * d for d in given.linear_regression_gradients(x, y, w, b)],
        lambda g, w, b: [g * d for d in linear_regression_gradients(x, y, w, b)],
        lambda w, b: np.mean((x @ w + b - y) ** 2),
        [rng.normal(size=2), np.array(0.3)],
        "dw db",
        rng,
        autograd=lambda w, b: ((nn.tensor(x) @ w + b - nn.tensor(y)) ** 2).mean(),
    )


@exercise.check(
    "the descent takes the right steps and records the losses before them", "每一步都正确，并记录更新之前的损失"
)
def steps(given, rng):
    x, y = rng.normal(size=(5, 2)), rng.normal(size=5)
    expected = linear_regression_gd(x, y, 0.1, 7)
    for name, got, right in zip(("w", "b", "losses"), given.linear_regression_gd(x, y, 0.1, 7), expected, strict=True):
        same(name, got, right)


@exercise.check("the article's houses are learned: 5, 7, 9 and 11", "学会文章里的房价：5、7、9、11")
def houses(given, rng):
    x = (HOUSES - HOUSES.mean(0)) / HOUSES.std(0)
    w, b, losses = given.linear_regression_gd(x, PRICES, 0.1, 300)
    require(
        losses[-1] < losses[0],
        f"the loss rises from {losses[0]:.4g} to {losses[-1]:.4g}: is the sign wrong?",
        f"损失从 {losses[0]:.4g} 升到 {losses[-1]:.4g}：符号是不是反了？",
    )
    same("predictions", x @ w + b, PRICES, rtol=1e-4)


@exercise.check("the largest learning rate is right", "最大学习率正确")
def limit(given, rng):
    same("largest_lr", given.largest_lr(HOUSES), largest_lr(HOUSES))


exercise.mutant(
    "the sign of the article",
    linear_regression_gradients=lambda x, y, w, b: tuple(-d for d in linear_regression_gradients(x, y, w, b)),
)
exercise.mutant(
    "the mean is forgotten",
    linear_regression_gradients=lambda x, y, w, b: (2 * x.T @ (x @ w + b - y), 2 * (x @ w + b - y).sum()),
)


def after_the_step(x, y, lr, steps):
    w, b, _ = linear_regression_gd(x, y, lr, steps)
    return w, b, linear_regression_gd(x, y, lr, steps + 1)[2][1:]


def bias_from_new_weights(x, y, lr, steps):
    w, b, losses = np.zeros(x.shape[1]), 0.0, []
    for _ in range(steps):
        losses.append(np.mean((x @ w + b - y) ** 2))
        w = w - lr * linear_regression_gradients(x, y, w, b)[0]
        b = b - lr * linear_regression_gradients(x, y, w, b)[1]
    return w, b, np.array(losses)


exercise.mutant("it ascends", linear_regression_gd=lambda x, y, lr, steps: linear_regression_gd(x, y, -lr, steps))
exercise.mutant("losses after the step", linear_regression_gd=after_the_step)
exercise.mutant("the bias from new weights", linear_regression_gd=bias_from_new_weights)
exercise.mutant(
    "never more than ten steps",
    linear_regression_gd=lambda x, y, lr, steps: linear_regression_gd(x, y, lr, min(steps, 10)),
)
exercise.mutant(
    "no bias",
    linear_regression_gd=lambda x, y, lr, steps: (
        linear_regression_gd(x, y, lr, steps)[0],
        0.0,
        linear_regression_gd(x, y, lr, steps)[2],
    ),
)
exercise.mutant(
    "the constant column is forgotten", largest_lr=lambda x: 2 / np.linalg.eigvalsh(2 * x.T @ x / len(x))[-1]
)
exercise.mutant("1 / eigenvalue", largest_lr=lambda x: largest_lr(x) / 2)
