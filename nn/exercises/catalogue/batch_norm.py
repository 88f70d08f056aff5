"""Batch normalisation, forward, backward and running figures."""

import numpy as np

import nn
from nn import functional as F
from nn.exercises.declaration import THREE_WAYS, Exercise
from nn.exercises.judging import calm, gradients, same

exercise = Exercise(
    "batch_norm",
    title=("Batch normalisation", "批归一化"),
    statement=(
        """
        x is (N, C). batch_norm(x, weight, bias, running_mean, running_var, training, momentum, eps) returns
        (y, running_mean, running_var). While training, each column is normalised by its own mean and variance (by N),
        and the running figures move: new = (1 - momentum) * old + momentum * batch, the variance there by N - 1.
        In evaluation the running figures normalise and stay. Then y = weight * xhat + bias.
        batch_norm_backward(g, x, weight, bias, eps) returns (dx, dweight, dbias) of the training mode.
        """,
        """
        x 为 (N, C)。batch_norm(x, weight, bias, running_mean, running_var, training, momentum, eps) 返回
        (y, running_mean, running_var)。训练时，每一列用自己的均值和方差（除以 N）归一化，同时更新滑动统计量：
        new = (1 - momentum) * old + momentum * batch，其中方差除以 N - 1。
        推理时用滑动统计量归一化，且不更新它们。最后 y = weight * xhat + bias。
        batch_norm_backward(g, x, weight, bias, eps) 返回训练模式下的 (dx, dweight, dbias)。
        """,
    ),
    derivation="""
        xhat = (x - mean) / s,   s = sqrt(var + eps),   gh = g * weight
        dvar  = sum(gh * (x - mean)) * (-1/2) / s**3
        dmean = -sum(gh) / s                                 (the mean of x - mean is zero: no path through var)
        dx = gh / s + dvar * 2 * (x - mean) / N + dmean / N
           = (gh - mean(gh) - xhat * mean(gh * xhat)) / s
        dweight = sum(g * xhat),   dbias = sum(g)            all sums and means over N
    """,
    hints=[
        (
            "All sums run over the batch, axis 0: each column is for itself.",
            "所有求和都沿批的方向（轴 0），各列互不相干。",
        ),
        (
            "x reaches y along three paths: directly, through the mean, through the variance.",
            "x 通过三条路径影响 y：直接、经过均值、经过方差。",
        ),
        ("dx = (gh - mean(gh) - xhat * mean(gh * xhat)) / s.", "dx = (gh - mean(gh) - xhat * mean(gh * xhat)) / s。"),
    ],
    level=3,
)


