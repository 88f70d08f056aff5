"""XOR with a hidden layer: the article's first example, put right."""

import numpy as np

import nn
from nn import functional as F
from nn.exercises.declaration import THREE_WAYS, VALUES, Exercise
from nn.exercises.judging import gradients, require, same

exercise = Exercise(
    "xor_mlp",
    title=("A network that learns XOR", "学会异或的网络"),
    statement=(
        """
        mlp(x, w1, b1, w2, b2) = tanh(x @ w1 + b1) @ w2 + b2: x (N, 2), w1 (2, H), b1 (H,), w2 (H,), b2 a number;
        returns logits (N,). mlp_gradients(x, t, w1, b1, w2, b2) returns (dw1, db1, dw2, db2) of the mean binary
        cross-entropy with targets t (N,). train_mlp(x, t, rng) draws parameters of H >= 4 units from rng, descends,
        and returns (w1, b1, w2, b2) such that every point of x gets its class, with a loss below 0.1. It is called with
        XOR in other orders and with other labels too, for several rng.
        """,
        """
        mlp(x, w1, b1, w2, b2) = tanh(x @ w1 + b1) @ w2 + b2：x (N, 2)，w1 (2, H)，b1 (H,)，w2 (H,)，b2 是一个数；
        返回 logits (N,)。mlp_gradients(x, t, w1, b1, w2, b2) 返回二元交叉熵平均值的梯度 (dw1, db1, dw2, db2)，
        目标 t 为 (N,)。train_mlp(x, t, rng) 用 rng 抽取 H >= 4 个隐藏单元的初始参数，再做梯度下降，返回
        (w1, b1, w2, b2)，使每个点分类正确且损失低于 0.1。检查时会打乱异或的顺序、换用别的标签，并使用多个 rng。
        """,
    ),
    derivation="""
        a = tanh(x @ w1 + b1),   z = a @ w2 + b2
        dz = (sigmoid(z) - t) / N
        dw2 = a.T @ dz,   db2 = sum(dz)
        da = dz * w2 (as columns times a row),   du = da * (1 - a**2)
        dw1 = x.T @ du,   db1 = sum of du over the rows
    """,
    hints=[
        (
            "Without a hidden layer no rate and no number of steps helps: see xor_is_not_linear.",
            "没有隐藏层，学习率和步数怎么调都没用：见 xor_is_not_linear。",
        ),
        (
            "All weights equal at the start stay equal: draw them at random.",
            "初始权重若全都相同，就会一直相同：要随机抽取。",
        ),
        (
            "Normal weights, rate 1, 2000 steps and 8 hidden units are enough.",
            "标准正态的权重、学习率 1、2000 步、8 个隐藏单元就够了。",
        ),
    ],
    level=2,
)


@exercise.reference
def mlp(x, w1, b1, w2, b2):
    """x (N, 2), w1 (2, H), b1 (H,), w2 (H,), b2 () -> logits (N,)"""
    return np.tanh(x @ w1 + b1) @ w2 + b2


@exercise.reference
def mlp_gradients(x, t, w1, b1, w2, b2):
    """x (N, 2), t (N,), w1 (2, H), b1 (H,), w2 (H,), b2 () -> dw1, db1, dw2, db2"""
    hidden = np.tanh(x @ w1 + b1)
    dz = (1 / (1 + np.exp(-(hidden @ w2 + b2))) - t) / len(x)
    du = np.outer(dz, w2) * (1 - hidden**2)
    return x.T @ du, du.sum(axis=0), hidden.T @ dz, dz.sum()


@exercise.reference
def train_mlp(x, t, rng):
    """x (N, 2), t (N,) -> w1 (2, H), b1 (H,), w2 (H,), b2 ()"""
    parameters = [rng.normal(size=(2, 8)), rng.normal(size=8), rng.normal(size=8), 0.0]
    for _ in range(800):
        steps = mlp_gradients(x, t, *parameters)
        parameters = [p - 1.0 * d for p, d in zip(parameters, steps, strict=True)]
    return parameters


XOR, TARGETS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0, 1.0, 0.0])


def drawn(rng):
    return [rng.normal(size=(2, 3)), rng.normal(size=3), rng.normal(size=3), np.array(0.2)]


