"""One step of Adam and of AdamW."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import calm, same

exercise = Exercise(
    "adam_step",
    title=("A step of Adam and AdamW", "Adam 与 AdamW 单步"),
    statement=(
        """
        adam_step(param, grad, m, v, t, lr, betas, eps) returns (param, m, v) after step t, counted from 1; m and v
        start as zeros. adamw_step has weight_decay besides, which shrinks the parameter by the factor
        1 - lr * weight_decay before the step, apart from the gradient. New arrays or in place: what is returned counts.
        """,
        """
        adam_step(param, grad, m, v, t, lr, betas, eps) 返回第 t 步之后的 (param, m, v)，t 从 1 数起；m、v 初值为零。
        adamw_step 另有 weight_decay：在这一步之前先把参数乘以 1 - lr * weight_decay，与梯度无关。
        返回新数组或就地修改都可以，以返回值为准。
        """,
    ),
    derivation="""
        m = beta1 * m + (1 - beta1) * grad
        v = beta2 * v + (1 - beta2) * grad**2
        m after t steps of a constant gradient is (1 - beta1**t) * grad: divide by (1 - beta1**t); so for v
        param = param - lr * m_hat / (sqrt(v_hat) + eps)         the first step has the length lr, whatever the gradient
    """,
    hints=[
        (
            "m and v start at zero and are too small at first: divide by 1 - beta**t.",
            "m、v 从零起步，开头偏小：要除以 1 - beta**t。",
        ),
        ("eps stands outside of the root, after the correction.", "eps 在根号外面，且在修正之后再加。"),
        ("AdamW's decay does not enter m and v.", "AdamW 的衰减不进入 m 和 v。"),
    ],
)


@exercise.reference
def adam_step(param, grad, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """param (...), grad (...), m (...), v (...) -> param (...), m (...), v (...)"""
    m = betas[0] * m + (1 - betas[0]) * grad
    v = betas[1] * v + (1 - betas[1]) * grad**2
    m_hat, v_hat = m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)
    return param - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@exercise.reference
def adamw_step(param, grad, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
    """param (...), grad (...), m (...), v (...) -> param (...), m (...), v (...)"""
    return adam_step(param * (1 - lr * weight_decay), grad, m, v, t, lr, betas, eps)


def walked(step, **options):
    rng = np.random.default_rng(3)
    param, m, v = rng.normal(size=(2, 3)), np.zeros((2, 3)), np.zeros((2, 3))
    for t in (1, 2, 3, 4):
        param, m, v = step(param, rng.normal(size=(2, 3)), m, v, t, **options)
    return param, m, v


@exercise.check("four steps of Adam are right", "Adam 的四步都正确")
def adam(given, rng):
    options = dict(lr=0.01, betas=(0.8, 0.9), eps=1e-3)
    for name, got, right in zip(
        ["param", "m", "v"], walked(given.adam_step, **options), walked(adam_step, **options), strict=True
    ):
        same(name, got, right)


@exercise.check("the first step has the length lr, for gradients of any size", "无论梯度多大，第一步的长度都是 lr")
def first(given, rng):
    grad = np.array([1e-4, -1.0, 1e4])
    with calm():
        param, _, _ = given.adam_step(np.zeros(3), grad, np.zeros(3), np.zeros(3), 1, 0.5)
    same("param", param, -0.5 * np.sign(grad), rtol=1e-3)


@exercise.check("four steps of AdamW are right", "AdamW 的四步都正确")
def adamw(given, rng):
    options = dict(lr=0.01, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.5)
    for name, got, right in zip(
        ["param", "m", "v"], walked(given.adamw_step, **options), walked(adamw_step, **options), strict=True
    ):
        same(name, got, right)


def uncorrected(param, grad, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v = betas[0] * m + (1 - betas[0]) * grad, betas[1] * v + (1 - betas[1]) * grad**2
    return param - lr * m / (np.sqrt(v) + eps), m, v


def eps_inside(param, grad, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    _, m, v = adam_step(param, grad, m, v, t, lr, betas, eps)
    return param - lr * m / (1 - betas[0] ** t) / np.sqrt(v / (1 - betas[1] ** t) + eps), m, v


def coupled(param, grad, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
    return adam_step(param, grad + weight_decay * param, m, v, t, lr, betas, eps)


def big_eps(param, grad, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    return adam_step(param, grad, m, v, t, lr, betas, max(eps, 1e-6))


exercise.mutant("no correction", adam_step=uncorrected)
exercise.mutant("eps inside of the root", adam_step=eps_inside)
exercise.mutant("t counted from 0", adam_step=lambda p, g, m, v, t, *a, **k: adam_step(p, g, m, v, t + 1, *a, **k))
exercise.mutant(
    "betas exchanged",
    adam_step=lambda p, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8: adam_step(
        p, g, m, v, t, lr, betas[::-1], eps
    ),
)
exercise.mutant(
    "the corrected m and v are kept",
    adam_step=lambda p, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8: (
        adam_step(p, g, m, v, t, lr, betas, eps)[0],
        adam_step(p, g, m, v, t, lr, betas, eps)[1] / (1 - betas[0] ** t),
        adam_step(p, g, m, v, t, lr, betas, eps)[2],
    ),
)
exercise.mutant("an eps that small gradients feel", adam_step=big_eps)
exercise.mutant("the decay in the gradient", adamw_step=coupled)
exercise.mutant(
    "the decay without the rate",
    adamw_step=lambda p, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2: adam_step(
        p * (1 - weight_decay), g, m, v, t, lr, betas, eps
    ),
)
exercise.mutant(
    "no decay",
    adamw_step=lambda p, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2: adam_step(
        p, g, m, v, t, lr, betas, eps
    ),
)
