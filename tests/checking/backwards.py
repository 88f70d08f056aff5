"""Forwards with their backwards in plain NumPy: right ones in many styles, and wrong ones as people really write them.

Each family is one forward, the shapes of its inputs, its right backwards, and its wrong ones with the words that a
report must contain to count as having named the mistake. `table.py` runs them all and prints the totals.
"""

from typing import Any, NamedTuple

import numpy as np


class Wrong(NamedTuple):
    """A wrong backward, and words of which the report must hold one."""

    backward: Any
    words: tuple
    forward: Any = None


class Right(NamedTuple):
    """A right backward, with a forward of its own if it needs one."""

    backward: Any
    forward: Any = None


class Family(NamedTuple):
    """A forward, the shapes of its float inputs, integer inputs that follow, and backwards."""

    forward: Any
    shapes: tuple
    right: dict
    wrong: dict
    integers: tuple = ()


EPS = 1e-5


# -- elementwise -----------------------------------------------------------------------------------------------------


def relu(x):
    return np.maximum(x, 0)


def relu_in_place(g, x):
    dx = g.copy()
    dx[x <= 0] = 0
    return dx


def relu_by_loops(g, x):
    dx = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        dx[place] = g[place] if x[place] > 0 else 0.0
    return dx


def mutates_g_relu(g, x):
    g[x <= 0] = 0
    return g


RELU = Family(
    relu,
    ((4, 4),),
    right={
        "mask": Right(lambda g, x: g * (x > 0)),
        "where": Right(lambda g, x: np.where(x > 0, g, 0.0)),
        "in place on its own copy": Right(relu_in_place),
        "loops": Right(relu_by_loops),
        "one at zero": Right(lambda g, x: g * (x >= 0)),
        "half at zero": Right(lambda g, x: g * np.heaviside(x, 0.5)),
        "forward by multiplication": Right(lambda g, x: g * (x > 0), lambda x: x * (x > 0)),
    },
    wrong={
        "no mask": Wrong(lambda g, x: g, ("activation", "unchanged")),
        "the forward of g": Wrong(lambda g, x: np.maximum(g, 0), ("linear in g",)),
        "mask on g": Wrong(lambda g, x: g * (g > 0), ("linear in g",)),
        "times x": Wrong(lambda g, x: g * np.maximum(x, 0), ("computes g * y",)),
        "ignores g": Wrong(lambda g, x: (x > 0).astype(float), ("ignores",)),
        "mask the other way": Wrong(lambda g, x: g * (x < 0), ("x < 0",)),
        "changes g": Wrong(mutates_g_relu, ("changes its upstream gradient",)),
    },
)


def leaky(x):
    return np.where(x > 0, x, 0.1 * x)


LEAKY = Family(
    leaky,
    ((4, 4),),
    right={
        "where": Right(lambda g, x: np.where(x > 0, g, 0.1 * g)),
        "slope": Right(lambda g, x: g * (0.1 + 0.9 * (x > 0))),
    },
    wrong={
        "zero on the left": Wrong(lambda g, x: g * (x > 0), ("computes g * (x > 0)", "x < 0")),
        "slope forgotten on the left": Wrong(lambda g, x: np.where(x > 0, g, 0.02 * g), ("x < 0",)),
        "slope on both sides": Wrong(lambda g, x: 0.1 * g, ("x > 0",)),
    },
)


def tanh_own_buffer(g, x):
    out = np.tanh(x)
    np.multiply(out, out, out=out)
    np.subtract(1, out, out=out)
    out *= g
    return out


def tanh_changes_g(g, x):
    y = np.tanh(x)
    g *= 1 - y**2
    return g * (1 - y**2)


TANH = Family(
    np.tanh,
    ((3, 5),),
    right={
        "of y": Right(lambda g, x: g * (1 - np.tanh(x) ** 2)),
        "by cosh": Right(lambda g, x: g / np.cosh(np.clip(x, -300, 300)) ** 2),
        "buffer": Right(tanh_own_buffer),
    },
    wrong={
        "no square": Wrong(lambda g, x: g * (1 - np.tanh(x)), ("1 - y",)),
        "of x": Wrong(lambda g, x: g * (1 - x**2), ("1 - x**2",)),
        "missing": Wrong(lambda g, x: g, ("derivative of the activation", "unchanged")),
        "twice": Wrong(lambda g, x: g * (1 - np.tanh(x) ** 2) ** 2, ("twice",)),
        "sign": Wrong(lambda g, x: g * (np.tanh(x) ** 2 - 1), ("sign",)),
        "changes g and uses it again": Wrong(tanh_changes_g, ("changes its upstream gradient",)),
    },
)


def sigmoid(x):
    return 0.5 * (1 + np.tanh(x / 2))