@exercise.check(*VALUES)
def values(given, rng):
    w1, b1, w2, b2 = drawn(rng)
    same("logits", given.mlp(XOR, w1, b1, w2, b2), np.tanh(XOR @ w1 + b1) @ w2 + b2)


@exercise.check(*THREE_WAYS)
def backward(given, rng):
    x, t = rng.normal(size=(5, 2)), rng.integers(0, 2, 5).astype(float)

    def loss(*parameters):
        z = mlp(x, *parameters)
        return np.mean(np.logaddexp(0, z) - t * z)

    def of_tensors(w1, b1, w2, b2):
        return F.binary_cross_entropy_with_logits(nn.tanh(nn.tensor(x) @ w1 + b1) @ w2 + b2, nn.tensor(t))

    gradients(
        lambda g, *p: [g * d for d in given.mlp_gradients(x, t, *p)],
        lambda g, *p: [g * d for d in mlp_gradients(x, t, *p)],
        loss,
        drawn(rng),
        "dw1 db1 dw2 db2",
        rng,
        autograd=of_tensors,
    )


@exercise.check("XOR and its opposite are learned, from several starts", "从多个起点都能学会异或及其相反")
def training(given, rng):
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(4)
        x, t = XOR[order], TARGETS[order] if seed % 2 == 0 else 1 - TARGETS[order]
        z = mlp(x, *given.train_mlp(x, t, np.random.default_rng(seed)))
        loss = np.mean(np.logaddexp(0, z) - t * z)
        require(
            loss < 0.1,
            f"start {seed}: expected a loss below 0.1, got {loss:.4g} (0.693 is a guess)",
            f"起点 {seed}：损失应低于 0.1，得到 {loss:.4g}（0.693 等于瞎猜）",
        )


def as_printed(x, t, rng):
    w1, b1, w2, b2 = rng.normal(size=(2, 8)), rng.normal(size=8), rng.normal(size=8), 0.0
    for _ in range(50):
        steps = mlp_gradients(x, t, w1, b1, w2, b2)
        w1, b1, w2, b2 = (p + 0.1 * d for p, d in zip((w1, b1, w2, b2), steps, strict=True))
    return w1, b1, w2, b2


def alike(x, t, rng):
    parameters = [np.ones((2, 8)), np.zeros(8), np.ones(8), 0.0]
    for _ in range(200):
        parameters = [p - 1.0 * d for p, d in zip(parameters, mlp_gradients(x, t, *parameters), strict=True)]
    return parameters


def with_factor(factor):
    def made(x, t, w1, b1, w2, b2):
        a = np.tanh(x @ w1 + b1)
        dz = (1 / (1 + np.exp(-(a @ w2 + b2))) - t) / len(x)
        du = np.outer(dz, w2) * factor(a)
        return x.T @ du, du.sum(0), a.T @ dz, dz.sum()

    return made


exercise.mutant("no hidden activation", mlp=lambda x, w1, b1, w2, b2: (x @ w1 + b1) @ w2 + b2)
exercise.mutant("probabilities instead of logits", mlp=lambda *a: 1 / (1 + np.exp(-mlp(*a))))
exercise.mutant("the derivative of tanh is missing", mlp_gradients=with_factor(np.ones_like))
exercise.mutant("tanh as its own derivative", mlp_gradients=with_factor(lambda a: a))
exercise.mutant("the sign of the article", mlp_gradients=lambda *a: tuple(-d for d in mlp_gradients(*a)))
exercise.mutant("it ascends, 50 steps at rate 0.1", train_mlp=as_printed)
exercise.mutant("all weights alike", train_mlp=alike)
exercise.mutant(
    "untrained", train_mlp=lambda x, t, rng: (rng.normal(size=(2, 4)), np.zeros(4), rng.normal(size=4), 0.0)
)
exercise.mutant(
    "the answer known by heart",
    train_mlp=lambda x, t, rng: (
        20 * np.array([[1.0, 1, 0, 0], [1, 1, 0, 0]]),
        np.array([-10.0, -30, 0, 0]),
        np.array([5.0, -5, 0, 0]),
        -5.0,
    ),
)
