"""What the ops that move elements compute, element by element."""

import numpy as np


def placed(shape_of, source_of):
    """A result of shape_of(x), whose element at each place is x[source_of(place)], or 0 where that is None."""

    def reference(x, **a):
        y = np.zeros(shape_of(x, **a))
        for place in np.ndindex(y.shape):
            source = source_of(list(place), x, **a)
            y[place] = 0 if source is None else x[tuple(source)]
        return y

    return reference


def flipped(place, x, dims):
    for d in dims:
        place[d] = x.shape[d] - 1 - place[d]
    return place


def rolled(place, x, shifts, dims):
    for s, d in zip(shifts, dims, strict=True):
        place[d] = (place[d] - s) % x.shape[d]
    return place


def diagonal(x, offset=0, dim1=0, dim2=1):
    return np.diagonal(x, offset, dim1, dim2)


def diagonal_backward(g, shape, offset=0, dim1=0, dim2=1):
    y = np.zeros(shape)
    rest = [n for i, n in enumerate(shape) if i not in (dim1 % len(shape), dim2 % len(shape))]
    for place in np.ndindex(*rest, g.shape[-1]):
        target, others = [None] * len(shape), list(place[:-1])
        target[dim1], target[dim2] = place[-1] + max(0, -offset), place[-1] + max(0, offset)
        y[tuple(others.pop(0) if t is None else t for t in target)] = g[place]
    return y


def as_strided(x, size, stride, offset):
    flat = x.reshape(-1)
    y = np.empty(size)
    for place in np.ndindex(*size):
        y[place] = flat[offset + sum(i * step for i, step in zip(place, stride, strict=True))]
    return y


def as_strided_backward(g, shape, stride, offset):
    flat = np.zeros(int(np.prod(shape)))
    for place in np.ndindex(*g.shape):
        flat[offset + sum(i * step for i, step in zip(place, stride, strict=True))] += g[place]
    return flat.reshape(shape)


def unfold(x, dim, size, step):
    starts = range(0, x.shape[dim] - size + 1, step)
    return np.stack([np.moveaxis(np.take(x, range(s, s + size), dim), dim, -1) for s in starts], dim % x.ndim)


def unfold_backward(g, shape, dim, step):
    y = np.zeros(shape)
    for place in np.ndindex(g.shape):
        target = list(place[:-1])
        target[dim] = place[dim % len(shape)] * step + place[-1]
        y[tuple(target)] += g[place]
    return y


REFERENCES = {
    "flip": placed(lambda x, dims: x.shape, flipped),
    "roll": placed(lambda x, shifts, dims: x.shape, rolled),
    "triu": placed(lambda x, **a: x.shape, lambda p, x, diagonal=0: p if p[-1] - p[-2] >= diagonal else None),
    "tril": placed(lambda x, **a: x.shape, lambda p, x, diagonal=0: p if p[-1] - p[-2] <= diagonal else None),
    "diagonal": diagonal,
    "diagonal_backward": diagonal_backward,
    "as_strided": as_strided,
    "as_strided_backward": as_strided_backward,
    "unfold": unfold,
    "unfold_backward": unfold_backward,
}
