"""Drill 4, from the article's second example: a line that must go through the origin."""

import numpy as np

import nn
from nn.exercises.declaration import THREE_WAYS, Exercise
from nn.exercises.judging import gradients, require, same

exercise = Exercise(
    "drill_missing_bias",
    title=("Drill 4: the line misses the data", "调试 4：直线总是偏离数据"),
    statement=(
        """
        The model x @ w has no bias: for x = 0 it says 0, whatever is learned. Add one. forward(x, parameters) with
        parameters = [w (D,), b ()] returns (N,); backward(x, y, parameters) returns the gradients [dw, db] of
        mean((forward - y)**2); initial(columns) returns zeros of these shapes.
        """,
        """
        模型 x @ w 没有偏置：x = 0 时无论学到什么，输出都是 0。请加上偏置。forward(x, parameters) 中
        parameters = [w (D,), b ()]，返回 (N,)；backward(x, y, parameters) 返回 mean((forward - y)**2) 的梯度 [dw, db]；
        initial(columns) 返回这两种形状的零。
        """,
    ),
    derivation="""
        y = x @ w + b
        L = mean(r**2),   r = x @ w + b - y
        dw = 2 * x.T @ r / N,   db = 2 * sum(r) / N = 2 * mean(r)
        at the best b the mean of r is zero:  the line goes through the centre of the data
    """,
    hints=[
        ("The bias is the weight of an input that is always 1.", "偏置就是恒为 1 的输入的权重。"),
        ("Its gradient is that of the output, summed over the rows.", "它的梯度是对输出的梯度按行求和。"),
    ],
    given="""
        import numpy as np


        def initial(columns):
            return [np.zeros(columns)]


        def forward(x, parameters):
            return x @ parameters[0]


        def backward(x, y, parameters):
            residual = forward(x, parameters) - y
            return [2 * x.T @ residual / len(x)]
    """,
)


@exercise.reference
def initial(columns):
    """D -> [w (D,), b ()]"""
    return [np.zeros(columns), np.zeros(())]


@exercise.reference
def forward(x, parameters):
    """x (N, D), [w (D,), b ()] -> (N,)"""
    w, b = parameters
    return x @ w + b


@exercise.reference
def backward(x, y, parameters):
    """x (N, D), y (N,), [w (D,), b ()] -> [dw (D,), db ()]"""
    residual = forward(x, parameters) - y
    return [2 * x.T @ residual / len(x), 2 * residual.mean()]


@exercise.check("the model has a bias, and starts from zeros", "模型带偏置，并从零开始")
def model(given, rng):
    start = given.initial(3)
    require(
        len(start) == 2,
        f"initial: expected [w, b], got {len(start)} array(s): where is the bias?",
        f"initial：应返回 [w, b]，得到 {len(start)} 个数组：偏置在哪里？",
    )
    same("w", start[0], np.zeros(3))
    same("b", np.reshape(start[1], ()), 0.0)


@exercise.check("the output is x @ w + b", "输出为 x @ w + b")
def output(given, rng):
    x, w = rng.normal(size=(4, 2)), rng.normal(size=2)
    same("output", given.forward(x, [w, np.array(0.7)]), x @ w + 0.7)
    same("output at x = 0", given.forward(np.zeros((1, 2)), [w, np.array(0.7)]), [0.7])


@exercise.check(*THREE_WAYS)
def slopes(given, rng):
    x, y = rng.normal(size=(5, 2)), rng.normal(size=5)
    gradients(
        lambda g, w, b: [g * d for d in given.backward(x, y, [w, b])],
        lambda g, w, b: [g * d for d in backward(x, y, [w, b])],
        lambda w, b: np.mean((x @ w + b - y) ** 2),
        [rng.normal(size=2), np.array(0.4)],
        "dw db",
        rng,
        autograd=lambda w, b: ((nn.tensor(x) @ w + b - nn.tensor(y)) ** 2).mean(),
    )


exercise.mutant(
    "as printed",
    initial=lambda n: [np.zeros(n)],
    forward=lambda x, p: x @ p[0],
    backward=lambda x, y, p: [2 * x.T @ (x @ p[0] - y) / len(x)],
)
exercise.mutant("a bias that starts at one", initial=lambda n: [np.zeros(n), np.ones(())])
exercise.mutant("the bias is subtracted", forward=lambda x, p: x @ p[0] - p[1])
exercise.mutant("the bias inside the weights", forward=lambda x, p: x @ (p[0] + p[1]))
exercise.mutant(
    "db summed, not averaged", backward=lambda x, y, p: [backward(x, y, p)[0], len(x) * backward(x, y, p)[1]]
)
exercise.mutant("db is zero: the bias is never trained", backward=lambda x, y, p: [backward(x, y, p)[0], np.zeros(())])
exercise.mutant("the sign of db", backward=lambda x, y, p: [backward(x, y, p)[0], -backward(x, y, p)[1]])