@exercise.reference
def batch_norm(x, weight, bias, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    """x (N, C), the others (C,) -> y (N, C), running_mean (C,), running_var (C,)"""
    if training:
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    else:
        mean, var = running_mean, running_var
    return weight * (x - mean) / np.sqrt(var + eps) + bias, running_mean, running_var


@exercise.reference
def batch_norm_backward(g, x, weight, bias, eps=1e-5):
    """g (N, C), x (N, C), weight (C,), bias (C,) -> dx (N, C), dweight (C,), dbias (C,)"""
    s = np.sqrt(x.var(axis=0) + eps)
    xhat = (x - x.mean(axis=0)) / s
    gh = g * weight
    dx = (gh - gh.mean(axis=0) - xhat * (gh * xhat).mean(axis=0)) / s
    return dx, (g * xhat).sum(axis=0), g.sum(axis=0)


def drawn(rng):
    return (
        rng.normal(size=(6, 3)) * 2 + 1,
        rng.normal(size=3),
        rng.normal(size=3),
        rng.normal(size=3),
        rng.uniform(1, 2, size=3),
    )


@exercise.check("training normalises by the batch", "训练时用本批的统计量归一化")
def training(given, rng):
    x, weight, bias, mean, var = drawn(rng)
    same("y", given.batch_norm(x, weight, bias, mean, var, True)[0], batch_norm(x, weight, bias, mean, var, True)[0])
    same(
        "y for eps = 0.5",
        given.batch_norm(x, weight, bias, mean, var, True, eps=0.5)[0],
        batch_norm(x, weight, bias, mean, var, True, eps=0.5)[0],
    )


@exercise.check("the running figures move towards the batch", "滑动统计量向本批靠近")
def running(given, rng):
    x, weight, bias, mean, var = drawn(rng)
    _, new_mean, new_var = given.batch_norm(x, weight, bias, mean, var, True, momentum=0.3)
    same("running_mean", new_mean, 0.7 * mean + 0.3 * x.mean(0))
    same("running_var", new_var, 0.7 * var + 0.3 * x.var(0, ddof=1))


@exercise.check("evaluation uses the running figures and leaves them", "推理时使用滑动统计量，并且不更新")
def evaluation(given, rng):
    x, weight, bias, mean, var = drawn(rng)
    y, new_mean, new_var = given.batch_norm(x[:1], weight, bias, mean, var, False)
    same("y", y, weight * (x[:1] - mean) / np.sqrt(var + 1e-5) + bias)
    same("running_mean", new_mean, mean)
    same("running_var", new_var, var)


@exercise.check("a constant column gives the bias", "常数列得到 bias")
def constant(given, rng):
    with calm():
        y = given.batch_norm(np.full((4, 1), 3.0), np.ones(1), np.full(1, 0.5), np.zeros(1), np.ones(1), True)[0]
    same("y", y, np.full((4, 1), 0.5))


@exercise.check(*THREE_WAYS)
def backward(given, rng):
    x, weight, bias, mean, var = drawn(rng)
    gradients(
        given.batch_norm_backward,
        batch_norm_backward,
        lambda x, w, b: batch_norm(x, w, b, mean, var, True)[0],
        [x, weight, bias],
        "dx dweight dbias",
        rng,
        autograd=lambda x, w, b: F.batch_norm(x, nn.tensor(mean), nn.tensor(var), w, b, training=True),
    )


def without_eps(x, w, b, rm, rv, training, momentum=0.1, eps=1e-5):
    y, rm, rv = batch_norm(x, w, b, rm, rv, training, momentum, eps)
    if training and eps < 1e-3:
        y = (
            w * (x - x.mean(0)) / np.sqrt(np.maximum(x.var(0) + 1e-5, 1e-5)) + b
            if x.shape[1] > 1
            else w * (x - x.mean(0)) / x.std(0) + b
        )
    return y, rm, rv


def through(mean=True, variance=True, weighted=True):
    def made(g, x, weight, bias, eps=1e-5):
        s = np.sqrt(x.var(0) + eps)
        xhat, gh = (x - x.mean(0)) / s, g * weight if weighted else g
        dx = (gh - mean * gh.mean(0) - variance * xhat * (gh * xhat).mean(0)) / s
        return dx, (g * xhat).sum(0), g.sum(0)

    return made


def replaced(**parts):
    def made(x, w, b, rm, rv, training, momentum=0.1, eps=1e-5):
        y, new_mean, new_var = batch_norm(x, w, b, rm, rv, training, momentum, eps)
        found = dict(y=y, mean=new_mean, var=new_var)
        found.update({k: f(x, w, b, rm, rv, momentum, eps) for k, f in parts.items() if training})
        return found["y"], found["mean"], found["var"]

    return made


exercise.mutant(
    "variance by N - 1",
    batch_norm=replaced(y=lambda x, w, b, rm, rv, m, e: w * (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + e) + b),
)
exercise.mutant(
    "eps beside the root", batch_norm=replaced(y=lambda x, w, b, rm, rv, m, e: w * (x - x.mean(0)) / (x.std(0) + e) + b)
)
exercise.mutant("no eps where it is small", batch_norm=without_eps)
exercise.mutant(
    "running variance by N", batch_norm=replaced(var=lambda x, w, b, rm, rv, m, e: (1 - m) * rv + m * x.var(0))
)
exercise.mutant(
    "momentum the other way round", batch_norm=replaced(mean=lambda x, w, b, rm, rv, m, e: m * rm + (1 - m) * x.mean(0))
)
exercise.mutant(
    "evaluation by the batch",
    batch_norm=lambda x, w, b, rm, rv, training, momentum=0.1, eps=1e-5: (
        batch_norm(x, w, b, rm, rv, True, momentum, eps)[0],
        *batch_norm(x, w, b, rm, rv, training and len(x) > 1, momentum, eps)[1:],
    ),
)
exercise.mutant(
    "running figures move in evaluation",
    batch_norm=lambda x, w, b, rm, rv, training, momentum=0.1, eps=1e-5: (
        batch_norm(x, w, b, rm, rv, training, momentum, eps)[0],
        (1 - momentum) * rm + momentum * x.mean(0),
        batch_norm(x, w, b, rm, rv, training, momentum, eps)[2],
    ),
)
exercise.mutant("no path through the mean", batch_norm_backward=through(mean=False))
exercise.mutant("no path through the variance", batch_norm_backward=through(variance=False))
exercise.mutant("mean and variance as constants", batch_norm_backward=through(mean=False, variance=False))
exercise.mutant("the weight is forgotten", batch_norm_backward=through(weighted=False))
exercise.mutant(
    "dweight without the normalisation",
    batch_norm_backward=lambda g, x, w, b, eps=1e-5: (
        batch_norm_backward(g, x, w, b, eps)[0],
        (g * x).sum(0),
        g.sum(0),
    ),
)
