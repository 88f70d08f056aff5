"""Kernels as one would write them first, in plain NumPy: nn/kernels/README.md shows each beside the fast one.

They are the references of `tests/test_naive_kernels.py`, and `time_kernels.py` measures what each trick is worth.
"""

import math

import numpy as np

from nn.kernels.error_function import erf


def conv(x, weight):
    """Every window as a column, all columns at once, one product: (N, C, H, W), (O, C, k, k) -> (N, O, H', W')."""
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(2, 3))  # (N, C, H', W', k, k)
    columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, weight[0].size)  # (N H' W', C k k)
    y = columns @ weight.reshape(len(weight), -1).T  # (N H' W', O)
    return y.reshape(len(x), *windows.shape[2:4], -1).transpose(0, 3, 1, 2)


def conv_by_taps(x, weight):
    """A product for each pixel of the filter: (N, C, H, W), (O, C, k, k) -> (N, O, H', W')."""
    k = weight.shape[-1]
    height, width = x.shape[2] - k + 1, x.shape[3] - k + 1
    y = 0
    for i in range(k):
        for j in range(k):
            y = y + np.tensordot(weight[:, :, i, j], x[:, :, i : i + height, j : j + width], (1, 1))  # (O, N, H', W')
    return y.swapaxes(0, 1)


def strided_input_backward(g, weight):
    """What each tap gives is added to pixels two apart: (N, O, H', W'), (O, C, k, k) -> (N, C, H, W)."""
    n, _, height, width = g.shape
    c, k = weight.shape[1:3]
    x = np.zeros((n, c, 2 * height - 2 + k, 2 * width - 2 + k), g.dtype)
    for i in range(k):
        for j in range(k):
            part = np.tensordot(g, weight[:, :, i, j], (1, 0))  # (N, H', W', C)
            x[:, :, i : i + 2 * height - 1 : 2, j : j + 2 * width - 1 : 2] += part.transpose(0, 3, 1, 2)
    return x


def max_pool(x):
    """The largest of each window of 2 by 2, and its place there: (N, C, H, W) -> (N, C, H/2, W/2), twice."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(2, 3))[:, :, ::2, ::2]
    windows = windows.reshape(*windows.shape[:4], 4)
    place = windows.argmax(axis=-1)
    return np.take_along_axis(windows, place[..., None], -1)[..., 0], place


def relu_backward(g, y):
    return np.where(y > 0, g, 0)


def gelu(x):
    """x F(x) and its slope F(x) + x f(x), every pass over the whole array."""
    share = 0.5 * (1 + erf(x / math.sqrt(2)))
    density = np.exp(-0.5 * x**2) / math.sqrt(2 * math.pi)
    return x * share, share + x * density


def lstm(gates, weight, state):
    """The states after each step, each step's gates cut into pieces, its states joined: (T, N, 4 H) -> (T, N, 2 H)."""
    h, c = np.split(state, 2, axis=1)
    states = []
    for given in gates:
        i, f, g, o = np.split(given + h @ weight.T, 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-a)) for a in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        states.append(np.concatenate([h, c], axis=1))
    return np.stack(states)


def total(x):
    return np.add.reduce(x, axis=0)


def add_rows(g, index, rows):
    out = np.zeros((rows, g.shape[1]), g.dtype)
    np.add.at(out, index, g)
    return out


def add_rows_of_bags(g, index, rows):
    """The row of each bag once for every place in it: (B, D), (B, N) -> (rows, D)."""
    each = np.repeat(g, index.shape[1], axis=0)
    return add_rows(each, index.reshape(-1), rows)


def running_best(x):
    """Where the largest up to each element of a row is."""
    n = x.shape[1]
    new = x == np.maximum.accumulate(x, axis=1)
    return np.maximum.accumulate(np.where(new, np.arange(n), 0), axis=1)


def largest_of_windows(x, places):
    """Entry by entry along each axis, what is larger so far: (N, C, H, W) -> its place in the image (N, C, H', W')."""
    index = np.arange(x.shape[2])[:, None] * x.shape[3] + np.arange(x.shape[3])
    y, index = x, np.broadcast_to(index, x.shape)
    for axis in (3, 2):
        best, found = (v.take(places[axis - 2][:, 0], axis=axis) for v in (y, index))
        for column in places[axis - 2].T[1:]:
            part, place = (v.take(column, axis=axis) for v in (y, index))
            larger = part > best
            best, found = np.where(larger, part, best), np.where(larger, place, found)
        y, index = best, found
    return index


def incomplete_gamma(a, x):
    """The integral of t^(a-1) e^-t from 0 to x over Gamma(a), by Gauss and Legendre's rule in u, with t = x u^2."""
    points, weights = np.polynomial.legendre.leggauss(60)
    total = 0
    for u, w in zip((points + 1) / 2, weights / 2, strict=True):
        total = total + w * u ** (2 * a - 1) * np.exp(-x * u**2)
    return 2 * np.exp(a * np.log(x) - np.vectorize(math.lgamma)(a)) * total


def pseudoinverse(x):
    """V diag(1 / s) U^T of the decomposition x = U diag(s) V^T."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return (vh.T / s) @ u.T


def cube(x):
    return np.power(x, np.float32(3))


def product(x, other):
    """(B, N, K) @ (K, M): NumPy makes B products."""
    return np.matmul(x, other)


def adam(p, g, m, v, t):
    """One step on the whole array; returns what a step without temporaries writes in place."""
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    p = p - 1e-3 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return p, m, v


def pieces(rows):
    """The gradient of a matrix that was cut into rows: each row in zeros of the whole, and all of these added up."""
    total = 0
    for i, row in enumerate(rows):
        whole = np.zeros((len(rows), len(row)), row.dtype)
        whole[i] = row
        total = total + whole
    return total


def short_rows(x):
    return np.add.reduce(x, axis=1)


def distances(x, other):
    """(P, M), (R, M) -> (P, R) through all differences, (P, R, M)."""
    return np.sqrt(((x[:, None] - other) ** 2).sum(-1))


def remainder(x, other):
    return np.remainder(x, other)


def gather(x, index):
    """x[index[i, j], j] for all i and j."""
    return x[index, np.arange(x.shape[1])]
