"""Clipping gradients by their common norm."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import calm, same

exercise = Exercise(
    "clip_grad_norm",
    title=("Clip gradients by their norm", "按范数裁剪梯度"),
    statement=(
        """
        grads is a list of arrays of any shapes. Return (clipped, norm): norm is the Euclidean norm of all elements of
        all arrays together, before clipping. If it is above max_norm, all are scaled by one factor so that
        the norm becomes max_norm; else they stay as they are. Zeros stay zeros. New arrays or the same ones in place.
        """,
        """
        grads 是若干任意形状数组的列表。返回 (clipped, norm)：norm 是裁剪前所有数组全部元素合在一起的欧几里得范数。
        若它大于 max_norm，则所有数组乘以同一个因子，使范数变为 max_norm；否则保持不变。
        全零仍为零。返回新数组或就地修改后的数组都可以。
        """,
    ),
    derivation="""
        norm = sqrt(sum over arrays of sum(g**2))
        factor = min(1, max_norm / norm)
        one factor for all: the direction of the step stays, only its length is bounded
    """,
    hints=[
        ("One norm for all arrays together, not one for each.", "所有数组合起来一个范数，而不是各算各的。"),
        ("Gradients shorter than max_norm are not made longer.", "比 max_norm 短的梯度不能被拉长。"),
    ],
)


@exercise.reference
def clip_grad_norm(grads, max_norm):
    """list of (...) -> list of (...), norm ()"""
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    factor = max_norm / norm if norm > max_norm else 1.0
    return [g * factor for g in grads], norm


def compare(given, grads, max_norm):
    clipped, norm = given.clip_grad_norm(grads, max_norm)
    right, expected = clip_grad_norm(grads, max_norm)
    same("norm", norm, expected, rtol=1e-5)
    for k, (got, wanted) in enumerate(zip(clipped, right, strict=True)):
        same(f"clipped[{k}]", got, wanted, rtol=1e-5)


@exercise.check("long gradients are scaled together", "过长的梯度一起缩放")
def long(given, rng):
    compare(given, [10 * rng.normal(size=(2, 3)), rng.normal(size=4), np.array(3.0)], 1.5)


@exercise.check("short ones stay as they are", "不够长的保持不变")
def short(given, rng):
    compare(given, [np.array([0.3, 0.4]), np.array([[0.0], [0.0]])], 1.0)


@exercise.check("zeros stay zeros, without a division", "全零保持为零，不做除法")
def zeros(given, rng):
    with calm():
        compare(given, [np.zeros(3)], 1.0)


def each(grads, max_norm):
    return [clip_grad_norm([g], max_norm)[0][0] for g in grads], clip_grad_norm(grads, max_norm)[1]


def always(grads, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    return [g * max_norm / (norm + 1e-12) for g in grads], norm


def divides(grads, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in grads))
    return [g * np.minimum(1.0, max_norm / norm) for g in grads], norm


exercise.mutant("each array by its own norm", clip_grad_norm=each)
exercise.mutant(
    "every element by itself",
    clip_grad_norm=lambda grads, m: ([np.clip(g, -m, m) for g in grads], clip_grad_norm(grads, m)[1]),
)
exercise.mutant("short ones are made longer", clip_grad_norm=always)
exercise.mutant("divided by a norm of zero", clip_grad_norm=divides)
exercise.mutant(
    "the norm after clipping",
    clip_grad_norm=lambda grads, m: (clip_grad_norm(grads, m)[0], min(m, clip_grad_norm(grads, m)[1])),
)
exercise.mutant(
    "without the root", clip_grad_norm=lambda grads, m: (clip_grad_norm(grads, m)[0], clip_grad_norm(grads, m)[1] ** 2)
)
exercise.mutant(
    "the norms added",
    clip_grad_norm=lambda grads, m: (clip_grad_norm(grads, m)[0], sum(np.sqrt(np.sum(g**2)) for g in grads)),
)
