"""Initial weights that keep the size of signals."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same

exercise = Exercise(
    "xavier_kaiming_init",
    title=("Xavier's and Kaiming's initial weights", "Xavier 与 Kaiming 初始化"),
    statement=(
        """
        fans(shape) returns (fan_in, fan_out) of a weight (out, in) or (out, in, kh, kw): how many inputs an
        output sees, and how many outputs an input reaches.
        xavier_uniform(shape, rng): uniform in [-a, a] with variance 2 / (fan_in + fan_out).
        kaiming_normal(shape, rng): normal with mean 0 and variance 2 / fan_in, for layers before a relu.
        Draw from the generator rng alone, so that one seed gives one set of weights.
        """,
        """
        fans(shape) 返回权重 (out, in) 或 (out, in, kh, kw) 的 (fan_in, fan_out)：一个输出看到多少个输入，
        一个输入影响多少个输出。
        xavier_uniform(shape, rng)：[-a, a] 上的均匀分布，方差为 2 / (fan_in + fan_out)。
        kaiming_normal(shape, rng)：均值 0、方差 2 / fan_in 的正态分布，用于 relu 之前的层。
        只从生成器 rng 取随机数，这样同一个种子给出同一组权重。
        """,
    ),
    derivation="""
        y = sum over fan_in of w * x:      var(y) = fan_in * var(w) * E[x**2]
        Xavier: forward needs var(w) = 1 / fan_in, backward 1 / fan_out; between them 2 / (fan_in + fan_out)
        uniform on [-a, a] has the variance a**2 / 3:   a = sqrt(6 / (fan_in + fan_out))
        relu halves E[x**2]:   var(w) = 2 / fan_in
    """,
    hints=[
        ("The kernel's area counts for both fans.", "卷积核的面积对两个 fan 都要乘上。"),
        ("A uniform distribution on [-a, a] has the variance a**2 / 3.", "[-a, a] 上均匀分布的方差是 a**2 / 3。"),
    ],
)


@exercise.reference
def fans(shape):
    """shape -> fan_in, fan_out"""
    area = int(np.prod(shape[2:]))
    return shape[1] * area, shape[0] * area


@exercise.reference
def xavier_uniform(shape, rng):
    """shape -> weight (shape)"""
    a = np.sqrt(6 / sum(fans(shape)))
    return rng.uniform(-a, a, size=shape)


@exercise.reference
def kaiming_normal(shape, rng):
    """shape -> weight (shape)"""
    return rng.normal(0, np.sqrt(2 / fans(shape)[0]), size=shape)


@exercise.check("the fans of linear and convolution weights are right", "线性层与卷积权重的 fan 正确")
def counts(given, rng):
    same("fans((5, 3))", given.fans((5, 3)), (3, 5))
    same("fans((8, 4, 3, 2))", given.fans((8, 4, 3, 2)), (24, 48))


@exercise.check("Xavier's weights have the right shape, spread and bounds", "Xavier 权重的形状、方差和边界正确")
def xavier(given, rng):
    for shape in ((100, 300), (40, 20, 5, 5)):
        w, a = np.asarray(given.xavier_uniform(shape, rng)), np.sqrt(6 / sum(fans(shape)))
        require(
            w.shape == shape,
            f"weight: expected shape {shape}, got {w.shape}",
            f"weight：形状应为 {shape}，得到 {w.shape}",
        )
        same("variance", w.var(), a**2 / 3, rtol=0.05)
        same("mean", w.mean(), 0, atol=0.03 * a)
        same("largest element", np.abs(w).max(), a, rtol=0.01)


@exercise.check("Kaiming's weights have the right shape, spread and form", "Kaiming 权重的形状、方差和分布正确")
def kaiming(given, rng):
    for shape in ((100, 300), (40, 20, 5, 5)):
        w, variance = np.asarray(given.kaiming_normal(shape, rng)), 2 / fans(shape)[0]
        require(
            w.shape == shape,
            f"weight: expected shape {shape}, got {w.shape}",
            f"weight：形状应为 {shape}，得到 {w.shape}",
        )
        same("variance", w.var(), variance, rtol=0.05)
        same("mean", w.mean(), 0, atol=0.03 * np.sqrt(variance))
        same("share beyond two standard deviations", np.mean(np.abs(w) > 2 * np.sqrt(variance)), 0.0455, rtol=0.2)


@exercise.check("one seed gives one set of weights, another seed another", "同一种子权重相同，不同种子权重不同")
def seeds(given, rng):
    for init in (given.xavier_uniform, given.kaiming_normal):
        first, again, other = (np.asarray(init((4, 3), np.random.default_rng(s))) for s in (1, 1, 2))
        same("weight of the same seed", again, first)
        require(
            not np.allclose(first, other),
            "another generator gives the same weights: draw from rng",
            "换了生成器，权重却相同：请从 rng 取随机数",
        )


exercise.mutant("the fans exchanged", fans=lambda shape: fans(shape)[::-1])
exercise.mutant("the kernel is not counted", fans=lambda shape: (shape[1], shape[0]))
exercise.mutant(
    "the bound taken for the standard deviation",
    xavier_uniform=lambda shape, rng: rng.uniform(-1, 1, shape) * np.sqrt(2 / sum(fans(shape))),
)
exercise.mutant(
    "normal, not uniform", xavier_uniform=lambda shape, rng: rng.normal(0, np.sqrt(2 / sum(fans(shape))), shape)
)
exercise.mutant("from 0 to a", xavier_uniform=lambda shape, rng: rng.uniform(0, np.sqrt(6 / sum(fans(shape))), shape))
exercise.mutant(
    "Xavier's variance before a relu",
    kaiming_normal=lambda shape, rng: rng.normal(0, np.sqrt(1 / fans(shape)[0]), shape),
)
exercise.mutant(
    "the variance as the standard deviation", kaiming_normal=lambda shape, rng: rng.normal(0, 2 / fans(shape)[0], shape)
)
exercise.mutant(
    "uniform, not normal", kaiming_normal=lambda shape, rng: rng.uniform(-1, 1, shape) * np.sqrt(6 / fans(shape)[0])
)
exercise.mutant(
    "a generator of its own", kaiming_normal=lambda shape, rng: kaiming_normal(shape, np.random.default_rng(0))
)
exercise.mutant(
    "NumPy's global generator",
    xavier_uniform=lambda shape, rng: np.random.uniform(-1, 1, shape) * np.sqrt(6 / sum(fans(shape))),  # noqa: NPY002
)
