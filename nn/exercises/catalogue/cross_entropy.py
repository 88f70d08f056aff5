"""Cross-entropy from logits: class indices, probabilities, label smoothing."""

import numpy as np

import nn
from nn import functional as F
from nn.exercises.declaration import THREE_WAYS, Exercise
from nn.exercises.judging import calm, gradients, same

exercise = Exercise(
    "cross_entropy",
    title=("Cross-entropy from logits", "由 logits 计算交叉熵"),
    statement=(
        """
        logits is (N, C). target is either (N,) of class indices, or (N, C) of probabilities q (one-hot rows, say).
        cross_entropy returns the mean over the N rows of -sum_c q_c * log(softmax(logits)_c). With
        label_smoothing = s the target becomes (1 - s) * q + s / C first. Large logits must not overflow.
        cross_entropy_backward(g, logits, target, label_smoothing) returns dlogits; g is a number.
        """,
        """
        logits 形状为 (N, C)。target 或是 (N,) 的类别下标，或是 (N, C) 的概率 q（例如独热编码）。
        cross_entropy 返回 -sum_c q_c * log(softmax(logits)_c) 对 N 行的平均。给定 label_smoothing = s 时，
        先把目标换成 (1 - s) * q + s / C。logits 很大时也不能溢出。
        cross_entropy_backward(g, logits, target, label_smoothing) 返回 dlogits；g 是一个数。
        """,
    ),
    derivation="""
        loss = -sum_c q_c * (x_c - logsumexp(x))  for each row
        d loss / dx_j = -q_j + p_j * sum_c q_c = p_j - q_j      since sum_c q_c = 1
        the mean over rows divides by N:  dx = g * (p - q) / N
    """,
    hints=[
        (
            "nn.CrossEntropyLoss takes logits: the softmax is inside, as a log-softmax.",
            "交叉熵损失接受的是 logits：softmax 在它里面，以 log_softmax 的形式。",
        ),
        (
            "Turn class indices into one-hot rows first; then there is only one case.",
            "先把类别下标变成独热编码，之后只剩一种情形。",
        ),
        ("The mean is over the N rows: divide by N, not by N * C.", "是对 N 行求平均：除以 N，而不是 N * C。"),
        ("dlogits = g * (softmax(logits) - q) / N.", "dlogits = g * (softmax(logits) - q) / N。"),
    ],
    level=2,
)


@exercise.helper
def log_softmax(x):
    """x (N, C) -> (N, C)"""
    x = x - x.max(axis=1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=1, keepdims=True))


@exercise.helper
def distribution(target, classes, label_smoothing):
    """target (N,) or (N, C) -> q (N, C)"""
    q = np.eye(classes)[target] if target.ndim == 1 else target
    return (1 - label_smoothing) * q + label_smoothing / classes


@exercise.reference
def cross_entropy(logits, target, label_smoothing=0.0):
    """logits (N, C), target (N,) or (N, C) -> ()"""
    q = distribution(target, logits.shape[1], label_smoothing)
    return -(q * log_softmax(logits)).sum() / len(logits)


@exercise.reference
def cross_entropy_backward(g, logits, target, label_smoothing=0.0):
    """g (), logits (N, C), target (N,) or (N, C) -> dlogits (N, C)"""
    q = distribution(target, logits.shape[1], label_smoothing)
    return g * (np.exp(log_softmax(logits)) - q) / len(logits)


def example(rng):
    soft = rng.uniform(size=(4, 3))
    return rng.normal(size=(4, 3)), np.array([2, 0, 1, 2]), soft / soft.sum(1, keepdims=True)


@exercise.check("indices, one-hot rows and probabilities give the right loss", "下标、独热编码与概率目标的损失都正确")
def values(given, rng):
    x, index, soft = example(rng)
    rows = -np.log(np.exp(x) / np.exp(x).sum(1, keepdims=True))
    same("loss by index", given.cross_entropy(x, index), rows[range(4), index].mean())
    same("loss by one-hot rows", given.cross_entropy(x, np.eye(3)[index]), rows[range(4), index].mean())
    same("loss by probabilities", given.cross_entropy(x, soft), (soft * rows).sum(1).mean())


@exercise.check("label smoothing mixes in the uniform distribution", "label smoothing 混入均匀分布")
def smoothing(given, rng):
    x, index, _ = example(rng)
    same("smoothed loss", given.cross_entropy(x, index, 0.3), cross_entropy(x, index, 0.3))


@exercise.check("large logits do not overflow", "很大的 logits 不溢出")
def extremes(given, rng):
    with calm():
        same("loss", given.cross_entropy(np.array([[1000.0, 0.0], [0.0, 1000.0]]), np.array([0, 0])), 500.0)


@exercise.check(*THREE_WAYS)
def backward(given, rng):
    x, index, soft = example(rng)
    for target, s in ((index, 0.0), (index, 0.3), (soft, 0.0)):
        gradients(
            lambda g, x, t=target, s=s: given.cross_entropy_backward(g, x, t, s),
            lambda g, x, t=target, s=s: cross_entropy_backward(g, x, t, s),
            lambda x, t=target, s=s: cross_entropy(x, t, s),
            [x],
            "dlogits",
            rng,
            autograd=lambda x, t=target, s=s: F.cross_entropy(x, nn.tensor(t), label_smoothing=s),
        )


def naive(x, t, s=0.0):
    p = np.exp(x) / np.exp(x).sum(1, keepdims=True)
    return -(distribution(t, x.shape[1], s) * np.log(p)).sum() / len(x)


def others_only(x, t, s=0.0):
    q = np.eye(x.shape[1])[t] if t.ndim == 1 else t
    return -(((1 - s) * q + s / (x.shape[1] - 1) * (1 - q) if s else q) * log_softmax(x)).sum() / len(x)


exercise.mutant("exp overflows", cross_entropy=naive)
exercise.mutant("softmax twice", cross_entropy=lambda x, t, s=0.0: cross_entropy(np.exp(log_softmax(x)), t, s))
exercise.mutant(
    "the mean over all N * C elements", cross_entropy=lambda x, t, s=0.0: cross_entropy(x, t, s) / x.shape[1]
)
exercise.mutant(
    "all pairs of rows and indices",
    cross_entropy=lambda x, t, s=0.0: cross_entropy(x, t, s) if t.ndim == 2 or s else -log_softmax(x)[:, t].mean(),
)
exercise.mutant("smoothing over the other classes", cross_entropy=others_only)
exercise.mutant("smoothing is ignored", cross_entropy=lambda x, t, s=0.0: cross_entropy(x, t))
exercise.mutant("q - p", cross_entropy_backward=lambda g, x, t, s=0.0: -cross_entropy_backward(g, x, t, s))
exercise.mutant(
    "not divided by N", cross_entropy_backward=lambda g, x, t, s=0.0: len(x) * cross_entropy_backward(g, x, t, s)
)
exercise.mutant(
    "1 - p at the target, 0 elsewhere",
    cross_entropy_backward=lambda g, x, t, s=0.0: cross_entropy_backward(g, x, t, s) * distribution(t, x.shape[1], 0),
)
exercise.mutant(
    "the backward without smoothing", cross_entropy_backward=lambda g, x, t, s=0.0: cross_entropy_backward(g, x, t)
)
