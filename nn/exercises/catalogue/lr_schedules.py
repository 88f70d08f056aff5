"""Learning rates that change: in steps, along a cosine, with a warm-up."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import same

exercise = Exercise(
    "lr_schedules",
    title=("Learning-rate schedules", "学习率调度"),
    statement=(
        """
        Each returns the learning rate of step t = 0, 1, 2, ... as a number.
        step_lr(t, lr, step_size, gamma): lr, times gamma after each step_size steps.
        cosine_lr(t, lr, total, lowest): from lr at t = 0 along half a cosine to `lowest` at t = total, and stays there.
        warmup_cosine_lr(t, lr, warmup, total, lowest): the first step, t = 0, has lr / warmup, step warmup - 1 has lr;
        from t = warmup on it is the cosine from lr, which reaches `lowest` at t = total.
        """,
        """
        各函数返回第 t = 0, 1, 2, ... 步的学习率（一个数）。
        step_lr(t, lr, step_size, gamma)：从 lr 开始，每过 step_size 步乘一次 gamma。
        cosine_lr(t, lr, total, lowest)：t = 0 时为 lr，沿半个余弦降到 t = total 时的 lowest，此后不变。
        warmup_cosine_lr(t, lr, warmup, total, lowest)：t = 0 时为 lr / warmup，第 warmup - 1 步达到 lr；
        从 t = warmup 起走余弦，由 lr 出发，在 t = total 时到 lowest。
        """,
    ),
    derivation="""
        step:      lr * gamma**(t // step_size)
        cosine:    lowest + (lr - lowest) * (1 + cos(pi * t / total)) / 2
        warm-up:   lr * (t + 1) / warmup        for t < warmup
        then:      the cosine of t - warmup over total - warmup
    """,
    hints=[
        ("t // step_size counts the drops until now.", "t // step_size 就是到目前为止下降的次数。"),
        (
            "(1 + cos(pi * s)) / 2 falls from 1 to 0 while s goes from 0 to 1.",
            "s 从 0 到 1 时，(1 + cos(pi * s)) / 2 从 1 降到 0。",
        ),
        ("The first step must not have the rate 0: it would be wasted.", "第一步的学习率不应为 0，否则白走一步。"),
    ],
)


@exercise.reference
def step_lr(t, lr, step_size, gamma=0.1):
    """t () -> ()"""
    return lr * gamma ** (t // step_size)


@exercise.reference
def cosine_lr(t, lr, total, lowest=0.0):
    """t () -> ()"""
    s = min(t / total, 1.0)
    return lowest + (lr - lowest) * (1 + np.cos(np.pi * s)) / 2


@exercise.reference
def warmup_cosine_lr(t, lr, warmup, total, lowest=0.0):
    """t () -> ()"""
    if t < warmup:
        return lr * (t + 1) / warmup
    return cosine_lr(t - warmup, lr, total - warmup, lowest)


def curve(schedule, *options, steps=13):
    return [schedule(t, *options) for t in range(steps)]


@exercise.check("steps fall at the right places", "阶梯在正确的位置下降")
def stairs(given, rng):
    same("rates", curve(given.step_lr, 0.8, 4, 0.5), [0.8] * 4 + [0.4] * 4 + [0.2] * 4 + [0.1])


@exercise.check("the cosine goes from lr to the lowest", "余弦从 lr 降到 lowest")
def cosine(given, rng):
    same("rates", curve(given.cosine_lr, 1.0, 12, 0.2), curve(cosine_lr, 1.0, 12, 0.2))
    same("rate in the middle", given.cosine_lr(5, 1.0, 10, 0.2), 0.6)


@exercise.check("after its end the cosine stays at the lowest", "余弦结束后保持在 lowest")
def end(given, rng):
    same("rates after the end", curve(given.cosine_lr, 1.0, 6, 0.2)[6:], [0.2] * 7)


@exercise.check("the warm-up rises to lr and hands over to the cosine", "预热升到 lr，再接上余弦")
def warmup(given, rng):
    same("rates", curve(given.warmup_cosine_lr, 0.8, 4, 12, 0.1), curve(warmup_cosine_lr, 0.8, 4, 12, 0.1))


exercise.mutant("a drop at every step", step_lr=lambda t, lr, step_size, gamma=0.1: lr * gamma ** (t / step_size))
exercise.mutant(
    "a drop one step late", step_lr=lambda t, lr, step_size, gamma=0.1: lr * gamma ** (max(t - 1, 0) // step_size)
)
exercise.mutant(
    "the lowest is added, not approached",
    cosine_lr=lambda t, lr, total, lowest=0.0: (
        lowest + lr * (1 + np.cos(np.pi * min(t / total, 1))) / 2 if t < total else lowest
    ),
)
exercise.mutant(
    "a whole cosine",
    cosine_lr=lambda t, lr, total, lowest=0.0: (
        lowest + (lr - lowest) * (1 + np.cos(2 * np.pi * t / total)) / 2 if t < total else lowest
    ),
)
exercise.mutant(
    "it rises again after the end",
    cosine_lr=lambda t, lr, total, lowest=0.0: lowest + (lr - lowest) * (1 + np.cos(np.pi * t / total)) / 2,
)
exercise.mutant("a straight line", cosine_lr=lambda t, lr, total, lowest=0.0: lr + (lowest - lr) * min(t / total, 1))
exercise.mutant(
    "the first step stands still",
    warmup_cosine_lr=lambda t, lr, warmup, total, lowest=0.0: (
        lr * t / warmup if t < warmup else cosine_lr(t - warmup, lr, total - warmup, lowest)
    ),
)
exercise.mutant(
    "the cosine does not begin at lr",
    warmup_cosine_lr=lambda t, lr, warmup, total, lowest=0.0: (
        lr * (t + 1) / warmup if t < warmup else cosine_lr(t, lr, total, lowest)
    ),
)
