"""Undoing a broadcast: what every backward of a binary operation needs."""

import numpy as np

import nn
from nn.exercises.declaration import Exercise
from nn.exercises.judging import gradients, same

exercise = Exercise(
    "unbroadcast",
    title=("Undo a broadcast", "还原广播"),
    statement=(
        """
        An operand of the given shape was broadcast to g.shape. Return its gradient: g summed over all axes that
        broadcasting added or stretched, in exactly the given shape. Without a broadcast it is g itself.
        """,
        """
        形状为 shape 的操作数被广播成了 g.shape。请返回它的梯度：把 g 对广播时新增或拉伸的轴求和，结果形状恰为 shape。
        没有发生广播时就是 g 本身。
        """,
    ),
    derivation="""
        y[i, j] = x[0, j]  for every i      (stretched from 1, or added in front)
        dx[0, j] = sum_i g[i, j]            since x[0, j] goes into every y[i, j]
    """,
    hints=[
        (
            "Broadcasting lines shapes up from the right: g.ndim - len(shape) axes were added in front.",
            "广播从右边对齐：前面新增了 g.ndim - len(shape) 个轴。",
        ),
        (
            "Sum these away first. Then sum, with keepdims, over the axes where shape has 1 and g has more.",
            "先把它们求和去掉，再对 shape 为 1 而 g 不为 1 的轴求和，并用 keepdims 保留。",
        ),
    ],
)


@exercise.reference
def unbroadcast(g, shape):
    """g (...) -> (shape)"""
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    stretched = tuple(axis for axis, n in enumerate(shape) if n == 1 and g.shape[axis] != 1)
    return g.sum(axis=stretched, keepdims=True)


@exercise.check("added axes are summed away", "新增的轴被求和去掉")
def added(given, rng):
    g = rng.normal(size=(2, 3, 4))
    same("gradient for (4,)", given.unbroadcast(g, (4,)), g.sum((0, 1)))
    same("gradient for ()", given.unbroadcast(g, ()), g.sum())


@exercise.check("stretched axes are summed and kept, wherever they stand", "拉伸的轴求和后保留，无论在什么位置")
def stretched(given, rng):
    g = rng.normal(size=(3, 3, 3))
    same("gradient for (3, 1, 3)", given.unbroadcast(g, (3, 1, 3)), g.sum(1, keepdims=True))
    same("gradient for (1, 3, 1)", given.unbroadcast(g, (1, 3, 1)), g.sum((0, 2), keepdims=True))


@exercise.check("axes of 1 that were 1 before stay", "本来就是 1 的轴保持不变")
def ones(given, rng):
    g = rng.normal(size=(1, 2, 1))
    same("gradient for (1, 2, 1)", given.unbroadcast(g, (1, 2, 1)), g)


@exercise.check("it agrees with differences and autograd where both happen", "两种广播同时出现时，与差分、自动微分一致")
def backward(given, rng):
    x, other = rng.normal(size=(3, 1)), rng.normal(size=(2, 3, 3))
    gradients(
        lambda g, x: given.unbroadcast(g * other, (3, 1)),
        lambda g, x: unbroadcast(g * other, (3, 1)),
        lambda x: x * other,
        [x],
        "dx",
        rng,
        autograd=lambda x: x * nn.tensor(other),
    )


def added_only(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    return g


def stretched_only(g, shape):
    if g.ndim > len(shape) and 1 in shape:
        return g[0]
    if g.ndim > len(shape):
        return unbroadcast(g, shape)
    return g.sum(axis=tuple(a for a, n in enumerate(shape) if n == 1), keepdims=True)


def last_axes_away(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=-1)
    return unbroadcast(g, shape) if g.shape != shape else g


exercise.mutant("only added axes", unbroadcast=added_only)
exercise.mutant("from the left", unbroadcast=last_axes_away)
exercise.mutant("the mean", unbroadcast=lambda g, shape: unbroadcast(g, shape) * np.prod(shape, dtype=int) / g.size)
exercise.mutant(
    "not kept",
    unbroadcast=lambda g, shape: (
        g.sum(axis=tuple(a for a, n in enumerate(shape) if n == 1))
        if g.ndim == len(shape) and g.shape != shape
        else unbroadcast(g, shape)
    ),
)
exercise.mutant(
    "all axes of 1 are squeezed",
    unbroadcast=lambda g, shape: g.squeeze() if g.shape == shape else unbroadcast(g, shape),
)
exercise.mutant("the first of the added axes is taken, not summed", unbroadcast=stretched_only)
exercise.mutant("a scalar keeps an axis", unbroadcast=lambda g, shape: unbroadcast(g, shape or (1,)))
