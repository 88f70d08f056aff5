"""Drill 1, from the article's first example: a loss that rises."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same

exercise = Exercise(
    "drill_gradient_sign",
    title=("Drill 1: the loss rises", "调试 1：损失不降反升"),
    statement=(
        """
        The article's code trains one sigmoid unit, x (N, D), y (N, 1), weights (D, 1), and its loss rises from step to
        step. Find the mistake and repair it in one place. train_step returns the weights after one step of descent by
        learning_rate on the sum of (y - output)**2 / 2; the weights that it is given stay as they are.
        """,
        """
        文章的代码训练单个 sigmoid 神经元，x (N, D)，y (N, 1)，weights (D, 1)，损失却一步步上升。
        请找出错误，只改一处。train_step 返回在 (y - output)**2 / 2 之和上按 learning_rate 下降一步之后的权重；
        传入的 weights 不得改动。
        """,
    ),
    derivation="""
        L = sum (y - o)**2 / 2,   o = sigmoid(x @ w)
        dL/do = -(y - o) = o - y             error = y - output is minus the gradient
        dL/dw = x.T @ ((o - y) * o * (1 - o))
        w - lr * dL/dw = w + lr * x.T @ ((y - o) * o * (1 - o))
    """,
    hints=[
        (
            "Compute dL/dw by differences for one weight, and compare its sign with d_weights.",
            "用差分算出对某个权重的 dL/dw，与 d_weights 的符号比一比。",
        ),
        (
            "error = y - output turns the sign round; then `-=` climbs.",
            "error = y - output 已经反了号，再用 -= 就是在爬坡。",
        ),
    ],
    given="""
        import numpy as np


        def sigmoid(x):
            return 1 / (1 + np.exp(-x))


        def train_step(x, y, weights, learning_rate):
            output = sigmoid(np.dot(x, weights))
            error = y - output
            d_output = error * output * (1 - output)
            d_weights = np.dot(x.T, d_output)
            weights -= learning_rate * d_weights
            return weights
    """,
)


@exercise.reference
def train_step(x, y, weights, learning_rate):
    """x (N, D), y (N, 1), weights (D, 1) -> weights (D, 1)"""
    output = 1 / (1 + np.exp(-(x @ weights)))
    error = output - y
    return weights - learning_rate * x.T @ (error * output * (1 - output))


def example(rng):
    return rng.normal(size=(6, 2)), rng.integers(0, 2, size=(6, 1)).astype(float), rng.normal(size=(2, 1))


@exercise.check("the step goes down by the gradient", "沿梯度下降的一步正确")
def step(given, rng):
    x, y, w = example(rng)
    got = np.asarray(given.train_step(x, y, w, 0.3))
    require(
        got.shape == w.shape,
        f"weights: expected shape {w.shape}, got {got.shape}",
        f"权重：形状应为 {w.shape}，得到 {got.shape}",
    )
    same("change of the weights", got - w, train_step(x, y, w, 0.3) - w)


@exercise.check(
    "the loss falls for 20 steps",
    "连续 20 步损失下降",
    shared="a right step lets the loss fall; it shows what the mistake does",
)
def falls(given, rng):
    x, y, w = example(rng)
    losses = []
    for _ in range(21):
        losses.append(np.sum((y - 1 / (1 + np.exp(-(x @ w)))) ** 2))
        w = np.asarray(given.train_step(x, y, w, 0.1))
    require(
        all(np.diff(losses) < 0),
        f"the loss goes from {losses[0]:.4g} to {losses[-1]:.4g}",
        f"损失从 {losses[0]:.4g} 变成 {losses[-1]:.4g}",
    )


@exercise.check("the weights that it is given stay as they are, and may be integers", "传入的权重不变，也可以是整数")
def weights(given, rng):
    x, y, w = example(rng)
    before = w.copy()
    given.train_step.itself(x, y, w, 0.3)
    require(
        (w == before).all(), "the given weights are changed in place: `-=` on an array", "传入的权重被 -= 就地修改了"
    )
    whole, real = (given.train_step(x, y, np.array([[1], [2]], dtype), 0.3) for dtype in (int, float))
    same("weights from integers", whole, real)


def in_place(x, y, weights, learning_rate):
    weights += train_step(x, y, weights, learning_rate) - weights
    return weights


exercise.mutant("as printed: the sign", train_step=lambda x, y, w, lr: 2 * w - train_step(x, y, w, lr))
exercise.mutant(
    "the derivative of the sigmoid is lost",
    train_step=lambda x, y, w, lr: w - lr * x.T @ (1 / (1 + np.exp(-(x @ w))) - y),
)
exercise.mutant(
    "the mean instead of the sum", train_step=lambda x, y, w, lr: w + (train_step(x, y, w, lr) - w) / len(x)
)
exercise.mutant("the caller's weights changed in place", train_step=in_place)
