"""Folding and unfolding, written plainly."""

import numpy as np


def places(shape, kernel_size, stride, padding, dilation):
    """For each (row in the column, window): the place in an image (C, H, W), or None in the padding."""
    space = [
        range(-p, n + p - d * (k - 1), s)
        for n, k, s, p, d in zip(shape[1:], kernel_size, stride, padding, dilation, strict=True)
    ]
    for row, (c, *k) in enumerate(np.ndindex(shape[0], *kernel_size)):
        for window, start in enumerate((i, j) for i in space[0] for j in space[1]):
            at = [a + i * d for a, i, d in zip(start, k, dilation, strict=True)]
            yield row, window, (c, *at) if all(0 <= a < n for a, n in zip(at, shape[1:], strict=True)) else None


def im2col(x, **a):
    cells = list(places(x.shape[1:], **a))
    y = np.zeros((len(x), 1 + max(row for row, _, _ in cells), 1 + max(window for _, window, _ in cells)))
    for row, window, place in cells:
        if place is not None:
            y[:, row, window] = x[(slice(None), *place)]
    return y


def col2im(x, *, output_size, **a):
    y = np.zeros((len(x), x.shape[1] // int(np.prod(a["kernel_size"])), *output_size))
    for row, window, place in places(y.shape[1:], **a):
        if place is not None:
            y[(slice(None), *place)] += x[:, row, window]
    return y


REFERENCES = {"im2col": im2col, "col2im": col2im}
