"""Max-pooling, and where its gradient goes."""

import numpy as np

from nn import functional as F
from nn.exercises.declaration import THREE_WAYS, VALUES, Exercise
from nn.exercises.judging import distinct, gradients, same

exercise = Exercise(
    "max_pool2d",
    title=("Max-pooling", "最大池化"),
    statement=(
        """
        max_pool2d(x, size): x (N, C, H, W) -> (N, C, H // size, W // size), the maximum of each window of size * size,
        without overlap. Rows and columns that fill no window are left out.
        max_pool2d_backward(g, x, size) returns dx: each gradient goes to the element that was the maximum, to
        the first one in reading order where several are equal; everything else gets 0.
        """,
        """
        max_pool2d(x, size)：x (N, C, H, W) -> (N, C, H // size, W // size)，每个 size * size 窗口取最大值，窗口不重叠。
        凑不满一个窗口的行和列舍去。
        max_pool2d_backward(g, x, size) 返回 dx：每个梯度传给当时取得最大值的元素；若有多个相等，
        传给按阅读顺序的第一个；其余为 0。
        """,
    ),
    derivation="""
        y = x[k]   with   k = argmax of the window
        dy / dx[k] = 1,   0 for the others
    """,
    hints=[
        (
            "Reshape to (N, C, H', size, W', size) and bring both window axes to the end.",
            "reshape 成 (N, C, H', size, W', size)，再把两个窗口轴移到最后。",
        ),
        (
            "argmax gives the first maximum; comparing with the maximum marks all of them.",
            "argmax 给出第一个最大值；与最大值比较则会标出所有相等的。",
        ),
    ],
    level=2,
)


@exercise.helper
def windows_of(x, size):
    """x (N, C, H, W) -> (N, C, H', W', size * size)"""
    n, c, height, width = x.shape
    rows, columns = height // size, width // size
    x = x[:, :, : rows * size, : columns * size].reshape(n, c, rows, size, columns, size)
    return x.transpose(0, 1, 2, 4, 3, 5).reshape(n, c, rows, columns, size * size)


@exercise.reference
def max_pool2d(x, size):
    """x (N, C, H, W) -> y (N, C, H', W')"""
    return windows_of(x, size).max(axis=-1)


@exercise.reference
def max_pool2d_backward(g, x, size):
    """g (N, C, H', W'), x (N, C, H, W) -> dx (N, C, H, W)"""
    dx = np.zeros_like(x)
    n, c, i, j = np.indices(g.shape)
    first = windows_of(x, size).argmax(axis=-1)
    dx[n, c, i * size + first // size, j * size + first % size] = g
    return dx


@exercise.check(*VALUES)
def values(given, rng):
    x = distinct(rng, 2, 2, 4, 6)
    same("y", given.max_pool2d(x, 2), x.reshape(2, 2, 2, 2, 3, 2).max((3, 5)))
    same("y of negative numbers", given.max_pool2d(-np.ones((1, 1, 2, 2)), 2), [[[[-1.0]]]])


@exercise.check("rows and columns that fill no window are left out", "凑不满窗口的行列被舍去")
def rest(given, rng):
    x = distinct(rng, 1, 1, 5, 7)
    same("y", given.max_pool2d(x, 3), max_pool2d(x, 3))
    same("dx", given.max_pool2d_backward(np.ones((1, 1, 1, 2)), x, 3), max_pool2d_backward(np.ones((1, 1, 1, 2)), x, 3))


@exercise.check(*THREE_WAYS)
def backward(given, rng):
    gradients(
        lambda g, x: given.max_pool2d_backward(g, x, 2),
        lambda g, x: max_pool2d_backward(g, x, 2),
        lambda x: max_pool2d(x, 2),
        [distinct(rng, 2, 2, 4, 4)],
        "dx",
        rng,
        autograd=lambda x: F.max_pool2d(x, 2),
    )


@exercise.check("of equal maxima the first one gets the gradient", "多个最大值相等时，第一个得到梯度")
def ties(given, rng):
    x = np.array([[[[0.0, 0.0], [0.0, 0.0]]], [[[1.0, 2.0], [2.0, 0.0]]]])
    dx = given.max_pool2d_backward(np.array([[[[3.0]]], [[[5.0]]]]), x, 2)
    same("dx", dx, [[[[3.0, 0.0], [0.0, 0.0]]], [[[0.0, 5.0], [0.0, 0.0]]]])


def spread(g, x, size):
    dx = np.zeros_like(x)
    rows, columns = g.shape[2:]
    dx[:, :, : rows * size, : columns * size] = np.kron(g, np.ones((size, size))) / size**2
    return dx


def all_maxima(g, x, size):
    dx, (rows, columns) = np.zeros_like(x), g.shape[2:]
    inside = x[:, :, : rows * size, : columns * size]
    up = lambda a: np.repeat(np.repeat(a, size, 2), size, 3)
    dx[:, :, : rows * size, : columns * size] = up(g) * (inside == up(max_pool2d(x, size)))
    return dx


def first_channel(g, x, size):
    return max_pool2d_backward(g, np.broadcast_to(x[:, :1], x.shape), size)


def padded(x, size):
    if x.shape[2] % size == 0 and x.shape[3] % size == 0:
        return max_pool2d(x, size)
    up = [(0, 0), (0, 0), (0, -x.shape[2] % size), (0, -x.shape[3] % size)]
    return max_pool2d(np.pad(x, up, constant_values=-np.inf), size)


exercise.mutant("the mean", max_pool2d=lambda x, size: windows_of(x, size).mean(-1))
exercise.mutant(
    "a start of zero, so that negative maxima are lost", max_pool2d=lambda x, size: np.maximum(max_pool2d(x, size), 0)
)
exercise.mutant(
    "a plain reshape into windows",
    max_pool2d=lambda x, size: (
        x[:, :, : x.shape[2] // size * size, : x.shape[3] // size * size]
        .reshape(*x.shape[:2], x.shape[2] // size, x.shape[3] // size, -1)
        .max(-1)
    ),
)
exercise.mutant("the rest gets a window of its own", max_pool2d=padded)
exercise.mutant("spread evenly, as for the mean", max_pool2d_backward=spread)
exercise.mutant("to all equal maxima", max_pool2d_backward=all_maxima)
exercise.mutant(
    "times the maximum",
    max_pool2d_backward=lambda g, x, size: max_pool2d_backward(
        g * (max_pool2d(x, size) if (g != 1).all() else 1), x, size
    ),
)
exercise.mutant("relu's mask", max_pool2d_backward=lambda g, x, size: max_pool2d_backward(g, x, size) * (x > 0))
exercise.mutant("the places of the first channel for all", max_pool2d_backward=first_channel)
