"""What each op computes, written plainly: Python loops and `math`, float64. Slow on purpose, one glance each."""

import itertools
import math

import numpy as np


def elementwise(function):
    return lambda *arrays: np.vectorize(function, otypes=[float])(*np.broadcast_arrays(*arrays)) if arrays else None


def loop_sum(x, dim=None, keepdim=False):
    return over(x, dim, keepdim, lambda values: math.fsum(values))


def over(x, dim, keepdim, function):
    """Apply `function` to the list of elements along `dim`, for every place of the other axes."""
    dims = range(x.ndim) if dim is None else [d % x.ndim for d in ((dim,) if isinstance(dim, int) else dim)]
    result = np.zeros([1 if i in dims else n for i, n in enumerate(x.shape)])
    for place in np.ndindex(result.shape):
        index = tuple(slice(None) if i in dims else p for i, p in enumerate(place))
        result[place] = function(x[index].ravel().tolist())
    return result if keepdim else result.reshape([n for i, n in enumerate(x.shape) if i not in dims])


def place_of(pick):
    return lambda x, dim=None, keepdim=False: over(x, dim, keepdim, lambda values: values.index(pick(values)))


def sum_to_size(x, size):
    result = np.zeros(size)
    for place in np.ndindex(x.shape):
        tail = place[len(place) - len(size) :]
        result[tuple(0 if n == 1 else p for p, n in zip(tail, size, strict=True))] += x[place]
    return result


def softmax_row(values):
    top = max(values)
    e = [math.exp(v - top) for v in values]
    return [v / math.fsum(e) for v in e]


def softmax(x, dim):
    return np.apply_along_axis(lambda row: np.array(softmax_row(row.tolist())), dim, x)


def matmul(x, other):
    batch = np.broadcast_shapes(x.shape[:-2], other.shape[:-2])
    x = np.broadcast_to(x, (*batch, *x.shape[-2:]))
    other = np.broadcast_to(other, (*batch, *other.shape[-2:]))
    y = np.zeros((*batch, x.shape[-2], other.shape[-1]))
    for *b, i, j in np.ndindex(y.shape):
        y[(*b, i, j)] = math.fsum(x[(*b, i, k)] * other[(*b, k, j)] for k in range(x.shape[-1]))
    return y


def linear(x, weight, bias=None):
    y = np.zeros((*x.shape[:-1], len(weight)))
    for *n, o in np.ndindex(y.shape):
        y[(*n, o)] = math.fsum(x[(*n, i)] * weight[o, i] for i in range(x.shape[-1])) + (0 if bias is None else bias[o])
    return y


def conv_terms(x_shape, weight_shape, y_size, stride, padding, dilation, groups=1):
    """Every product in a convolution: the places in x, weight and y that meet."""
    n, _, *size = x_shape
    out_channels, group_channels, *kernel = weight_shape
    for b, o, c in itertools.product(range(n), range(out_channels), range(group_channels)):
        channel = o // (out_channels // groups) * group_channels + c
        for at, k in itertools.product(np.ndindex(*y_size), np.ndindex(*kernel)):
            p = tuple(a * s - q + i * d for a, s, q, i, d in zip(at, stride, padding, k, dilation, strict=True))
            if all(0 <= v < m for v, m in zip(p, size, strict=True)):
                yield (b, channel, *p), (o, c, *k), (b, o, *at)


def conv(x, weight, bias=None, *, stride, padding, dilation, groups=1):
    size = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(x.shape[2:], weight.shape[2:], stride, padding, dilation, strict=True)
    ]
    y = np.zeros((len(x), len(weight), *size))
    for i, w, o in conv_terms(x.shape, weight.shape, size, stride, padding, dilation, groups):
        y[o] += x[i] * weight[w]
    return y if bias is None else y + bias.reshape(-1, *(1,) * len(size))


def conv_input_backward(g, weight, *, input_size, groups=1, **a):
    x = np.zeros((len(g), weight.shape[1] * groups, *input_size))
    for i, w, o in conv_terms(x.shape, weight.shape, g.shape[2:], groups=groups, **a):
        x[i] += g[o] * weight[w]
    return x


