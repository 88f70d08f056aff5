"""Partial results, one by one."""

import math

import numpy as np

from references.common import gather


def along(function):
    """`function` of each row along an axis: a list in, a list out."""

    def reference(x, dim, reverse=False):
        def row(values):
            found = function(values[::-1].tolist() if reverse else values.tolist())
            return np.array(found[::-1] if reverse else found)

        return np.apply_along_axis(row, dim, x)

    return reference


def partial(function):
    return along(lambda row: [function(row[: k + 1]) for k in range(len(row))])


def linear_recurrence(decay, x, dim, reverse=False):
    y = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        steps = range(x.shape[dim])[:: -1 if reverse else 1]
        total = 0.0
        for k in steps[: steps.index(place[dim]) + 1]:
            here = tuple(k if i == dim % x.ndim else p for i, p in enumerate(place))
            total = decay[here] * total + x[here]
        y[place] = total
    return y


REFERENCES = {
    "held": gather,
    "linear_recurrence": linear_recurrence,
    "others": along(lambda row: [math.prod(row[:i] + row[i + 1 :]) for i in range(len(row))]),
    "cumsum": partial(math.fsum),
    "cumprod": partial(math.prod),
    "logcumsumexp": partial(lambda row: math.log(math.fsum(map(math.exp, row)))),
    "argcummax": partial(lambda row: row.index(max(row))),
    "argcummin": partial(lambda row: row.index(min(row))),
}