SIGMOID = Family(
    sigmoid,
    ((4, 3),),
    right={
        "of y": Right(lambda g, x: g * sigmoid(x) * (1 - sigmoid(x))),
        "by exp": Right(lambda g, x: g * np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))) ** 2),
        "by both": Right(lambda g, x: g * sigmoid(x) * sigmoid(-x), lambda x: 1 / (1 + np.exp(-x))),
    },
    wrong={
        "of x": Wrong(lambda g, x: g * x * (1 - x), ("x * (1 - x)",)),
        "1 - y alone": Wrong(lambda g, x: g * (1 - sigmoid(x)), ("1 - y",)),
        "y alone": Wrong(lambda g, x: g * sigmoid(x), ("g * y",)),
        "of tanh": Wrong(lambda g, x: g * (1 - sigmoid(x) ** 2), ("1 - y**2",)),
        "sigmoid taken twice": Wrong(
            lambda g, x: g * sigmoid(sigmoid(x)) * (1 - sigmoid(sigmoid(x))), ("depends on", "sigmoid")
        ),
    },
)

GELU_C = np.sqrt(2 / np.pi)


def gelu(x):
    return 0.5 * x * (1 + np.tanh(GELU_C * (x + 0.044715 * x**3)))


def gelu_backward(g, x, cube=3 * 0.044715, product=True):
    t = np.tanh(GELU_C * (x + 0.044715 * x**3))
    return g * (0.5 * (1 + t) + product * 0.5 * x * (1 - t**2) * GELU_C * (1 + cube * x**2))


GELU = Family(
    gelu,
    ((3, 4),),
    right={"product rule": Right(gelu_backward)},
    wrong={
        "one term of the product": Wrong(lambda g, x: gelu_backward(g, x, product=False), ("depends on",)),
        "cube's 3 forgotten": Wrong(lambda g, x: gelu_backward(g, x, cube=0.044715), ("depends on",)),
        "of the quick form": Wrong(
            lambda g, x: g * (sigmoid(1.702 * x) + 1.702 * x * sigmoid(1.702 * x) * sigmoid(-1.702 * x)),
            ("depends on",),
        ),
    },
)

SQUARE = Family(
    lambda x: 0.5 * x**2,
    ((5,),),
    right={"x": Right(lambda g, x: g * x), "half of two": Right(lambda g, x: 0.5 * 2 * g * x)},
    wrong={
        "two too many": Wrong(lambda g, x: 2 * g * x, ("factor of 2",)),
        "ignores g": Wrong(lambda g, x: x, ("ignores",)),
        "x and g swapped in a product with a sign": Wrong(lambda g, x: g * np.abs(x), ("x < 0", "negative")),
    },
)


# -- softmax ---------------------------------------------------------------------------------------------------------


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def softmax_backward(g, x):
    p = softmax(x)
    return p * (g - (g * p).sum(axis=-1, keepdims=True))


def softmax_jacobian(g, x):
    dx = np.zeros_like(x)
    for i, p in enumerate(softmax(x)):
        dx[i] = (np.diag(p) - np.outer(p, p)) @ g[i]
    return dx


def softmax_einsum(g, x):
    p = softmax(x)
    return p * g - np.einsum("ni,nj,nj->ni", p, p, g)


def softmax_fused(g, x):
    p = softmax(x)
    p *= g - np.einsum("ij,ij->i", g, p)[:, None]
    return p


class SoftmaxLayer:
    def forward(self, x):
        self.p = softmax(x)
        return self.p.copy()

    def backward(self, g):
        return self.p * (g - (self.p * g).sum(1, keepdims=True))


def of_layer(layer):
    return Right(lambda g, *inputs: layer.backward(g), layer.forward)


SOFTMAX = Family(
    softmax,
    ((4, 4),),
    right={
        "usual": Right(softmax_backward),
        "jacobian": Right(softmax_jacobian),
        "einsum": Right(softmax_einsum),
        "fused": Right(softmax_fused),
        "class": of_layer(SoftmaxLayer()),
        "without the maximum": Right(softmax_backward, lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)),
    },
    wrong={
        "diagonal": Wrong(lambda g, x: g * softmax(x) * (1 - softmax(x)), ("diagonal",)),
        "sum over the batch": Wrong(
            lambda g, x: softmax(x) * (g - (g * softmax(x)).sum(axis=0, keepdims=True)), ("sum",)
        ),
        "sum over everything": Wrong(lambda g, x: softmax(x) * (g - (g * softmax(x)).sum()), ("sum",)),
        "no sum": Wrong(lambda g, x: softmax(x) * g, ("sum",)),
        "sign": Wrong(lambda g, x: -softmax_backward(g, x), ("sign",)),
        "g and x swapped": Wrong(lambda g, x: softmax_backward(x, g), ("swapped",)),
        "zeros": Wrong(lambda g, x: np.zeros_like(x), ("zero",)),
        "mean for sum": Wrong(lambda g, x: softmax(x) * (g - (g * softmax(x)).mean(axis=-1, keepdims=True)), ("sum",)),
        "sum without p": Wrong(lambda g, x: softmax(x) * (g - g.sum(axis=-1, keepdims=True)), ("sum",)),
    },
)


def log_softmax(x):
    z = x - x.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def log_softmax_loops(g, x):
    dx = np.empty_like(x)
    for row, (gr, xr) in enumerate(zip(g, x, strict=True)):
        p = np.exp(xr - xr.max()) / np.exp(xr - xr.max()).sum()
        dx[row] = gr - p * sum(gr)
    return dx


