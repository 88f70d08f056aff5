"""Attention, with a causal mask, and its backward."""

import numpy as np

from nn import functional as F
from nn.exercises.declaration import THREE_WAYS, VALUES, Exercise
from nn.exercises.judging import calm, gradients, same

exercise = Exercise(
    "scaled_dot_product_attention",
    title=("Scaled dot-product attention", "缩放点积注意力"),
    statement=(
        """
        attention(q, k, v, causal): q (..., T, D), k (..., S, D), v (..., S, E) -> (..., T, E):
        softmax(q @ k^T / sqrt(D)) @ v, the softmax over S. With causal=True (then T = S), position t sees positions
        0 ... t only. Large scores must not overflow.
        attention_backward(g, q, k, v, causal) returns (dq, dk, dv).
        """,
        """
        attention(q, k, v, causal)：q (..., T, D)，k (..., S, D)，v (..., S, E) -> (..., T, E)：
        softmax(q @ k^T / sqrt(D)) @ v，softmax 沿 S。causal=True 时（此时 T = S），位置 t 只能看到位置 0 ... t。
        得分再大也不得溢出。
        attention_backward(g, q, k, v, causal) 返回 (dq, dk, dv)。
        """,
    ),
    derivation="""
        s = q @ k^T / sqrt(D),   p = softmax(s),   y = p @ v
        dv = p^T @ g,   dp = g @ v^T
        ds = p * (dp - sum(dp * p))          a masked place has p = 0, hence ds = 0
        dq = ds @ k / sqrt(D),   dk = ds^T @ q / sqrt(D)
    """,
    hints=[
        (
            "Put -inf into the scores before the softmax; zeros after it would not sum to one.",
            "在 softmax 之前把得分设为 -inf；之后再置零，各行之和就不是 1 了。",
        ),
        ("np.tril marks what may be seen.", "np.tril 标出可以看到的位置。"),
        (
            "The backward is that of two matrix products with a softmax between them.",
            "反向就是两次矩阵乘法、中间夹一个 softmax。",
        ),
    ],
    level=3,
)


@exercise.helper
def weights_of(q, k, causal):
    """q (..., T, D), k (..., S, D) -> p (..., T, S)"""
    s = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    if causal:
        s = np.where(np.tril(np.ones(s.shape[-2:], bool)), s, -np.inf)
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@exercise.reference
def attention(q, k, v, causal=False):
    """q (..., T, D), k (..., S, D), v (..., S, E) -> (..., T, E)"""
    return weights_of(q, k, causal) @ v


@exercise.reference
def attention_backward(g, q, k, v, causal=False):
    """g (..., T, E), q (..., T, D), k (..., S, D), v (..., S, E) -> dq, dk, dv"""
    p = weights_of(q, k, causal)
    dp = g @ np.swapaxes(v, -1, -2)
    ds = p * (dp - (dp * p).sum(axis=-1, keepdims=True)) / np.sqrt(q.shape[-1])
    return ds @ k, np.swapaxes(ds, -1, -2) @ q, np.swapaxes(p, -1, -2) @ g


@exercise.check(*VALUES)
def values(given, rng):
    for q, k, v in ((3, 4, 4), (3, 3, 3)):
        inputs = [rng.normal(size=(2, q, 3)), rng.normal(size=(2, k, 3)), rng.normal(size=(2, v, 3))]
        same("y", given.attention(*inputs), attention(*inputs))


@exercise.check("no position sees the future", "任何位置都看不到未来")
def future(given, rng):
    q, k, v = rng.normal(size=(3, 1, 4, 3))
    y = given.attention(q, k, v, True)
    same("y", y, attention(q, k, v, True))
    k[:, 2:], v[:, 2:] = 9.0, -9.0
    same(
        "y of the first two positions, with another future",
        np.asarray(given.attention(q, k, v, True))[:, :2],
        np.asarray(y)[:, :2],
    )


@exercise.check("large scores do not overflow", "很大的得分不溢出")
def extremes(given, rng):
    q = np.array([[1000.0, 0.0], [0.0, 1000.0]])
    with calm():
        y = given.attention(q, q, np.eye(2))
    same("y", y, np.eye(2))


@exercise.check(*THREE_WAYS)
def backward(given, rng):
    for causal in (False, True):
        gradients(
            lambda g, *i, c=causal: given.attention_backward(g, *i, c),
            lambda g, *i, c=causal: attention_backward(g, *i, c),
            lambda *i, c=causal: attention(*i, c),
            [rng.normal(size=(2, 3, 3)) for _ in range(3)],
            "dq dk dv",
            rng,
            autograd=lambda q, k, v, c=causal: F.scaled_dot_product_attention(q, k, v, is_causal=c),
        )


def zeros_after(q, k, v, causal=False):
    p = weights_of(q, k, False)
    return (np.tril(p) if causal else p) @ v


def naive(q, k, v, causal=False):
    s = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    e = np.exp(np.where(np.tril(np.ones(s.shape[-2:], bool)), s, -np.inf) if causal else s)
    return e / e.sum(-1, keepdims=True) @ v


def strictly_past(q, k, v, causal=False):
    if not causal:
        return attention(q, k, v)
    p = np.tril(weights_of(q, k, False), -1)
    return p / np.maximum(p.sum(-1, keepdims=True), 1e-12) @ v


def with_backward(scale=True, product=lambda p, dp: p * (dp - (dp * p).sum(-1, keepdims=True)), mask=True):
    def made(g, q, k, v, causal=False):
        p = weights_of(q, k, causal and mask)
        ds = product(p, g @ np.swapaxes(v, -1, -2)) / (np.sqrt(q.shape[-1]) if scale else 1)
        return ds @ k, np.swapaxes(ds, -1, -2) @ q, np.swapaxes(p, -1, -2) @ g

    return made


exercise.mutant(
    "not divided by sqrt(D)", attention=lambda q, k, v, causal=False: attention(q * np.sqrt(q.shape[-1]), k, v, causal)
)
exercise.mutant(
    "divided by D", attention=lambda q, k, v, causal=False: attention(q / np.sqrt(q.shape[-1]), k, v, causal)
)
exercise.mutant(
    "the softmax over the queries",
    attention=lambda q, k, v, causal=False: (
        np.swapaxes(weights_of(k, q, False), -1, -2) @ v if not causal else attention(q, k, v, True)
    ),
)
exercise.mutant("zeros after the softmax", attention=zeros_after)
exercise.mutant("the mask is ignored", attention=lambda q, k, v, causal=False: attention(q, k, v))
exercise.mutant("the present is masked too", attention=strictly_past)
exercise.mutant("exp overflows", attention=naive)
exercise.mutant("the scale is missing in the backward", attention_backward=with_backward(scale=False))
exercise.mutant(
    "only the diagonal of softmax", attention_backward=with_backward(product=lambda p, dp: p * (1 - p) * dp)
)
exercise.mutant("the backward without a mask", attention_backward=with_backward(mask=False))
exercise.mutant(
    "dq and dk exchanged",
    attention_backward=lambda g, q, k, v, causal=False: (lambda a, b, c: (b, a, c))(
        *attention_backward(g, q, k, v, causal)
    ),
)
