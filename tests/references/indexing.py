"""What the ops that put elements compute, element by element."""

import numpy as np


def setitem(x, values, index):
    y = x.ravel().tolist()
    places = np.arange(x.size).reshape(x.shape)[index]
    for place, value in zip(places.ravel(), np.broadcast_to(values, places.shape).ravel(), strict=True):
        y[place] = value
    return np.array(y).reshape(x.shape)


def scatter_extreme(x, src, index, dim, largest, include_self=True):
    brought = {place: [value] if include_self else [] for place, value in np.ndenumerate(x)}
    for place in np.ndindex(src.shape):
        target = list(place)
        target[dim] = index[place]
        brought[tuple(target)].append(src[place])
    y = x.copy()
    for place, values in brought.items():
        y[place] = (max if largest else min)(values, default=y[place])
    return y


def put_together(*pieces, places, shape):
    y = np.zeros(shape)
    for piece, place in zip(pieces, places, strict=True):
        numbers = np.arange(y.size).reshape(shape)[place]
        for number, value in zip(np.ravel(numbers), np.ravel(piece), strict=True):
            y.ravel()[number] += value
    return y


REFERENCES = {"setitem": setitem, "scatter_extreme": scatter_extreme, "put_together": put_together}