LOG_SOFTMAX = Family(
    log_softmax,
    ((4, 4),),
    right={
        "usual": Right(lambda g, x: g - softmax(x) * g.sum(-1, keepdims=True)),
        "of y": Right(lambda g, x: g - np.exp(log_softmax(x)) * g.sum(axis=1)[:, None]),
        "loops": Right(log_softmax_loops),
    },
    wrong={
        "of softmax": Wrong(softmax_backward, ("gradient of softmax",)),
        "no sum": Wrong(lambda g, x: g - softmax(x) * g, ("sum", "diagonal")),
        "passes g on": Wrong(lambda g, x: g, ("unchanged", "sum")),
        "y for its exponential": Wrong(lambda g, x: g - log_softmax(x) * g.sum(-1, keepdims=True), ("sum",)),
        "sum over the batch": Wrong(lambda g, x: g - softmax(x) * g.sum(0, keepdims=True), ("sum",)),
        "right for one hot g": Wrong(lambda g, x: g - softmax(x), ("does not depend on g", "linear")),
    },
)


# -- normalisation ---------------------------------------------------------------------------------------------------


def layer_norm(x, weight, bias):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + EPS) * weight + bias


def layer_norm_backward(g, x, weight, bias, mean=True, variance=True, scale=True, squared=False):
    inverse = 1 / np.sqrt(x.var(-1, keepdims=True) + EPS)
    normal = (x - x.mean(-1, keepdims=True)) * inverse
    d = g * weight if scale else g
    dx = d
    if mean:
        dx = dx - d.mean(-1, keepdims=True)
    if variance:
        dx = dx - normal * (d * normal).mean(-1, keepdims=True)
    return dx * (inverse**2 if squared else inverse), (g * normal).sum(0), g.sum(0)


def layer_norm_long(g, x, weight, bias):
    n = x.shape[-1]
    mu = x.mean(-1, keepdims=True)
    var = ((x - mu) ** 2).sum(-1, keepdims=True) / n
    inverse = (var + EPS) ** -0.5
    dnormal = g * weight
    dvar = (dnormal * (x - mu)).sum(-1, keepdims=True) * -0.5 * (var + EPS) ** -1.5
    dmu = -(dnormal * inverse).sum(-1, keepdims=True) + dvar * (-2 * (x - mu)).mean(-1, keepdims=True)
    dx = dnormal * inverse + dvar * 2 * (x - mu) / n + dmu / n
    return dx, np.einsum("ij,ij->j", g, (x - mu) * inverse), np.einsum("ij->j", g)


LAYER_NORM = Family(
    layer_norm,
    ((4, 6), (6,), (6,)),
    right={
        "closed": Right(layer_norm_backward),
        "step by step": Right(layer_norm_long),
        "list": Right(lambda g, *inputs: list(layer_norm_backward(g, *inputs))),
    },
    wrong={
        "statistics as constants": Wrong(
            lambda g, *i: layer_norm_backward(g, *i, mean=False, variance=False), ("mean", "variance")
        ),
        "no path through the mean": Wrong(lambda g, *i: layer_norm_backward(g, *i, mean=False), ("mean",)),
        "no path through the variance": Wrong(lambda g, *i: layer_norm_backward(g, *i, variance=False), ("variance",)),
        "weight forgotten": Wrong(lambda g, *i: layer_norm_backward(g, *i, scale=False), ("weight", "depends on")),
        "weight averaged": Wrong(
            lambda g, *i: (lambda d: (d[0], d[1] / len(g), d[2]))(layer_norm_backward(g, *i)), ("1/4",)
        ),
        "bias and weight swapped": Wrong(
            lambda g, *i: (lambda d: (d[0], d[2], d[1]))(layer_norm_backward(g, *i)), ("order", "by input")
        ),
        "weight not summed": Wrong(lambda g, x, w, b: (layer_norm_backward(g, x, w, b)[0], g * x, g), ("shape",)),
    },
)


def batch_norm(x, weight, bias):
    return (x - x.mean(0)) / np.sqrt(x.var(0) + EPS) * weight + bias


def batch_norm_backward(g, x, weight, bias, mean=True, variance=True, n=None):
    n = n or len(x)
    inverse = 1 / np.sqrt(x.var(0) + EPS)
    normal = (x - x.mean(0)) * inverse
    d = g * weight
    dx = d - mean * d.sum(0) / n - variance * normal * (d * normal).sum(0) / n
    return dx * inverse, (g * normal).sum(0), g.sum(0)


def batch_norm_fused(g, x, weight, bias):
    n = len(x)
    inverse = 1 / np.sqrt(x.var(axis=0) + EPS)
    normal = (x - x.mean(axis=0)) * inverse
    dweight, dbias = np.einsum("nc,nc->c", g, normal), np.ones(n) @ g
    return weight * inverse / n * (n * g - dbias - normal * dweight), dweight, dbias


