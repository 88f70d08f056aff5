"""Resampling, written plainly."""

import numpy as np


def resample(x, *, dim, taps):
    x = np.moveaxis(x, dim, 0)
    y = np.zeros((taps.size, *x.shape[1:]))
    for number, (target, source) in enumerate(zip(taps.target, taps.source, strict=True)):
        y[target] += x[source] * (1 if taps.weight is None else taps.weight[number])
    return np.moveaxis(y, 0, dim)


REFERENCES = {"resample": resample}
