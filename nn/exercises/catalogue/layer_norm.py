"""Layer normalisation, forward and backward."""

import numpy as np

from nn import functional as F
from nn.exercises.declaration import THREE_WAYS, VALUES, Exercise
from nn.exercises.judging import calm, gradients, same

exercise = Exercise(
    "layer_norm",
    title=("Layer normalisation", "层归一化"),
    statement=(
        """
        layer_norm(x, weight, bias, eps): x is (..., D); each row along the last axis is normalised by its own mean and
        variance (by D), then y = weight * xhat + bias with weight and bias (D,).
        layer_norm_backward(g, x, weight, bias, eps) returns (dx, dweight, dbias).
        """,
        """
        layer_norm(x, weight, bias, eps)：x 为 (..., D)；沿最后一个轴，每一行用自己的均值和方差（除以 D）归一化，
        再得 y = weight * xhat + bias，weight 与 bias 为 (D,)。
        layer_norm_backward(g, x, weight, bias, eps) 返回 (dx, dweight, dbias)。
        """,
    ),
    derivation="""
        xhat = (x - mean) / s,   s = sqrt(var + eps),   gh = g * weight
        dx = (gh - mean(gh) - xhat * mean(gh * xhat)) / s        means over the last axis, of gh: with the weight
        dweight = sum(g * xhat),   dbias = sum(g)                sums over all other axes
    """,
    hints=[
        (
            "Rows are for themselves here: means over the last axis, with keepdims.",
            "这里各行互不相干：沿最后一个轴求均值，用 keepdims。",
        ),
        (
            "weight and bias are shared by all rows: their gradients are sums over all other axes.",
            "weight 与 bias 由所有行共用：它们的梯度对其余各轴求和。",
        ),
    ],
    level=2,
)


@exercise.reference
def layer_norm(x, weight, bias, eps=1e-5):
    """x (..., D), weight (D,), bias (D,) -> y (..., D)"""
    mean, var = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return weight * (x - mean) / np.sqrt(var + eps) + bias


@exercise.reference
def layer_norm_backward(g, x, weight, bias, eps=1e-5):
    """g (..., D), x (..., D), weight (D,), bias (D,) -> dx (..., D), dweight (D,), dbias (D,)"""
    s = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    xhat = (x - x.mean(axis=-1, keepdims=True)) / s
    gh = g * weight
    dx = (gh - gh.mean(axis=-1, keepdims=True) - xhat * (gh * xhat).mean(axis=-1, keepdims=True)) / s
    others = tuple(range(x.ndim - 1))
    return dx, (g * xhat).sum(axis=others), g.sum(axis=others)


def drawn(rng, *shape):
    return [rng.normal(size=shape) + 1, rng.normal(size=shape[-1]), rng.normal(size=shape[-1])]


@exercise.check(*VALUES)
def values(given, rng):
    for shape in ((3, 4), (2, 3, 4)):
        inputs = drawn(rng, *shape)
        same("y", given.layer_norm(*inputs), layer_norm(*inputs))


@exercise.check("rows of equal numbers give the bias", "各元素相同的行得到 bias")
def constant(given, rng):
    with calm():
        y = given.layer_norm(np.full((2, 3), 7.0), np.ones(3), np.arange(3.0))
    same("y", y, [[0.0, 1.0, 2.0]] * 2)


@exercise.check("eps stands where it is said", "eps 放在规定的位置")
def epsilon(given, rng):
    inputs = drawn(rng, 3, 4)
    same("y for eps = 0.5", given.layer_norm(*inputs, 0.5), layer_norm(*inputs, 0.5))


@exercise.check(*THREE_WAYS)
def backward(given, rng):
    for shape in ((3, 4), (2, 3, 4)):
        gradients(
            given.layer_norm_backward,
            layer_norm_backward,
            layer_norm,
            drawn(rng, *shape),
            "dx dweight dbias",
            rng,
            autograd=lambda x, w, b: F.layer_norm(x, x.shape[-1:], w, b),
        )


def along(axis):
    def made(x, weight, bias, eps=1e-5):
        return weight * (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + eps) + bias

    return made


def path(weighted=True, mean=True):
    def made(g, x, weight, bias, eps=1e-5):
        s = np.sqrt(x.var(-1, keepdims=True) + eps)
        xhat, gh = (x - x.mean(-1, keepdims=True)) / s, g * weight
        inner = gh if weighted else g
        dx = (gh - mean * inner.mean(-1, keepdims=True) - xhat * (inner * xhat).mean(-1, keepdims=True)) / s
        return dx, *layer_norm_backward(g, x, weight, bias, eps)[1:]

    return made


exercise.mutant("along the batch, as batch norm does", layer_norm=along(0))
exercise.mutant("along axis 1, which is the last one of a matrix only", layer_norm=along(1))
exercise.mutant("over all elements", layer_norm=along(None))
exercise.mutant(
    "eps beside the root",
    layer_norm=lambda x, w, b, eps=1e-5: (
        w * (x - x.mean(-1, keepdims=True)) / (x.std(-1, keepdims=True) + eps) + b
        if eps > 1e-4
        else layer_norm(x, w, b, eps)
    ),
)
exercise.mutant(
    "no eps",
    layer_norm=lambda x, w, b, eps=1e-5: (
        layer_norm(x, w, b, eps) if x.std() > 0 else w * (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True) + b
    ),
)
exercise.mutant("means of g without the weight", layer_norm_backward=path(weighted=False))
exercise.mutant("no path through the mean", layer_norm_backward=path(mean=False))
exercise.mutant(
    "dbias of one sequence",
    layer_norm_backward=lambda g, x, w, b, eps=1e-5: (*layer_norm_backward(g, x, w, b, eps)[:2], g.sum(0)),
)
exercise.mutant(
    "the variance as a constant",
    layer_norm_backward=lambda g, x, w, b, eps=1e-5: (
        (g * w - (g * w).mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps),
        *layer_norm_backward(g, x, w, b, eps)[1:],
    ),
)
