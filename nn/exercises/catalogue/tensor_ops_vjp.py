"""The vector-Jacobian products that every tensor library is made of."""

import numpy as np

import nn
from nn.exercises.declaration import Exercise
from nn.exercises.judging import gradients

exercise = Exercise(
    "tensor_ops_vjp",
    title=(
        "Backwards of matmul, sum, reshape, transpose, broadcast",
        "matmul、sum、reshape、transpose、broadcast 的反向",
    ),
    statement=(
        """
        g is the gradient by the result, of the result's shape; each function returns the gradient by its input.
        matmul_vjp(g, a, b): (da, db) of a @ b, for matrices and for stacks of them of equal shape, (..., n, k) @ (..., k, m).
        sum_vjp(g, x, axis, keepdims): of x.sum(axis, keepdims=keepdims); axis is None, a number or a tuple.
        reshape_vjp(g, x): of x.reshape(g.shape).   transpose_vjp(g, x, axes): of x.transpose(axes).
        broadcast_vjp(g, x): of np.broadcast_to(x, g.shape).
        """,
        """
        g 是对结果的梯度，与结果同形状；各函数返回对输入的梯度。
        matmul_vjp(g, a, b)：a @ b 的 (da, db)，支持矩阵和形状相同的成批矩阵 (..., n, k) @ (..., k, m)。
        sum_vjp(g, x, axis, keepdims)：x.sum(axis, keepdims=keepdims) 的反向；axis 为 None、整数或元组。
        reshape_vjp(g, x)：x.reshape(g.shape) 的反向。   transpose_vjp(g, x, axes)：x.transpose(axes) 的反向。
        broadcast_vjp(g, x)：np.broadcast_to(x, g.shape) 的反向。
        """,
    ),
    derivation="""
        y = a @ b:          da = g @ b^T,  db = a^T @ g           (the last two axes exchanged)
        y = x.sum(axis):    every summed element gets g
        y = x.reshape(s):   g.reshape(x.shape)
        y = x.transpose(p): y's axis i is x's axis p[i];  back with the inverse permutation, argsort(p)
        y = broadcast(x):   an element that was copied gets the sum over its copies
        sum and broadcast are each other's backward
    """,
    hints=[
        ("Shapes leave only one possibility for the product.", "从形状就能推出唯一可能的乘法。"),
        (
            "For a sum without keepdims, put the summed axes back first: np.expand_dims.",
            "sum 没有 keepdims 时，先用 np.expand_dims 把求和的轴补回来。",
        ),
        ("The inverse of a permutation is np.argsort(axes).", "排列的逆是 np.argsort(axes)。"),
    ],
    level=2,
)


@exercise.reference
def matmul_vjp(g, a, b):
    """g (..., n, m), a (..., n, k), b (..., k, m) -> da (..., n, k), db (..., k, m)"""
    return g @ np.swapaxes(b, -1, -2), np.swapaxes(a, -1, -2) @ g


@exercise.reference
def sum_vjp(g, x, axis=None, keepdims=False):
    """g (...), x (...) -> dx (...)"""
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, x.shape).copy()


@exercise.reference
def reshape_vjp(g, x):
    """g (...), x (...) -> dx (...)"""
    return g.reshape(x.shape)


@exercise.reference
def transpose_vjp(g, x, axes):
    """g (...), x (...) -> dx (...)"""
    return g.transpose(np.argsort(axes))


@exercise.reference
def broadcast_vjp(g, x):
    """g (...), x (...) -> dx (...)"""
    g = g.sum(axis=tuple(range(g.ndim - x.ndim)))
    stretched = tuple(axis for axis, n in enumerate(x.shape) if n == 1 and g.shape[axis] > 1)
    return g.sum(axis=stretched, keepdims=True)


@exercise.check("matmul, of matrices and of stacks, agrees three ways", "matmul（单个与成批）三者一致")
def matmul(given, rng):
    for lead in ((), (2,)):
        inputs = [rng.normal(size=(*lead, 3, 3)), rng.normal(size=(*lead, 3, 3))]
        gradients(given.matmul_vjp, matmul_vjp, lambda a, b: a @ b, inputs, "da db", rng, autograd=lambda a, b: a @ b)


def one(own, closed, forward, autograd, x, rng):
    gradients(own, closed, forward, [x], "dx", rng, autograd=autograd)


@exercise.check("sum, over no, one and several axes, agrees three ways", "sum（不同的轴）三者一致")
def total(given, rng):
    x = rng.normal(size=(3, 3, 3))
    for axis, keep in ((None, False), (1, False), (-1, False), ((0, 2), False), (1, True)):
        one(
            lambda g, x, a=axis, k=keep: given.sum_vjp(g, x, a, k),
            lambda g, x, a=axis, k=keep: sum_vjp(g, x, a, k),
            lambda x, a=axis, k=keep: x.sum(a, keepdims=k),
            lambda x, a=axis, k=keep: x.sum() if a is None else x.sum(a, keepdim=k),
            x,
            rng,
        )


@exercise.check("reshape agrees three ways", "reshape 三者一致")
def reshape(given, rng):
    one(
        given.reshape_vjp,
        reshape_vjp,
        lambda x: x.reshape(2, 6),
        lambda x: x.reshape(2, 6),
        rng.normal(size=(3, 4)),
        rng,
    )


@exercise.check("transpose agrees three ways", "transpose 三者一致")
def transpose(given, rng):
    one(
        lambda g, x: given.transpose_vjp(g, x, (1, 2, 0)),
        lambda g, x: transpose_vjp(g, x, (1, 2, 0)),
        lambda x: x.transpose(1, 2, 0),
        lambda x: x.permute(1, 2, 0),
        rng.normal(size=(3, 3, 3)),
        rng,
    )


@exercise.check("broadcast agrees three ways", "broadcast 三者一致")
def broadcast(given, rng):
    for shape in ((3,), (3, 1), (1, 3, 1), (3, 3)):
        x = rng.normal(size=shape)
        one(
            given.broadcast_vjp,
            broadcast_vjp,
            lambda x: np.broadcast_to(x, (2, 3, 3)),
            lambda x: nn.broadcast_to(x, (2, 3, 3)),
            x,
            rng,
        )


exercise.mutant("the untransposed matrices", matmul_vjp=lambda g, a, b: (g @ b, a @ g))
exercise.mutant(".T, which turns the stack round too", matmul_vjp=lambda g, a, b: (g @ b.T, a.T @ g))
exercise.mutant("the factors exchanged", matmul_vjp=lambda g, a, b: matmul_vjp(g, a, b)[::-1])
exercise.mutant(
    "without the axes that were summed",
    sum_vjp=lambda g, x, axis=None, keepdims=False: np.broadcast_to(g, x.shape).copy(),
)
exercise.mutant(
    "divided by the number of elements",
    sum_vjp=lambda g, x, axis=None, keepdims=False: sum_vjp(g, x, axis, keepdims) / x.size * np.size(g),
)
exercise.mutant("transposed instead of reshaped", reshape_vjp=lambda g, x: g.T.reshape(x.shape))
exercise.mutant("left in its shape", reshape_vjp=lambda g, x: g)
exercise.mutant("the same permutation again", transpose_vjp=lambda g, x, axes: g.transpose(axes))
exercise.mutant("all axes reversed", transpose_vjp=lambda g, x, axes: g.T)
exercise.mutant("only added axes are summed", broadcast_vjp=lambda g, x: g.sum(tuple(range(g.ndim - x.ndim))))
exercise.mutant("the first copy alone", broadcast_vjp=lambda g, x: broadcast_vjp(g[:1], x))
