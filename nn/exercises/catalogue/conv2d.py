"""Convolution, and the size of its output."""

import numpy as np

from nn import from_numpy
from nn import functional as F
from nn.exercises.declaration import Exercise
from nn.exercises.judging import same

exercise = Exercise(
    "conv2d",
    title=("Two-dimensional convolution", "二维卷积"),
    statement=(
        """
        conv2d_size(n, k, stride, padding): the output's length along one axis, from n elements and a kernel of k.
        conv2d(x, weight, bias, stride, padding): x (N, C, H, W), weight (O, C, kh, kw), bias (O,); zeros are padded on
        all four sides. As everywhere in deep learning the kernel is not flipped (a cross-correlation).
        """,
        """
        conv2d_size(n, k, stride, padding)：某一轴上长度为 n、卷积核长度为 k 时的输出长度。
        conv2d(x, weight, bias, stride, padding)：x (N, C, H, W)，weight (O, C, kh, kw)，bias (O,)；四周补零。
        与深度学习的惯例一样，卷积核不翻转（即互相关）。
        """,
    ),
    derivation="""
        y[n, o, i, j] = bias[o] + sum over c, a, b of  xp[n, c, i * stride + a, j * stride + b] * weight[o, c, a, b]
        xp is x with `padding` zeros on each side
        the last window starts at i * stride <= n + 2 * padding - k:   H' = (n + 2 * padding - k) // stride + 1
        28 -> 3x3 VALID 26 -> pool 13 -> 3x3 VALID 11 -> pool 5: the article's 7 * 7 * 64 needs padding 1
    """,
    hints=[
        (
            "np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))) pads the last two axes.",
            "np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))) 只填充最后两个轴。",
        ),
        (
            "Two loops over the output's rows and columns, and one einsum or tensordot for each window.",
            "对输出的行、列各一层循环，每个窗口用一次 einsum 或 tensordot。",
        ),
        ("The window of output row i starts at i * stride.", "输出第 i 行的窗口从 i * stride 开始。"),
    ],
    level=2,
)


@exercise.reference
def conv2d_size(n, k, stride=1, padding=0):
    """n, k -> n'"""
    return (n + 2 * padding - k) // stride + 1


@exercise.reference
def conv2d(x, weight, bias, stride=1, padding=0):
    """x (N, C, H, W), weight (O, C, kh, kw), bias (O,) -> y (N, O, H', W')"""
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kh, kw = weight.shape[2:]
    rows = conv2d_size(x.shape[2], kh, stride, padding)
    columns = conv2d_size(x.shape[3], kw, stride, padding)
    y = np.zeros((len(x), len(weight), rows, columns))
    for i in range(rows):
        for j in range(columns):
            window = xp[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            y[:, :, i, j] = np.einsum("ncab,ocab->no", window, weight) + bias
    return y


def expected(x, weight, bias, stride=1, padding=0):
    return F.conv2d(from_numpy(x), from_numpy(weight), from_numpy(bias), stride, padding).numpy()


def drawn(rng, kernel=(3, 2)):
    return rng.normal(size=(2, 3, 6, 5)), rng.normal(size=(4, 3, *kernel)), rng.normal(size=4)


@exercise.check("the size of the output is right", "输出尺寸正确")
def sizes(given, rng):
    got = [given.conv2d_size(*a) for a in ((28, 3), (28, 3, 1, 1), (7, 3, 2, 0), (8, 3, 2, 1), (5, 5, 1, 0))]
    same("sizes", got, [26, 28, 3, 4, 1])


@exercise.check(
    "windows, channels and bias are summed rightly",
    "窗口、通道和偏置的求和正确",
    shared="stride and padding are checked on the same windows",
)
def plain(given, rng):
    inputs = drawn(rng)
    same("y", given.conv2d(*inputs), expected(*inputs))


@exercise.check("so with stride", "带步长时也正确")
def stride(given, rng):
    inputs = drawn(rng)
    same("y for stride 2", given.conv2d(*inputs, 2, 0), expected(*inputs, 2, 0))


@exercise.check("so with padding", "带填充时也正确")
def padding(given, rng):
    inputs = drawn(rng)
    same("y for padding 1", given.conv2d(*inputs, 1, 1), expected(*inputs, 1, 1))


exercise.mutant("rounded up", conv2d_size=lambda n, k, stride=1, padding=0: -(-(n + 2 * padding - k) // stride) + 1)
exercise.mutant("padding counted once", conv2d_size=lambda n, k, stride=1, padding=0: (n + padding - k) // stride + 1)
exercise.mutant("the 1 is missing", conv2d_size=lambda n, k, stride=1, padding=0: (n + 2 * padding - k) // stride)
exercise.mutant(
    "the kernel is flipped",
    conv2d=lambda x, w, b, stride=1, padding=0: conv2d(x, w[:, :, ::-1, ::-1], b, stride, padding),
)
exercise.mutant(
    "the bias for every channel",
    conv2d=lambda x, w, b, stride=1, padding=0: conv2d(x, w, b * w.shape[1], stride, padding),
)
exercise.mutant(
    "kernel height and width exchanged",
    conv2d=lambda x, w, b, stride=1, padding=0: conv2d(x, w.transpose(0, 1, 3, 2), b, stride, padding),
)
exercise.mutant(
    "the stride moves only the count",
    conv2d=lambda x, w, b, stride=1, padding=0: conv2d(x, w, b, 1, padding)[
        :,
        :,
        : conv2d_size(x.shape[2], w.shape[2], stride, padding),
        : conv2d_size(x.shape[3], w.shape[3], stride, padding),
    ],
)
exercise.mutant("the stride is ignored", conv2d=lambda x, w, b, stride=1, padding=0: conv2d(x, w, b, 1, padding))
exercise.mutant(
    "the edge is repeated, not zero",
    conv2d=lambda x, w, b, stride=1, padding=0: conv2d(
        np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode="edge"), w, b, stride
    ),
)
exercise.mutant(
    "padding on one side alone",
    conv2d=lambda x, w, b, stride=1, padding=0: conv2d(
        np.pad(x, ((0, 0), (0, 0), (0, 2 * padding), (0, 2 * padding))), w, b, stride
    ),
)