class BatchNormLayer:
    def forward(self, x, weight, bias):
        self.weight, self.inverse = weight, (x.var(0, keepdims=True) + EPS) ** -0.5
        self.normal = (x - x.mean(0, keepdims=True)) * self.inverse
        return self.normal * weight + bias

    def backward(self, g):
        d = g * self.weight
        d -= d.mean(0)
        d -= self.normal * (d * self.normal).mean(0)
        return d * self.inverse, (g * self.normal).sum(0), g.sum(0)


BATCH_NORM = Family(
    batch_norm,
    ((5, 4), (4,), (4,)),
    right={
        "closed": Right(batch_norm_backward),
        "fused": Right(batch_norm_fused),
        "class": of_layer(BatchNormLayer()),
    },
    wrong={
        "statistics as constants": Wrong(
            lambda g, *i: batch_norm_backward(g, *i, mean=False, variance=False), ("mean", "variance")
        ),
        "no path through the variance": Wrong(lambda g, *i: batch_norm_backward(g, *i, variance=False), ("variance",)),
        "unbiased": Wrong(lambda g, *i: batch_norm_backward(g, *i, n=4), ("mean", "variance")),
        "bias averaged": Wrong(lambda g, *i: (*batch_norm_backward(g, *i)[:2], g.mean(0)), ("1/5",)),
        "in evaluation mode": Wrong(
            lambda g, x, w, b: (g * w / np.sqrt(x.var(0) + EPS), *batch_norm_backward(g, x, w, b)[1:]),
            ("mean", "variance"),
        ),
    },
)


# -- linear ----------------------------------------------------------------------------------------------------------


def linear(x, weight, bias):
    return x @ weight.T + bias


def linear_loops(g, x, weight, bias):
    dx, dweight, dbias = np.zeros_like(x), np.zeros_like(weight), np.zeros_like(bias)
    for n in range(len(x)):
        for o in range(len(weight)):
            dx[n] += g[n, o] * weight[o]
            dweight[o] += g[n, o] * x[n]
            dbias[o] += g[n, o]
    return dx, dweight, dbias


LINEAR = Family(
    linear,
    ((4, 4), (4, 4), (4,)),
    right={
        "matrix products": Right(lambda g, x, w, b: (g @ w, g.T @ x, g.sum(0))),
        "einsum": Right(
            lambda g, x, w, b: (np.einsum("no,oi->ni", g, w), np.einsum("no,ni->oi", g, x), np.einsum("no->o", g))
        ),
        "loops": Right(linear_loops),
        "transposed product": Right(lambda g, x, w, b: ((w.T @ g.T).T, (x.T @ g).T, np.ones(len(g)) @ g)),
        "tensordot": Right(
            lambda g, x, w, b: (np.tensordot(g, w, (1, 0)), np.tensordot(g, x, (0, 0)), np.add.reduce(g, axis=0))
        ),
    },
    wrong={
        "dx transposed weight": Wrong(lambda g, x, w, b: (g @ w.T, g.T @ x, g.sum(0)), ("transposed",)),
        "dweight transposed": Wrong(lambda g, x, w, b: (g @ w, x.T @ g, g.sum(0)), ("transposed",)),
        "dweight averaged": Wrong(lambda g, x, w, b: (g @ w, g.T @ x / len(x), g.sum(0)), ("1/4",)),
        "dbias not summed": Wrong(lambda g, x, w, b: (g @ w, g.T @ x, g), ("sum",)),
        "dbias summed over the other axis": Wrong(lambda g, x, w, b: (g @ w, g.T @ x, g.sum(1)), ("axis",)),
        "dbias keeps its axis": Wrong(lambda g, x, w, b: (g @ w, g.T @ x, g.sum(0, keepdims=True)), ("shape",)),
        "dbias of ones": Wrong(lambda g, x, w, b: (g @ w, g.T @ x, np.full_like(b, len(g))), ("ignores", "constant")),
        "x and weight swapped": Wrong(lambda g, x, w, b: (g.T @ x, g @ w, g.sum(0)), ("order", "by input")),
        "None for the bias": Wrong(lambda g, x, w, b: (g @ w, g.T @ x, None), ("None",)),
        "one gradient too few": Wrong(lambda g, x, w, b: (g @ w, g.T @ x), ("got 2",)),
        "weight decay inside": Wrong(lambda g, x, w, b: (g @ w, g.T @ x + 0.1 * w, g.sum(0)), ("depend on g",)),
    },
)


def scale_and_shift(x, a, b):
    return x * a + b


BROADCAST = Family(
    scale_and_shift,
    ((3, 4), (4,), (3, 1)),
    right={
        "sums": Right(lambda g, x, a, b: (g * a, (g * x).sum(0), g.sum(1, keepdims=True))),
        "reshaped": Right(lambda g, x, a, b: (g * a, np.einsum("ij,ij->j", g, x), g.sum(1).reshape(b.shape))),
    },
    wrong={
        "no sum over the broadcast axis": Wrong(lambda g, x, a, b: (g * a, g * x, g.sum(1, keepdims=True)), ("sum",)),
        "keepdims forgotten": Wrong(lambda g, x, a, b: (g * a, (g * x).sum(0), g.sum(1)), ("shape",)),
        "mean over the broadcast axis": Wrong(
            lambda g, x, a, b: (g * a, (g * x).mean(0), g.sum(1, keepdims=True)), ("1/3",)
        ),
    },
)

