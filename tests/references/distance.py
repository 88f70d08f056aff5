"""Distances, pair by pair."""

import numpy as np


def euclidean(x, other):
    shape = np.broadcast_shapes(x.shape[:-2], other.shape[:-2])
    x, other = (np.broadcast_to(v, (*shape, *v.shape[-2:])) for v in (x, other))
    y = np.zeros((*shape, x.shape[-2], other.shape[-2]))
    for *batch, i, j in np.ndindex(y.shape):
        y[(*batch, i, j)] = np.sqrt(sum((a - b) ** 2 for a, b in zip(x[(*batch, i)], other[(*batch, j)], strict=True)))
    return y


def pull(w, x, other):
    return (w[..., None] * (x[..., :, None, :] - other[..., None, :, :])).sum(-2)


REFERENCES = {"euclidean": euclidean, "pull": pull}
