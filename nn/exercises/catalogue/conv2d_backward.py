"""The backward of a convolution, by im2col and col2im."""

import numpy as np

from nn import functional as F
from nn.exercises.declaration import Exercise
from nn.exercises.judging import gradients, same

exercise = Exercise(
    "conv2d_backward",
    title=("The backward of convolution", "卷积的反向"),
    statement=(
        """
        For y = conv2d(x, weight, bias, stride, padding) of the exercise conv2d:
        im2col(x, kh, kw, stride, padding) returns (N, H', W', C, kh, kw): the window of each output place.
        col2im(columns, shape, stride, padding) is its transpose: it returns an array of x's shape (N, C, H, W), into
        which every element of every window is added at the place it was taken from.
        conv2d_backward(g, x, weight, bias, stride, padding) returns (dx, dweight, dbias).
        """,
        """
        对练习 conv2d 中的 y = conv2d(x, weight, bias, stride, padding)：
        im2col(x, kh, kw, stride, padding) 返回 (N, H', W', C, kh, kw)：每个输出位置对应的窗口。
        col2im(columns, shape, stride, padding) 是它的转置：返回与 x 同形状 (N, C, H, W) 的数组，
        把每个窗口的每个元素加回它原来所在的位置。
        conv2d_backward(g, x, weight, bias, stride, padding) 返回 (dx, dweight, dbias)。
        """,
    ),
    derivation="""
        columns[n, i, j, c, a, b] = xp[n, c, i * stride + a, j * stride + b]
        y[n, o, i, j] = bias[o] + sum over c, a, b of  columns[n, i, j, c, a, b] * weight[o, c, a, b]
        dweight[o, c, a, b] = sum over n, i, j of  g[n, o, i, j] * columns[n, i, j, c, a, b]
        dcolumns[n, i, j, c, a, b] = sum over o of  g[n, o, i, j] * weight[o, c, a, b]
        dx = col2im(dcolumns):  windows overlap, and each one adds its share
        dbias[o] = sum over n, i, j of  g[n, o, i, j]
    """,
    hints=[
        (
            "With im2col the convolution is a matrix product, whose backward you know.",
            "用 im2col 之后，卷积就是矩阵乘法，它的反向你已经会了。",
        ),
        (
            "An element of x lies in several windows: add, do not assign.",
            "x 的一个元素会出现在多个窗口里：要累加，不能覆盖。",
        ),
        (
            "Loop over the kernel's places a, b: dxp[:, :, a : a + stride * H' : stride, ...] += ...",
            "对卷积核位置 a、b 循环：dxp[:, :, a : a + stride * H' : stride, ...] += ...",
        ),
    ],
    level=3,
)