DIVIDE = Family(
    lambda x, y: x / (y * y + 1),
    ((3, 3), (3, 3)),
    right={
        "quotient rule": Right(lambda g, x, y: (g / (y * y + 1), -g * x * 2 * y / (y * y + 1) ** 2)),
        "tuple of two lines": Right(lambda g, x, y: [g * (1 + y**2) ** -1, -2 * g * x * y * (1 + y**2) ** -2]),
    },
    wrong={
        "sign of the quotient rule": Wrong(
            lambda g, x, y: (g / (y * y + 1), g * x * 2 * y / (y * y + 1) ** 2), ("sign",)
        ),
        "square of the quotient rule": Wrong(
            lambda g, x, y: (g / (y * y + 1), -g * x * 2 * y / (y * y + 1)), ("depends on",)
        ),
        "the inner derivative": Wrong(lambda g, x, y: (g / (y * y + 1), -g * x / (y * y + 1) ** 2), ("depends on",)),
    },
)


def mean_squared(x, t):
    return ((x - t) ** 2).mean()


MSE = Family(
    mean_squared,
    ((4, 3), (4, 3)),
    right={
        "usual": Right(lambda g, x, t: (g * 2 * (x - t) / x.size, -g * 2 * (x - t) / x.size)),
        "other order": Right(lambda g, x, t: (lambda d: (d, -d))(g * (2.0 / x.size) * (x - t))),
    },
    wrong={
        "2 forgotten": Wrong(lambda g, x, t: (g * (x - t) / x.size, -g * (x - t) / x.size), ("1/2", "0.5")),
        "N forgotten": Wrong(lambda g, x, t: (g * 2 * (x - t), -g * 2 * (x - t)), ("12",)),
        "batch size for N": Wrong(lambda g, x, t: (g * 2 * (x - t) / len(x), -g * 2 * (x - t) / len(x)), ("3",)),
        "ignores g": Wrong(lambda g, x, t: (2 * (x - t) / x.size, -2 * (x - t) / x.size), ("ignores",)),
        "sign of the target": Wrong(lambda g, x, t: (g * 2 * (x - t) / x.size, g * 2 * (x - t) / x.size), ("sign",)),
    },
)


# -- losses over classes, embedding ----------------------------------------------------------------------------------


def cross_entropy(x, target):
    return -log_softmax(x)[np.arange(len(target)), target].mean()


def cross_entropy_backward(g, x, target):
    d = softmax(x)
    d[np.arange(len(target)), target] -= 1
    return g * d / len(target)


CLASSES = np.array([1, 0, 3, 1])

CROSS_ENTROPY = Family(
    cross_entropy,
    ((4, 4),),
    right={
        "in place on its own": Right(cross_entropy_backward),
        "one hot": Right(lambda g, x, t: g * (softmax(x) - np.eye(4)[t]) / len(x)),
        "through log_softmax": Right(
            lambda g, x, t: LOG_SOFTMAX.right["usual"].backward(-g * np.eye(4)[t] / len(x), x)
        ),
    },
    wrong={
        "not divided by the batch": Wrong(lambda g, x, t: g * (softmax(x) - np.eye(4)[t]), ("factor of 4",)),
        "ignores g": Wrong(lambda g, x, t: (softmax(x) - np.eye(4)[t]) / len(x), ("ignores",)),
        "sign": Wrong(lambda g, x, t: g * (np.eye(4)[t] - softmax(x)) / len(x), ("sign",)),
        "target not subtracted": Wrong(lambda g, x, t: g * softmax(x) / len(x), ("wrong elements", "only")),
        "softmax over the batch": Wrong(lambda g, x, t: g * (softmax(x, 0) - np.eye(4)[t]) / len(x), ("axis", "row")),
        "softmax left out": Wrong(lambda g, x, t: g * (x - np.eye(4)[t]) / len(x), ("x", "depends")),
    },
    integers=(CLASSES,),
)

INDEX = np.array([0, 2, 2, 1, 2, 0])


def embedding(weight, index):
    return weight[index]


def embedding_backward(g, weight, index):
    d = np.zeros_like(weight)
    np.add.at(d, index, g)
    return d


def embedding_assigned(g, weight, index):
    d = np.zeros_like(weight)
    d[index] = g
    return d


def embedding_loops(g, weight, index):
    d = np.zeros(weight.shape)
    for row, place in zip(g, index, strict=True):
        d[place] += row
    return d


def embedding_averaged(g, weight, index):
    return embedding_backward(g, weight, index) / np.maximum(np.bincount(index, minlength=len(weight)), 1)[:, None]