def conv_weight_backward(x, g, *, kernel_size, groups=1, **a):
    weight = np.zeros((g.shape[1], x.shape[1] // groups, *kernel_size))
    for i, w, o in conv_terms(x.shape, weight.shape, g.shape[2:], groups=groups, **a):
        weight[w] += g[o] * x[i]
    return weight


def windows(x, output_size, kernel_size, stride, padding, dilation=(1, 1)):
    """For each output: (its place, [(number in the window, place in x) of those inside x])."""
    for place in np.ndindex(*x.shape[:2], *output_size):
        inside = []
        for number, k in enumerate(np.ndindex(*kernel_size)):
            p = tuple(a * s - q + i * d for a, s, q, i, d in zip(place[2:], stride, padding, k, dilation, strict=True))
            if all(0 <= v < m for v, m in zip(p, x.shape[2:], strict=True)):
                inside.append((number, (*place[:2], *p)))
        yield place, inside


def max_pool(x, *, output_size, **a):
    y = np.zeros((*x.shape[:2], *output_size))
    for place, inside in windows(x, output_size, **a):
        y[place] = max(x[p] for _, p in inside)
    return y


def max_pool_backward(g, *, place, input_size, **a):
    x = np.zeros((*g.shape[:2], *input_size))
    for at, inside in windows(x, g.shape[2:], **a):
        for number, p in inside:
            x[p] += g[at] * (number == place[at])
    return x


def max_pool_pick(x, *, place, **a):
    y = np.zeros(place.shape)
    for at, inside in windows(x, place.shape[2:], **a):
        y[at] = sum(x[p] for number, p in inside if number == place[at])
    return y


def divisors(x, output_size, kernel_size, stride, padding, count_include_pad=True, divisor_override=None):
    for place, inside in windows(x, output_size, kernel_size, stride, padding):
        if divisor_override is not None:
            yield place, inside, divisor_override
        elif not count_include_pad:
            yield place, inside, len(inside)
        else:  # the padding counts, what ceil_mode adds beyond it does not
            spans = zip(place[2:], kernel_size, stride, padding, x.shape[2:], strict=True)
            yield place, inside, math.prod(min(a * s - p + k, n + p) - (a * s - p) for a, k, s, p, n in spans)


def avg_pool(x, *, output_size, **a):
    y = np.zeros((*x.shape[:2], *output_size))
    for place, inside, divisor in divisors(x, output_size, **a):
        y[place] = math.fsum(x[p] for _, p in inside) / divisor
    return y


def avg_pool_backward(g, *, input_size, **a):
    x = np.zeros((*g.shape[:2], *input_size))
    for place, inside, divisor in divisors(x, g.shape[2:], **a):
        for _, p in inside:
            x[p] += g[place] / divisor
    return x


def scatter_add(g, index, *, dim, shape):
    x = np.zeros(shape)
    for place in np.ndindex(index.shape):
        x[(*place[: dim % g.ndim], index[place], *place[dim % g.ndim + 1 :])] += g[place]
    return x


def gather(x, index, *, dim):
    y = np.zeros(index.shape)
    for place in np.ndindex(index.shape):
        y[place] = x[(*place[: dim % x.ndim], index[place], *place[dim % x.ndim + 1 :])]
    return y


def nll(x, index, *, dim):
    y = np.zeros(index.shape)
    for place in np.ndindex(index.shape):
        y[place] = -x[(*place[:dim], index[place], *place[dim:])]
    return y


def nll_backward(g, index, *, dim, size):
    x = np.zeros((*g.shape[:dim], size, *g.shape[dim:]))
    for place in np.ndindex(index.shape):
        x[(*place[:dim], index[place], *place[dim:])] = -g[place]
    return x


def getitem_backward(g, *, index, shape):
    numbers = np.arange(math.prod(shape)).reshape(shape)[index]
    x = np.zeros(math.prod(shape))
    for number, value in zip(np.ravel(numbers), np.ravel(g), strict=True):
        x[number] += value
    return x.reshape(shape)


def reindexed(shape_of, source_of):
    """A result of `shape_of(x)` whose element at a place is x at `source_of(place)`."""

    def reference(x, **a):
        y = np.zeros(shape_of(x, **a))
        for place in np.ndindex(y.shape):
            y[place] = x[source_of(place, x, **a)]
        return y

    return reference


def concatenate(*tensors, dim, starts):
    return np.array([row for t in tensors for row in np.moveaxis(t, dim, 0).tolist()]).swapaxes(
        0, dim % tensors[0].ndim
    )


def narrow_backward(g, *, shape, dim, start):
    x = np.zeros(shape)
    for place in np.ndindex(g.shape):
        moved = list(place)
        moved[dim % len(shape)] += start
        x[tuple(moved)] = g[place]
    return x


def bce(p, t):
    return -(t * math.log(p) + (1 - t) * math.log(1 - p))


def swapped(place, x, dim0=-2, dim1=-1):
    place = list(place)
    place[dim0], place[dim1] = place[dim1], place[dim0]
    return tuple(place)


def broadcast(place, x, shape):
    return tuple(0 if n == 1 else p for p, n in zip(place[len(place) - x.ndim :], x.shape, strict=True))


def narrowed(place, x, dim, start, length):
    return tuple(p + start if i == dim % x.ndim else p for i, p in enumerate(place))


def clamped(x, min=None, max=None, at_nan=False):
    return elementwise(lambda v: v if min is None or v > min else min)(
        elementwise(lambda v: v if max is None or v < max else max)(x)
    )


def within(g, x, min=None, max=None, at_bounds=True, at_nan=False):
    return elementwise(lambda u, v: u * ((min is None or v >= min) and (max is None or v <= max)))(g, x)


REFERENCES = {
    "add": elementwise(lambda a, b: a + b),
    "sub": elementwise(lambda a, b: a - b),
    "mul": elementwise(lambda a, b: a * b),
    "div": elementwise(lambda a, b: a / b),
    "neg": elementwise(lambda a: -a),
    "pow": elementwise(lambda a, b: a**b),
    "exp": elementwise(math.exp),
    "log": elementwise(math.log),
    "log1p": elementwise(math.log1p),
    "sqrt": elementwise(math.sqrt),
    "root": elementwise(math.sqrt),
    "sin": elementwise(math.sin),
    "cos": elementwise(math.cos),
    "zeros_like": elementwise(lambda a: 0),
    "sign": elementwise(lambda a: (a > 0) - (a < 0)),
    "abs": elementwise(lambda a: a if a > 0 else -a),
    "wins": elementwise(lambda a, b: (1 + (a > b) - (a < b)) / 2),
    "maximum": elementwise(max),
    "minimum": elementwise(min),
    "clamp": clamped,
    "hardtanh": clamped,
    "clamp_backward": within,
    "where": elementwise(lambda c, a, b: a if c else b),
    "equal": elementwise(lambda a, b: a == b),
    "not_equal": elementwise(lambda a, b: a != b),
    "less": elementwise(lambda a, b: a < b),
    "less_equal": elementwise(lambda a, b: a <= b),
    "greater": elementwise(lambda a, b: a > b),
    "greater_equal": elementwise(lambda a, b: a >= b),
    "logical_and": elementwise(lambda a, b: bool(a) and bool(b)),
    "logical_not": elementwise(lambda a: not a),
    "bitwise_and": elementwise(lambda a, b: a and b),
    "bitwise_or": elementwise(lambda a, b: a or b),
    "bitwise_not": elementwise(lambda a: not a),
    "isnan": elementwise(lambda a: a != a),
    "cast": lambda x, dtype: x,
    "clone": lambda x, row_major=False: x,
    "reshape": lambda x, shape: np.array(x.ravel().tolist()).reshape(shape),
    "permute": reindexed(
        lambda x, dims: [x.shape[d] for d in dims],
        lambda place, x, dims: tuple(place[[d % x.ndim for d in dims].index(i)] for i in range(x.ndim)),
    ),
    "transpose": reindexed(lambda x, dim0=-2, dim1=-1: swapped(x.shape, x, dim0, dim1), swapped),
    "expand": reindexed(lambda x, shape: shape, broadcast),
    "narrow": reindexed(
        lambda x, dim, start, length: [length if i == dim % x.ndim else n for i, n in enumerate(x.shape)], narrowed
    ),
    "narrow_backward": narrow_backward,
    "concatenate": concatenate,
    "sum": loop_sum,
    "amax": lambda x, dim=None, keepdim=False: over(x, dim, keepdim, max),
    "amin": lambda x, dim=None, keepdim=False: over(x, dim, keepdim, min),
    "argmax": place_of(max),
    "argmin": place_of(min),
    "sum_to_size": sum_to_size,
    "getitem": lambda x, index: x[index],
    "getitem_backward": getitem_backward,
    "gather": gather,
    "nll": nll,
    "nll_backward": nll_backward,
    "scatter_add": scatter_add,
    "matmul": matmul,
    "linear": linear,
    "sigmoid": elementwise(lambda a: 1 / (1 + math.exp(-a))),
    "sigmoid_backward": elementwise(lambda g, y: g * y * (1 - y)),
    "tanh": elementwise(math.tanh),
    "tanh_backward": elementwise(lambda g, y: g * (1 - y * y)),
    "relu": elementwise(lambda a: max(a, 0.0)),
    "relu_backward": elementwise(lambda g, y: g if y > 0 else 0.0),
    "softplus": elementwise(lambda a: math.log(1 + math.exp(a))),
    "softmax": softmax,
    "log_softmax": lambda x, dim: elementwise(math.log)(softmax(x, dim)),
    "conv": conv,
    "conv_input_backward": conv_input_backward,
    "conv_weight_backward": conv_weight_backward,
    "max_pool": max_pool,
    "max_pool_backward": max_pool_backward,
    "max_pool_pick": max_pool_pick,
    "avg_pool": avg_pool,
    "avg_pool_backward": avg_pool_backward,
    "mean": lambda x, dim=None, keepdim=False: over(x, dim, keepdim, lambda values: math.fsum(values) / len(values)),
    "mean_squared_error": lambda x, t: np.asarray(np.mean([(a - b) ** 2 for a, b in np.broadcast(x, t)])),
    "linear_weight_backward": lambda x, g: matmul(g.reshape(-1, g.shape[-1]).T, x.reshape(-1, x.shape[-1])),
    "binary_cross_entropy": elementwise(bce),
    "binary_cross_entropy_backward": elementwise(lambda g, p, t: g * (-t / p + (1 - t) / (1 - p))),
}
