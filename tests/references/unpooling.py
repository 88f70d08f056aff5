"""Unpooling, written plainly."""

import numpy as np


def max_unpool(x, index, *, output_size):
    y = np.zeros((*x.shape[:2], *output_size))
    for place in np.ndindex(x.shape):
        y[(*place[:2], *np.unravel_index(index[place], output_size))] = x[place]
    return y


REFERENCES = {"max_unpool": max_unpool}