EMBEDDING = Family(
    embedding,
    ((4, 4),),
    right={
        "add.at": Right(embedding_backward),
        "one hot": Right(lambda g, w, i: np.eye(len(w))[i].T @ g),
        "loops": Right(embedding_loops),
    },
    wrong={
        "assigned": Wrong(embedding_assigned, ("more than once",)),
        "+= with an index": Wrong(
            lambda g, w, i: (lambda d: (d.__setitem__(i, d[i] + g), d)[1])(np.zeros_like(w)), ("more than once",)
        ),
        "averaged over the count": Wrong(embedding_averaged, ("more than once",)),
        "counts": Wrong(
            lambda g, w, i: np.ones_like(w) * np.bincount(i, minlength=len(w))[:, None], ("ignores", "constant")
        ),
        "of the batch's shape": Wrong(lambda g, w, i: g, ("shape",)),
    },
    integers=(INDEX,),
)


# -- convolution and pooling -----------------------------------------------------------------------------------------


def windows(x, k):
    return np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))


def conv(x, weight, bias):
    return np.einsum("nchwij,ocij->nohw", windows(x, weight.shape[-1]), weight) + bias[:, None, None]


def conv_backward(g, x, weight, bias, flip=True, swap=True):
    k = weight.shape[-1]
    padded = np.pad(g, ((0, 0), (0, 0), (k - 1, k - 1), (k - 1, k - 1)))
    kernel = weight[:, :, ::-1, ::-1] if flip else weight
    dx = np.einsum("nohwij,ocij->nchw", windows(padded, k), kernel)
    return dx, np.einsum("nchwij,nohw->ocij", windows(x, k), g), g.sum((0, 2, 3))


def conv_loops(g, x, weight, bias):
    dx, dweight, dbias = np.zeros_like(x), np.zeros_like(weight), np.zeros_like(bias)
    k = weight.shape[-1]
    for n, o, i, j in np.ndindex(g.shape):
        dx[n, :, i : i + k, j : j + k] += g[n, o, i, j] * weight[o]
        dweight[o] += g[n, o, i, j] * x[n, :, i : i + k, j : j + k]
        dbias[o] += g[n, o, i, j]
    return dx, dweight, dbias


def conv_columns(g, x, weight, bias):
    k, o = weight.shape[-1], weight.shape[0]
    columns = windows(x, k).transpose(0, 2, 3, 1, 4, 5).reshape(-1, weight[0].size)
    flat = g.transpose(0, 2, 3, 1).reshape(-1, o)
    dcolumns = (flat @ weight.reshape(o, -1)).reshape(len(x), *g.shape[2:], x.shape[1], k, k)
    dx = np.zeros_like(x)
    for i in range(g.shape[2]):
        for j in range(g.shape[3]):
            dx[:, :, i : i + k, j : j + k] += dcolumns[:, i, j]
    return dx, (flat.T @ columns).reshape(weight.shape), flat.sum(axis=0)


def changed(backward, index, change):
    """The backward with one of its gradients changed."""

    def wrong(g, *inputs):
        gradients = list(backward(g, *inputs))
        gradients[index] = change(gradients[index], g, *inputs)
        return gradients

    return wrong


CONV = Family(
    conv,
    ((2, 2, 4, 4), (2, 2, 3, 3), (2,)),
    right={
        "rotated kernel": Right(conv_backward),
        "loops": Right(conv_loops),
        "columns": Right(conv_columns),
    },
    wrong={
        "kernel not rotated": Wrong(lambda g, *i: conv_backward(g, *i, flip=False), ("not rotated",)),
        "weight's gradient rotated": Wrong(
            changed(conv_backward, 1, lambda d, *_: d[:, :, ::-1, ::-1]), ("flipped", "rotated")
        ),
        "channels swapped": Wrong(changed(conv_backward, 1, lambda d, *_: d.swapaxes(0, 1)), ("transposed",)),
        "bias averaged": Wrong(changed(conv_backward, 2, lambda d, g, *_: g.mean((0, 2, 3))), ("1/8",)),
        "bias summed over the image alone": Wrong(
            changed(conv_backward, 2, lambda d, g, *_: g.sum((2, 3))), ("shape", "sum")
        ),
        "weight averaged over the batch": Wrong(changed(conv_backward, 1, lambda d, *_: d / 2), ("1/2",)),
        "the border left out": Wrong(
            changed(conv_backward, 0, lambda d, *_: np.pad(d[:, :, 1:-1, 1:-1], ((0, 0), (0, 0), (1, 1), (1, 1)))),
            ("border", "only"),
        ),
    },
)


