"""Drill 5, from the article's third example: relu as its own derivative, and products element by element."""

import numpy as np

from nn import functional as F
from nn.exercises.declaration import THREE_WAYS, Exercise
from nn.exercises.judging import gradients, same

exercise = Exercise(
    "drill_relu_derivative",
    title=("Drill 5: a backward that copies the forward", "调试 5：照抄前向的反向"),
    statement=(
        """
        forward(x, w1, w2) = relu(x @ w1) @ w2, x (N, D), w1 (D, H), w2 (H, K), is right. backward(g, x, w1, w2) follows the
        article: it multiplies with relu(...) in the place of its derivative, element by element where a matrix product
        belongs. Repair it: it returns (dx, dw1, dw2) for the gradient g (N, K) by the output; relu'(0) = 0.
        """,
        """
        forward(x, w1, w2) = relu(x @ w1) @ w2 是对的，x (N, D)，w1 (D, H)，w2 (H, K)。backward(g, x, w1, w2) 照着文章写：
        该乘 relu 导数的地方乘了 relu(...) 本身，该用矩阵乘法的地方逐元素相乘。请改正：g (N, K) 是对输出的梯度，
        返回 (dx, dw1, dw2)；relu'(0) = 0。
        """,
    ),
    derivation="""
        z = x @ w1,   a = relu(z),   y = a @ w2
        dw2 = a.T @ g,   da = g @ w2.T
        dz = da * (z > 0)
        dw1 = x.T @ dz,   dx = dz @ w1.T
    """,
    hints=[
        (
            "The derivative of relu(z) by z is 1 where z > 0 and 0 elsewhere.",
            "relu(z) 对 z 的导数：z > 0 处为 1，其余为 0。",
        ),
        (
            "The layers' names inside forward are local: backward must compute or keep z and a itself.",
            "forward 里的中间变量是局部的：backward 要自己算出或保存 z 和 a。",
        ),
    ],
    given="""
        import numpy as np


        def relu(x):
            return np.maximum(x, 0)


        def forward(x, w1, w2):
            return relu(x @ w1) @ w2


        def backward(g, x, w1, w2):
            d_w2 = relu(x @ w1).T @ g
            d_fc1 = (g @ w2.T) * relu(x @ w1)
            d_w1 = x.T @ d_fc1
            d_x = d_fc1 @ w1.T
            return d_x, d_w1, d_w2
    """,
)


@exercise.reference
def forward(x, w1, w2):
    """x (N, D), w1 (D, H), w2 (H, K) -> y (N, K)"""
    return np.maximum(x @ w1, 0) @ w2


@exercise.reference
def backward(g, x, w1, w2):
    """g (N, K), x (N, D), w1 (D, H), w2 (H, K) -> dx (N, D), dw1 (D, H), dw2 (H, K)"""
    z = x @ w1
    dz = (g @ w2.T) * (z > 0)
    return dz @ w1.T, x.T @ dz, np.maximum(z, 0).T @ g


@exercise.check("the forward is still right", "前向仍然正确")
def values(given, rng):
    x, w1, w2 = rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=(5, 2))
    same("y", given.forward(x, w1, w2), np.where(x @ w1 > 0, x @ w1, 0) @ w2)


@exercise.check(*THREE_WAYS)
def slopes(given, rng):
    inputs = [rng.normal(size=(3, 3)), rng.normal(size=(3, 4)), rng.normal(size=(4, 2))]
    gradients(
        given.backward, backward, forward, inputs, "dx dw1 dw2", rng, autograd=lambda x, w1, w2: F.relu(x @ w1) @ w2
    )


@exercise.check("at z = 0 the derivative of relu is 0", "z = 0 处 relu 的导数取 0")
def kink(given, rng):
    dx, dw1, _ = given.backward(np.ones((1, 1)), np.array([[1.0, 1.0]]), np.array([[1.0], [-1.0]]), np.ones((1, 1)))
    same("dx", dx, [[0.0, 0.0]])
    same("dw1", dw1, [[0.0], [0.0]])


def with_mask(mask):
    def made(g, x, w1, w2):
        z = x @ w1
        dz = (g @ w2.T) * mask(z)
        return dz @ w1.T, x.T @ dz, np.maximum(z, 0).T @ g

    return made


exercise.mutant("as printed: relu as its own derivative", backward=with_mask(lambda z: np.maximum(z, 0)))
exercise.mutant("no derivative of relu", backward=with_mask(np.ones_like))
exercise.mutant("one at the kink", backward=with_mask(lambda z: z >= 0))
exercise.mutant("the mask of the wrong side", backward=with_mask(lambda z: z < 0))
exercise.mutant(
    "dw2 from z, before the activation", backward=lambda g, x, w1, w2: (*backward(g, x, w1, w2)[:2], (x @ w1).T @ g)
)
exercise.mutant(
    "half of dx", backward=lambda g, x, w1, w2: (backward(g, x, w1, w2)[0] * 0.5, *backward(g, x, w1, w2)[1:])
)
exercise.mutant("the activation is lost in the forward", forward=lambda x, w1, w2: x @ w1 @ w2)
