"""The sigmoid, without overflow, and its derivative."""

import numpy as np

import nn
from nn.exercises.declaration import THREE_WAYS, VALUES, Exercise
from nn.exercises.judging import calm, gradients, same

exercise = Exercise(
    "sigmoid",
    title=("The sigmoid and its derivative", "sigmoid 及其导数"),
    statement=(
        """
        sigmoid(x) = 1 / (1 + exp(-x)), element by element, for an array of any shape. exp(1000) overflows: for inputs
        of any size there must be no warning, and sigmoid(-50) is 1.9e-22, not 0.
        sigmoid_backward(g, x) returns dx, the gradient by x, where g is the gradient by the output.
        """,
        """
        逐元素计算 sigmoid(x) = 1 / (1 + exp(-x))，x 可为任意形状。exp(1000) 会溢出：无论输入多大都不应出现警告，
        而 sigmoid(-50) 应为 1.9e-22，不是 0。
        sigmoid_backward(g, x) 返回对 x 的梯度 dx，其中 g 是对输出的梯度。
        """,
    ),
    derivation="""
        y = 1 / (1 + exp(-x))
        dy/dx = exp(-x) / (1 + exp(-x))**2 = y * (1 - y)
        dx = g * y * (1 - y)
        x < 0:  y = exp(x) / (1 + exp(x)), where exp(x) is at most 1
    """,
    hints=[
        ("exp overflows only for positive arguments: -|x| never is.", "只有正的指数才会溢出，而 -|x| 永远不为正。"),
        (
            "With e = exp(-|x|): 1 / (1 + e) where x >= 0, e / (1 + e) elsewhere.",
            "令 e = exp(-|x|)：x >= 0 处取 1 / (1 + e)，其余取 e / (1 + e)。",
        ),
        ("The derivative needs only the output: y * (1 - y).", "导数只需要输出本身：y * (1 - y)。"),
    ],
    layer="Sigmoid",
)


@exercise.reference
def sigmoid(x):
    """x (...) -> y (...)"""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


@exercise.reference
def sigmoid_backward(g, x):
    """g (...), x (...) -> dx (...)"""
    y = sigmoid(x)
    return g * y * (1 - y)


@exercise.check(*VALUES)
def values(given, rng):
    x = rng.normal(size=(3, 4))
    same("y", given.sigmoid(x), 1 / (1 + np.exp(-x)))


@exercise.check("large inputs neither overflow nor lose their sign", "很大的输入既不溢出，也不丢失精度")
def extremes(given, rng):
    x = np.array([-1000.0, -50.0, 0.0, 50.0, 1000.0])
    with calm():
        y = np.asarray(given.sigmoid(x))
    same("y", y, [0.0, np.exp(-50.0), 0.5, 1.0, 1.0], atol=0)


@exercise.check(*THREE_WAYS)
def backward(given, rng):
    x = rng.normal(size=(2, 3))
    gradients(given.sigmoid_backward, sigmoid_backward, sigmoid, [x], "dx", rng, autograd=nn.sigmoid)


exercise.mutant("exp(-x) overflows", sigmoid=lambda x: 1 / (1 + np.exp(-x)))
exercise.mutant("clipped, so that the tail is lost", sigmoid=lambda x: 1 / (1 + np.exp(-np.clip(x, -30, 30))))
exercise.mutant("the sign of x is lost", sigmoid=lambda x: 1 / (1 + np.exp(-np.abs(x))))
exercise.mutant("tanh without its scaling", sigmoid=lambda x: (1 + np.tanh(x)) / 2)
exercise.mutant(
    "flattened, as a loop over elements leaves it", sigmoid=lambda x: np.array([sigmoid(v) for v in np.ravel(x)])
)
exercise.mutant("x taken for the output", sigmoid_backward=lambda g, x: g * x * (1 - x))
exercise.mutant("the upstream gradient forgotten", sigmoid_backward=lambda g, x: sigmoid(x) * (1 - sigmoid(x)))
exercise.mutant("the sign of the article", sigmoid_backward=lambda g, x: -sigmoid_backward(g, x))
