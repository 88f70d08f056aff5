"""The mean squared error, and what "mean" does to its gradient."""

import numpy as np

import nn
from nn import functional as F
from nn.exercises.declaration import THREE_WAYS, VALUES, Exercise
from nn.exercises.judging import gradients, same

exercise = Exercise(
    "mse_loss",
    title=("Mean squared error", "均方误差"),
    statement=(
        """
        mse_loss(pred, target, reduction) is the mean (reduction="mean") or the sum (reduction="sum") of the squared
        differences over all elements; both arrays have the same shape, of any number of axes.
        mse_loss_backward(g, pred, target, reduction) returns dpred; g, the gradient by the loss, is a number.
        """,
        """
        mse_loss(pred, target, reduction) 是所有元素之差的平方的平均（reduction="mean"）或总和（reduction="sum"）；
        两个数组形状相同，轴数任意。
        mse_loss_backward(g, pred, target, reduction) 返回 dpred；g 是对损失的梯度，是一个数。
        """,
    ),
    derivation="""
        L = sum_i (pred_i - target_i)**2 / n      n = 1 for "sum"
        dL / dpred_i = 2 * (pred_i - target_i) / n
        descent subtracts it: where pred is too large, it gets smaller
    """,
    hints=[
        (
            "The difference is pred - target, in this order, in both functions.",
            "两个函数里都是 pred - target，顺序不能反。",
        ),
        (
            "The mean divides by the number of all elements, pred.size, not by the number of rows.",
            "平均要除以全部元素的个数 pred.size，而不是行数。",
        ),
    ],
)


@exercise.reference
def mse_loss(pred, target, reduction="mean"):
    """pred (...), target (...) -> ()"""
    squares = (pred - target) ** 2
    return squares.sum() if reduction == "sum" else squares.mean()


@exercise.reference
def mse_loss_backward(g, pred, target, reduction="mean"):
    """g (), pred (...), target (...) -> dpred (...)"""
    n = 1 if reduction == "sum" else pred.size
    return g * 2 * (pred - target) / n


@exercise.check(*VALUES)
def values(given, rng):
    pred, target = rng.normal(size=(2, 3, 4))
    same("mean", given.mse_loss(pred, target), np.mean((pred - target) ** 2))
    same("sum", given.mse_loss(pred, target, "sum"), np.sum((pred - target) ** 2))


@exercise.check(*THREE_WAYS)
def backward(given, rng):
    pred, target = rng.normal(size=(2, 3, 4))
    for reduction in ("mean", "sum"):
        gradients(
            lambda g, p, r=reduction: given.mse_loss_backward(g, p, target, r),
            lambda g, p, r=reduction: mse_loss_backward(g, p, target, r),
            lambda p, r=reduction: mse_loss(p, target, r),
            [pred],
            "dpred",
            rng,
            autograd=lambda p, r=reduction: F.mse_loss(p, nn.tensor(target), reduction=r),
        )


exercise.mutant("half of it", mse_loss=lambda p, t, reduction="mean": mse_loss(p, t, reduction) / 2)
exercise.mutant("the mean over the rows alone", mse_loss=lambda p, t, reduction="mean": ((p - t) ** 2).mean(0))
exercise.mutant("the reduction is not used", mse_loss=lambda p, t, reduction="mean": np.mean((p - t) ** 2))
exercise.mutant(
    "the sign of the article: target - pred", mse_loss_backward=lambda g, p, t, r="mean": -mse_loss_backward(g, p, t, r)
)
exercise.mutant("the 2 is missing", mse_loss_backward=lambda g, p, t, r="mean": mse_loss_backward(g, p, t, r) / 2)
exercise.mutant(
    "divided by the rows", mse_loss_backward=lambda g, p, t, r="mean": g * 2 * (p - t) / (1 if r == "sum" else len(p))
)
exercise.mutant("never divided", mse_loss_backward=lambda g, p, t, r="mean": g * 2 * (p - t))
exercise.mutant("g is forgotten", mse_loss_backward=lambda g, p, t, r="mean": mse_loss_backward(1.0, p, t, r))