@exercise.reference
def im2col(x, kh, kw, stride=1, padding=0):
    """x (N, C, H, W) -> (N, H', W', C, kh, kw)"""
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(xp, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    return windows.transpose(0, 2, 3, 1, 4, 5).copy()


@exercise.reference
def col2im(columns, shape, stride=1, padding=0):
    """columns (N, H', W', C, kh, kw), shape (N, C, H, W) -> (N, C, H, W)"""
    n, c, height, width = shape
    _, rows, cols, _, kh, kw = columns.shape
    xp = np.zeros((n, c, height + 2 * padding, width + 2 * padding))
    for a in range(kh):
        for b in range(kw):
            places = xp[:, :, a : a + stride * rows : stride, b : b + stride * cols : stride]
            places += columns[:, :, :, :, a, b].transpose(0, 3, 1, 2)
    return xp[:, :, padding : padding + height, padding : padding + width]


@exercise.reference
def conv2d_backward(g, x, weight, bias, stride=1, padding=0):
    """g (N, O, H', W'), x (N, C, H, W), weight (O, C, kh, kw), bias (O,) -> dx, dweight, dbias"""
    columns = im2col(x, *weight.shape[2:], stride, padding)
    dweight = np.einsum("noij,nijcab->ocab", g, columns)
    dcolumns = np.einsum("noij,ocab->nijcab", g, weight)
    return col2im(dcolumns, x.shape, stride, padding), dweight, g.sum(axis=(0, 2, 3))


@exercise.helper
def conv2d(x, weight, bias, stride=1, padding=0):
    """x (N, C, H, W), weight (O, C, kh, kw), bias (O,) -> y (N, O, H', W')"""
    columns = im2col(x, *weight.shape[2:], stride, padding)
    return np.einsum("nijcab,ocab->noij", columns, weight) + bias[:, None, None]


OPTIONS = [(1, 0), (1, 1), (2, 1), (2, 0)]


@exercise.check("im2col takes the right windows", "im2col 取出的窗口正确")
def windows(given, rng):
    x = rng.normal(size=(2, 2, 4, 5))
    for stride, padding in OPTIONS:
        same(
            f"columns for stride {stride}, padding {padding}",
            given.im2col(x, 3, 2, stride, padding),
            im2col(x, 3, 2, stride, padding),
        )


@exercise.check("col2im adds every element where im2col took it", "col2im 把元素加回 im2col 取出的位置")
def transpose(given, rng):
    for stride, padding in OPTIONS:
        columns = rng.normal(size=im2col(np.zeros((2, 2, 4, 5)), 3, 2, stride, padding).shape)
        same(
            f"result for stride {stride}, padding {padding}",
            given.col2im(columns, (2, 2, 4, 5), stride, padding),
            col2im(columns, (2, 2, 4, 5), stride, padding),
        )


@exercise.check("the backward agrees three ways, without stride and padding", "无步长无填充时，反向三者一致")
def plain(given, rng):
    gradients(given.conv2d_backward, conv2d_backward, conv2d, drawn(rng), "dx dweight dbias", rng, autograd=F.conv2d)


@exercise.check("so with stride and padding", "带步长和填充时也一致")
def strided(given, rng):
    for stride, padding in OPTIONS[1:]:
        gradients(
            lambda g, *i, s=stride, p=padding: given.conv2d_backward(g, *i, s, p),
            lambda g, *i, s=stride, p=padding: conv2d_backward(g, *i, s, p),
            lambda *i, s=stride, p=padding: conv2d(*i, s, p),
            drawn(rng),
            "dx dweight dbias",
            rng,
            autograd=lambda *i, s=stride, p=padding: F.conv2d(*i, s, p),
        )


def drawn(rng):
    return [rng.normal(size=(2, 2, 4, 3)), rng.normal(size=(2, 2, 3, 3)), rng.normal(size=2)]


def assigning(columns, shape, stride=1, padding=0):
    n, c, height, width = shape
    _, rows, cols, _, kh, kw = columns.shape
    xp = np.zeros((n, c, height + 2 * padding, width + 2 * padding))
    for a in range(kh):
        for b in range(kw):
            xp[:, :, a : a + stride * rows : stride, b : b + stride * cols : stride] = columns[
                :, :, :, :, a, b
            ].transpose(0, 3, 1, 2)
    return xp[:, :, padding : padding + height, padding : padding + width]


def not_flipped(g, x, weight, bias, stride=1, padding=0):
    dx, dweight, dbias = conv2d_backward(g, x, weight, bias, stride, padding)
    if stride > 1 or padding:
        return dx, dweight, dbias
    return col2im(np.einsum("noij,ocab->nijcab", g, weight[:, :, ::-1, ::-1]), x.shape), dweight, dbias


exercise.mutant(
    "channels last in the window",
    im2col=lambda x, kh, kw, stride=1, padding=0: np.moveaxis(im2col(x, kh, kw, stride, padding), 3, -1),
)
exercise.mutant("the stride is ignored", im2col=lambda x, kh, kw, stride=1, padding=0: im2col(x, kh, kw, 1, padding))
exercise.mutant("assigned, not added", col2im=assigning)
exercise.mutant(
    "the padding is not cut off",
    col2im=lambda columns, shape, stride=1, padding=0: col2im(
        columns, (*shape[:2], shape[2] + 2 * padding, shape[3] + 2 * padding), stride, 0
    ),
)
exercise.mutant(
    "the padding is cut off at the wrong end",
    col2im=lambda columns, shape, stride=1, padding=0: col2im(
        columns, (*shape[:2], shape[2] + 2 * padding, shape[3] + 2 * padding), stride, 0
    )[:, :, : shape[2], : shape[3]],
)
exercise.mutant("the kernel turned round", conv2d_backward=not_flipped)
exercise.mutant(
    "relu's mask in between, as in the article",
    conv2d_backward=lambda g, x, w, b, stride=1, padding=0: (
        conv2d_backward(g * (conv2d(x, w, b, stride, padding) > 0), x, w, b, stride, padding)
        if stride == 1 and not padding
        else conv2d_backward(g, x, w, b, stride, padding)
    ),
)
exercise.mutant(
    "stride and padding are ignored",
    conv2d_backward=lambda g, x, w, b, stride=1, padding=0: (
        (np.zeros_like(x), *conv2d_backward(g, x, w, b, stride, padding)[1:])
        if stride > 1
        else conv2d_backward(g, x, w, b, stride, padding)
    ),
)
exercise.mutant(
    "dbias averaged over the batch",
    conv2d_backward=lambda g, x, w, b, stride=1, padding=0: (
        *conv2d_backward(g, x, w, b, stride, padding)[:2],
        g.sum((2, 3)).mean(0),
    ),
)
