"""One step of descent with momentum and weight decay."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import same

exercise = Exercise(
    "sgd_momentum_step",
    title=("A step of SGD with momentum", "带动量的 SGD 单步"),
    statement=(
        """
        sgd_momentum_step(param, grad, velocity, lr, momentum, weight_decay) returns (param, velocity) after one step,
        as torch.optim.SGD defines it: the decay goes into the gradient, the gradient into the velocity, and the
        parameter moves by lr times the velocity. At the first step velocity is None, and becomes the gradient.
        New arrays or the same ones, changed in place: what is returned counts.
        """,
        """
        sgd_momentum_step(param, grad, velocity, lr, momentum, weight_decay) 返回一步之后的 (param, velocity)，
        定义同 torch.optim.SGD：权重衰减加进梯度，梯度累积进速度，参数移动 lr 乘以速度。
        第一步时 velocity 为 None，此时速度就是梯度。返回新数组或就地修改后的数组都可以，以返回值为准。
        """,
    ),
    derivation="""
        g = grad + weight_decay * param          (the gradient of L + weight_decay / 2 * |param|**2)
        v = momentum * v + g                     (the first v is g)
        param = param - lr * v
        a constant gradient ends in   v = g / (1 - momentum):  momentum 0.9 makes the steps ten times as long
    """,
    hints=[
        ("The decay uses the parameter before the step.", "权重衰减用的是更新前的参数。"),
        (
            "lr multiplies the velocity when the parameter moves; it is not stored in the velocity.",
            "lr 在移动参数时才乘到速度上，不存进速度里。",
        ),
    ],
)


@exercise.reference
def sgd_momentum_step(param, grad, velocity, lr, momentum=0.0, weight_decay=0.0):
    """param (...), grad (...), velocity (...) or None -> param (...), velocity (...)"""
    g = grad + weight_decay * param
    velocity = g if velocity is None else momentum * velocity + g
    return param - lr * velocity, velocity


def walked(step, rng, count=3, lr=0.1, momentum=0.0, weight_decay=0.0):
    param, velocity = rng.normal(size=(2, 3)), None
    for k in range(count):
        param, velocity = step(param, rng.normal(size=(2, 3)), velocity, lr / (k + 1), momentum, weight_decay)
    return param


def compare(given, rng, **options):
    seed = int(rng.integers(1000))
    got = walked(given.sgd_momentum_step, np.random.default_rng(seed), **options)
    same("param", got, walked(sgd_momentum_step, np.random.default_rng(seed), **options))


@exercise.check(
    "without momentum and decay it is plain descent",
    "没有动量和衰减时就是普通的梯度下降",
    shared="every other check takes a step too",
)
def plain(given, rng):
    compare(given, rng)


@exercise.check(
    "momentum adds up over several steps, while the rate changes",
    "动量跨步累积，且学习率可以变化",
    shared="momentum and decay together show it too",
)
def momentum(given, rng):
    compare(given, rng, momentum=0.9)


@exercise.check("weight decay pulls towards zero", "权重衰减把参数拉向零")
def decay(given, rng):
    compare(given, rng, weight_decay=0.3)


@exercise.check("momentum and decay together", "动量与衰减同时使用")
def both(given, rng):
    compare(given, rng, momentum=0.9, weight_decay=0.3)


def step(velocity_of, param_of=lambda p, v, lr, m, g: p - lr * v):
    def made(p, grad, velocity, lr, momentum=0.0, weight_decay=0.0):
        g = grad + weight_decay * p
        v = velocity_of(g, velocity, lr, momentum)
        return param_of(p, v, lr, momentum, g), v

    return made


def decoupled(p, grad, v, lr, momentum=0.0, weight_decay=0.0):
    new, v = sgd_momentum_step(p, grad, v, lr, momentum)
    return new - (lr * weight_decay * p if momentum else 0) - (0 if momentum else lr * weight_decay * p), v


exercise.mutant("it ascends", sgd_momentum_step=step(lambda g, v, lr, m: g, lambda p, v, lr, m, g: p + lr * v))
exercise.mutant(
    "a running mean", sgd_momentum_step=step(lambda g, v, lr, m: g if v is None or not m else m * v + (1 - m) * g)
)
exercise.mutant(
    "the rate inside the velocity",
    sgd_momentum_step=step(lambda g, v, lr, m: lr * g if v is None else m * v + lr * g, lambda p, v, lr, m, g: p - v),
)
exercise.mutant(
    "Nesterov's",
    sgd_momentum_step=step(
        lambda g, v, lr, m: g if v is None else m * v + g, lambda p, v, lr, m, g: p - lr * (g + m * v)
    ),
)
exercise.mutant(
    "the decay is ignored",
    sgd_momentum_step=lambda p, grad, v, lr, momentum=0.0, weight_decay=0.0: sgd_momentum_step(
        p, grad, v, lr, momentum
    ),
)
exercise.mutant(
    "half of the decay, when there is no momentum",
    sgd_momentum_step=lambda p, g, v, lr, m=0.0, wd=0.0: sgd_momentum_step(p, g, v, lr, m, wd if m else wd / 2),
)
exercise.mutant("the decay beside the velocity, as AdamW has it", sgd_momentum_step=decoupled)
