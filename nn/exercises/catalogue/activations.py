"""Four activations, forward and backward."""

import math

import numpy as np

import nn
from nn import functional as F
from nn.exercises.declaration import VALUES, Exercise
from nn.exercises.judging import distinct, gradients, same, unchanged

exercise = Exercise(
    "activations",
    title=("ReLU, leaky ReLU, tanh and GELU", "ReLU、leaky ReLU、tanh 与 GELU"),
    statement=(
        """
        Four activations and their backwards, element by element, for arrays of any shape. g is the gradient by the
        output, and every backward gets the input x, not the output.
        relu(x) = max(x, 0), with derivative 0 at x = 0.   leaky_relu(x) = x for x > 0, else slope * x.
        gelu(x) = x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2, the form with tanh.
        x must stay as it is.
        """,
        """
        四个激活函数及其反向，逐元素计算，数组形状任意。g 是对输出的梯度；每个反向函数拿到的是输入 x，不是输出。
        relu(x) = max(x, 0)，在 x = 0 处导数取 0。   leaky_relu(x)：x > 0 时为 x，否则为 slope * x。
        gelu(x) = x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2，即 tanh 形式。
        不得修改 x。
        """,
    ),
    derivation="""
        relu'(x) = (x > 0)
        leaky_relu'(x) = (x > 0) + slope * (x <= 0)
        tanh'(x) = 1 - tanh(x)**2
        gelu(x) = x * (1 + t) / 2   with   t = tanh(u),   u = c * (x + a * x**3)
        gelu'(x) = (1 + t) / 2 + x / 2 * (1 - t**2) * c * (1 + 3 * a * x**2)
    """,
    hints=[
        (
            "The derivative of relu is a mask of zeros and ones, x > 0; relu itself is not its own derivative.",
            "relu 的导数是 0 和 1 组成的掩码 x > 0；relu 本身不是它的导数。",
        ),
        ("tanh' = 1 - tanh(x)**2: not 1 - x**2.", "tanh' = 1 - tanh(x)**2，而不是 1 - x**2。"),
        (
            "gelu is a product of two factors that both depend on x: two terms.",
            "gelu 是两个都依赖 x 的因子之积，所以导数有两项。",
        ),
    ],
)


@exercise.reference
def relu(x):
    """x (...) -> y (...)"""
    return np.where(x > 0, x, 0.0)


@exercise.reference
def relu_backward(g, x):
    """g (...), x (...) -> dx (...)"""
    return g * (x > 0)


@exercise.reference
def leaky_relu(x, slope=0.01):
    """x (...) -> y (...)"""
    return np.where(x > 0, x, slope * x)


@exercise.reference
def leaky_relu_backward(g, x, slope=0.01):
    """g (...), x (...) -> dx (...)"""
    return np.where(x > 0, g, slope * g)


@exercise.reference
def tanh_backward(g, x):
    """g (...), x (...) -> dx (...)"""
    return g * (1 - np.tanh(x) ** 2)


@exercise.reference
def gelu(x):
    """x (...) -> y (...)"""
    return x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) / 2


@exercise.reference
def gelu_backward(g, x):
    """g (...), x (...) -> dx (...)"""
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    inner = c * (1 + 3 * 0.044715 * x**2)
    return g * ((1 + t) / 2 + x / 2 * (1 - t**2) * inner)


@exercise.check(*VALUES)
def values(given, rng):
    x = 2 * distinct(rng, 3, 4)
    same("relu(x)", given.relu(x), relu(x))
    same("leaky_relu(x)", given.leaky_relu(x), leaky_relu(x))
    same("leaky_relu(x, 0.2)", given.leaky_relu(x, 0.2), leaky_relu(x, 0.2))
    same("gelu(x)", given.gelu(x), gelu(x))


@exercise.check("x stays as it is", "x 保持原样")
def inputs(given, rng):
    x = rng.normal(size=5)
    for call in (given.relu, given.leaky_relu, given.gelu):
        unchanged(call, x)
    for call in (given.relu_backward, given.leaky_relu_backward, given.tanh_backward, given.gelu_backward):
        unchanged(call, rng.normal(size=5), x)


@exercise.check(
    "the four backwards agree with closed form, differences and autograd", "四个反向与公式、差分、自动微分一致"
)
def backwards(given, rng):
    x = 2 * distinct(rng, 2, 4)
    for own, closed, forward, autograd in (
        (given.relu_backward, relu_backward, relu, F.relu),
        (given.leaky_relu_backward, leaky_relu_backward, leaky_relu, F.leaky_relu),
        (given.tanh_backward, tanh_backward, np.tanh, nn.tanh),
        (given.gelu_backward, gelu_backward, gelu, lambda x: F.gelu(x, approximate="tanh")),
    ):
        gradients(own, closed, forward, [x], "dx", rng, autograd=autograd)


@exercise.check("the derivative of relu at 0 is 0", "relu 在 0 处的导数取 0")
def kink(given, rng):
    same("dx", given.relu_backward(np.array([2.0, 2.0]), np.array([0.0, -1.0])), [0.0, 0.0])


def in_place(x):
    x[x < 0] = 0
    return x


exercise.mutant("relu in the caller's array", relu=in_place)
exercise.mutant("relu as its own derivative", relu_backward=lambda g, x: g * relu(x))
exercise.mutant("a half at the kink", relu_backward=lambda g, x: g * (np.sign(x) + 1) / 2)
exercise.mutant("one at the kink", relu_backward=lambda g, x: g * (x >= 0))
exercise.mutant("the slope is not used", leaky_relu=lambda x, slope=0.01: np.where(x > 0, x, 0.01 * x))
exercise.mutant("slope times zero", leaky_relu_backward=lambda g, x, slope=0.01: g * (x > 0))
exercise.mutant("x taken for the output of tanh", tanh_backward=lambda g, x: g * (1 - x**2))
exercise.mutant("the form with erf", gelu=lambda x: x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2)
exercise.mutant("one term of the product rule", gelu_backward=lambda g, x: g * gelu(x) / np.where(x == 0, 1, x))