def blocks(x):
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).swapaxes(3, 4).reshape(n, c, h // 2, w // 2, 4)


def unblocked(b):
    n, c, h, w, _ = b.shape
    return b.reshape(n, c, h, w, 2, 2).swapaxes(3, 4).reshape(n, c, 2 * h, 2 * w)


def max_pool(x):
    return blocks(x).max(-1)


def max_pool_backward(g, x):
    b = blocks(x)
    return unblocked(np.eye(4)[b.argmax(-1)] * g[..., None])


def max_pool_loops(g, x):
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(g.shape):
        window = x[n, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        a, b = np.unravel_index(window.argmax(), (2, 2))
        dx[n, c, 2 * i + a, 2 * j + b] += g[n, c, i, j]
    return dx


def max_pool_shared(g, x):
    b = blocks(x)
    mask = b == b.max(-1, keepdims=True)
    return unblocked(mask / mask.sum(-1, keepdims=True) * g[..., None])


MAX_POOL = Family(
    max_pool,
    ((1, 2, 4, 4),),
    right={
        "first of a tie": Right(max_pool_backward),
        "loops": Right(max_pool_loops),
        "a tie shared": Right(max_pool_shared),
    },
    wrong={
        "spread as an average": Wrong(
            lambda g, x: unblocked(np.repeat(g[..., None], 4, -1) / 4), ("as for an average",)
        ),
        "spread over the window": Wrong(lambda g, x: unblocked(np.repeat(g[..., None], 4, -1)), ("spread",)),
        "the first pixel": Wrong(
            lambda g, x: unblocked(np.eye(4)[np.zeros_like(g, int)] * g[..., None]), ("another element",)
        ),
        "the minimum": Wrong(lambda g, x: max_pool_backward(g, -x), ("another element",)),
        "value for gradient": Wrong(lambda g, x: max_pool_backward(max_pool(x), x), ("ignores",)),
        "times the maximum": Wrong(lambda g, x: max_pool_backward(g * max_pool(x), x), ("by the output",)),
    },
)

AVG_POOL = Family(
    lambda x: blocks(x).mean(-1),
    ((1, 2, 4, 4),),
    right={
        "repeated": Right(lambda g, x: g.repeat(2, 2).repeat(2, 3) / 4),
        "kron": Right(lambda g, x: np.kron(g, np.full((1, 1, 2, 2), 0.25))),
    },
    wrong={
        "not divided": Wrong(lambda g, x: g.repeat(2, 2).repeat(2, 3), ("factor of 4",)),
        "divided by the side": Wrong(lambda g, x: g.repeat(2, 2).repeat(2, 3) / 2, ("factor of 2",)),
        "tiled for repeated": Wrong(lambda g, x: np.tile(g, (1, 1, 2, 2)) / 4, ("wrong places",)),
        "one pixel": Wrong(lambda g, x: unblocked(np.eye(4)[np.zeros_like(g, int)] * g[..., None]), ("zero in",)),
    },
)


# -- attention and a recurrent cell ----------------------------------------------------------------------------------


def attention(q, k, v):
    return softmax(q @ k.T / np.sqrt(q.shape[-1])) @ v


def attention_backward(g, q, k, v, scale=True, diagonal=False, transposed=True):
    root = np.sqrt(q.shape[-1])
    a = softmax(q @ k.T / root)
    da = g @ v.T
    ds = da * a * (1 - a) if diagonal else a * (da - (da * a).sum(-1, keepdims=True))
    if scale:
        ds = ds / root
    return ds @ k, (ds.T if transposed else ds) @ q, a.T @ g


def attention_einsum(g, q, k, v):
    d = q.shape[1]
    a = softmax(np.einsum("id,jd->ij", q, k) * d**-0.5)
    da = np.einsum("ie,je->ij", g, v)
    ds = (a * da - a * np.einsum("ij,ij->i", a, da)[:, None]) * d**-0.5
    return np.einsum("ij,jd->id", ds, k), np.einsum("ij,id->jd", ds, q), np.einsum("ij,ie->je", a, g)


ATTENTION = Family(
    attention,
    ((4, 4), (4, 4), (4, 4)),
    right={"matrix products": Right(attention_backward), "einsum": Right(attention_einsum)},
    wrong={
        "scale forgotten": Wrong(lambda g, *i: attention_backward(g, *i, scale=False), ("factor of 2",)),
        "softmax's diagonal": Wrong(lambda g, *i: attention_backward(g, *i, diagonal=True), ("diagonal", "softmax")),
        "key's scores not transposed": Wrong(
            lambda g, *i: attention_backward(g, *i, transposed=False), ("transposed", "is right")
        ),
        "value by a instead of its transpose": Wrong(
            lambda g, q, k, v: (*attention_backward(g, q, k, v)[:2], softmax(q @ k.T / 2) @ g), ("transposed",)
        ),
        "query and key swapped": Wrong(
            lambda g, *i: (lambda d: (d[1], d[0], d[2]))(attention_backward(g, *i)), ("order", "by input")
        ),
    },
)


def lstm_cell(x, h, c, weight, bias):
    i, f, u, o = np.split(np.concatenate([x, h], 1) @ weight + bias, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(u)
    return sigmoid(o) * np.tanh(c), c


def lstm_backward(g, x, h, c, weight, bias, cell=True, tanh=True, forget="c", gate=True):
    dh, dc = g
    joined = np.concatenate([x, h], 1)
    i, f, u, o = np.split(joined @ weight + bias, 4, axis=1)
    i, f, u, o = sigmoid(i), sigmoid(f), np.tanh(u), sigmoid(o)
    new = f * c + i * u
    dnew = dh * o * (1 - np.tanh(new) ** 2 if tanh else 1) + (dc if cell else 0)
    di, df, du, do = dnew * u, dnew * (c if forget == "c" else new), dnew * i, dh * np.tanh(new)
    d = np.concatenate([di * i * (1 - i), df * f * (1 - f), du * (1 - u**2), do * (o * (1 - o) if gate else 1)], 1)
    djoined = d @ weight.T
    n = x.shape[1]
    return djoined[:, :n], djoined[:, n:], dnew * f, joined.T @ d, d.sum(0)


class LSTMCell:
    def forward(self, x, h, c, weight, bias):
        self.inputs = x, h, c, weight, bias
        return lstm_cell(*self.inputs)

    def backward(self, g):
        return lstm_backward(g, *self.inputs)


LSTM = Family(
    lstm_cell,
    ((2, 3), (2, 3), (2, 3), (6, 12), (12,)),
    right={"gates": Right(lstm_backward), "class": of_layer(LSTMCell())},
    wrong={
        "gradient by the cell forgotten": Wrong(lambda g, *i: lstm_backward(g, *i, cell=False), ("output 1", "[1]")),
        "tanh of the cell forgotten": Wrong(lambda g, *i: lstm_backward(g, *i, tanh=False), ("[0]", "output 0")),
        "new cell for the old": Wrong(lambda g, *i: lstm_backward(g, *i, forget="new"), ("only", "axis")),
        "output gate's derivative forgotten": Wrong(lambda g, *i: lstm_backward(g, *i, gate=False), ("only", "[0]")),
        "hidden and cell swapped": Wrong(
            lambda g, *i: (lambda d: (d[0], d[2], d[1], *d[3:]))(lstm_backward(g, *i)), ("order", "by input")
        ),
    },
)


def normalize(x):
    return x / np.sqrt((x**2).sum(-1, keepdims=True) + 1e-3)


def normalize_backward(g, x):
    n = np.sqrt((x**2).sum(-1, keepdims=True) + 1e-3)
    y = x / n
    return (g - y * (g * y).sum(-1, keepdims=True)) / n


NORMALIZE = Family(
    normalize,
    ((3, 5),),
    right={"projection": Right(normalize_backward)},
    wrong={
        "norm as a constant": Wrong(lambda g, x: g / np.sqrt((x**2).sum(-1, keepdims=True) + 1e-3), ("y", "norm")),
        "scale forgotten": Wrong(
            lambda g, x: normalize_backward(g, x) * np.sqrt((x**2).sum(-1, keepdims=True) + 1e-3), ("depends on",)
        ),
    },
)


def random_mask(x):
    return x * (np.random.default_rng().random(x.shape) > 0.5)


def forward_that_changes(x):
    x -= x.max(-1, keepdims=True)
    return np.exp(x)


COMMON = Family(
    np.sin,
    ((3, 3),),
    right={
        "cosine": Right(lambda g, x: g * np.cos(x)),
        "float32 gradient": Right(lambda g, x: np.float32(g * np.cos(x))),
    },
    wrong={
        "None": Wrong(lambda g, x: None, ("None",)),
        "a list of rows": Wrong(lambda g, x: list(g * np.cos(x)), ("got 3",)),
        "a number": Wrong(lambda g, x: (g * np.cos(x)).sum(), ("shape",)),
        "integers": Wrong(lambda g, x: (g * np.cos(x)).astype(int), ("int64",)),
        "dropout in the forward": Wrong(lambda g, x: g, ("random",), random_mask),
        "the forward changes x": Wrong(lambda g, x: g * np.exp(x), ("changes its input",), forward_that_changes),
        "the backward changes x": Wrong(
            lambda g, x: (np.cos(x, out=x), np.multiply(g, x, out=x))[1], ("changes its input",)
        ),
        "nan": Wrong(lambda g, x: g * np.cos(x) * np.nan, ("nan",)),
        "flattened": Wrong(lambda g, x: (g * np.cos(x)).ravel(), ("shape",)),
        "sign": Wrong(lambda g, x: -g * np.cos(x), ("sign",)),
        "itself": Wrong(lambda g, x: g * np.sin(x), ("g * y",)),
        "random in the backward": Wrong(
            lambda g, x: g * np.cos(x) * (np.random.default_rng().random(x.shape) > 0.5), ("call to call",)
        ),
    },
)  # fmt: skip

FAMILIES = {
    "relu": RELU,
    "leaky_relu": LEAKY,
    "tanh": TANH,
    "sigmoid": SIGMOID,
    "gelu": GELU,
    "square": SQUARE,
    "softmax": SOFTMAX,
    "log_softmax": LOG_SOFTMAX,
    "layer_norm": LAYER_NORM,
    "batch_norm": BATCH_NORM,
    "linear": LINEAR,
    "broadcast": BROADCAST,
    "divide": DIVIDE,
    "mse": MSE,
    "cross_entropy": CROSS_ENTROPY,
    "embedding": EMBEDDING,
    "conv": CONV,
    "max_pool": MAX_POOL,
    "avg_pool": AVG_POOL,
    "attention": ATTENTION,
    "lstm_cell": LSTM,
    "normalize": NORMALIZE,
    "sin": COMMON,
}
