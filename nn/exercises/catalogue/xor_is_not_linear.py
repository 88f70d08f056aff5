"""Why the article's first network cannot learn XOR: a proof in numbers."""

import numpy as np

import nn
from nn import functional as F
from nn.exercises.declaration import THREE_WAYS, Exercise
from nn.exercises.judging import gradients, require, same

exercise = Exercise(
    "xor_is_not_linear",
    title=("One unit cannot learn XOR", "一个神经元学不会异或"),
    statement=(
        """
        A single unit: score z = x @ w + b, probability sigmoid(z), class 1 where z > 0, on the four points
        XOR: x = (0,0), (0,1), (1,0), (1,1) with targets 0, 1, 1, 0.
        xor_loss(w, b): the mean binary cross-entropy. xor_gradients(w, b): its gradient (dw, db).
        wrong_points(w, b): a boolean (4,), which points get the wrong class. Whatever w and b: at least one does.
        best_parameters(): (w, b) of the lowest loss possible. The loss is convex, so a zero gradient is enough.
        """,
        """
        单个神经元：得分 z = x @ w + b，概率 sigmoid(z)，z > 0 时类别为 1。四个点
        XOR：x = (0,0), (0,1), (1,0), (1,1)，目标依次为 0, 1, 1, 0。
        xor_loss(w, b)：二元交叉熵的平均。xor_gradients(w, b)：它的梯度 (dw, db)。
        wrong_points(w, b)：布尔数组 (4,)，哪些点的类别判错。无论 w、b 取什么，至少有一个。
        best_parameters()：返回损失最低的 (w, b)。损失是凸函数，梯度为零即为最低。
        """,
    ),
    derivation="""
        scores:  z00 = b,  z01 = w2 + b,  z10 = w1 + b,  z11 = w1 + w2 + b,   so   z00 + z11 = z01 + z10
        all right would need  z00 <= 0, z11 <= 0, z01 > 0, z10 > 0:  the left sum <= 0, the right sum > 0
        at w = 0, b = 0:  p = 1/2,  dz = (p - t) / 4 = (1, -1, -1, 1) / 8,  dw = x.T @ dz = 0,  db = sum(dz) = 0
        convex and flat there:  the least loss is  -log(1/2) = ln 2 = 0.693147
    """,
    hints=[
        ("Compare z00 + z11 with z01 + z10.", "比较 z00 + z11 与 z01 + z10。"),
        (
            "By symmetry the best unit decides nothing: p = 1/2 everywhere.",
            "由对称性，最好的神经元什么也不判断：处处 p = 1/2。",
        ),
    ],
)


@exercise.reference
def xor_loss(w, b):
    """w (2,), b () -> ()"""
    x, t = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    z = x @ w + b
    return np.mean(np.logaddexp(0, z) - t * z)


@exercise.reference
def xor_gradients(w, b):
    """w (2,), b () -> dw (2,), db ()"""
    x, t = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    dz = (1 / (1 + np.exp(-(x @ w + b))) - t) / 4
    return x.T @ dz, dz.sum()


@exercise.reference
def wrong_points(w, b):
    """w (2,), b () -> (4,) of booleans"""
    x, t = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    return (x @ w + b > 0) != (t == 1)


@exercise.reference
def best_parameters():
    """() -> w (2,), b ()"""
    return np.zeros(2), 0.0


@exercise.check("the loss is right", "损失正确")
def loss(given, rng):
    for _ in range(3):
        w, b = rng.normal(size=2), rng.normal()
        same("loss", given.xor_loss(w, b), xor_loss(w, b))


@exercise.check(*THREE_WAYS)
def backward(given, rng):
    x, t = nn.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]]).double(), nn.tensor([0.0, 1, 1, 0]).double()
    gradients(
        lambda g, w, b: [g * d for d in given.xor_gradients(w, b)],
        lambda g, w, b: [g * d for d in xor_gradients(w, b)],
        xor_loss,
        [rng.normal(size=2), np.array(0.3)],
        "dw db",
        rng,
        autograd=lambda w, b: F.binary_cross_entropy_with_logits(x @ w + b, t),
    )


@exercise.check("each of 200 units has a point wrong", "200 个神经元，个个都有判错的点")
def always(given, rng):
    for w, b in zip(rng.normal(size=(200, 2)), rng.normal(size=200), strict=True):
        found = given.wrong_points(w, b)
        require(
            np.any(found),
            f"for w = {w.round(2)}, b = {b:.2f} no point is wrong; that cannot be",
            f"w = {w.round(2)}、b = {b:.2f} 时没有点判错，这不可能",
        )
        same("wrong_points", found, wrong_points(w, b))


@exercise.check("the best parameters have the loss ln 2", "最优参数的损失为 ln 2")
def best(given, rng):
    w, b = given.best_parameters()
    same("loss at the best parameters", xor_loss(np.asarray(w, float), b), np.log(2), rtol=1e-6)


exercise.mutant("the sum over the points", xor_loss=lambda w, b: 4 * xor_loss(w, b))
exercise.mutant(
    "the targets of AND",
    xor_loss=lambda w, b: np.mean(
        np.logaddexp(0, np.array([0, w[1], w[0], w.sum()]) + b) - np.array([0, 0, 0, 1]) * (w.sum() + b)
    ),
)
exercise.mutant("the sign of the article", xor_gradients=lambda w, b: tuple(-d for d in xor_gradients(w, b)))
exercise.mutant("no gradient by the bias", xor_gradients=lambda w, b: (xor_gradients(w, b)[0], 0.0))
exercise.mutant("the right points instead", wrong_points=lambda w, b: ~wrong_points(w, b))
exercise.mutant(
    "the targets of OR",
    wrong_points=lambda w, b: (np.array([0, w[1], w[0], w.sum()]) + b > 0) != np.array([False, True, True, True]),
)
exercise.mutant("a unit that computes OR", best_parameters=lambda: (np.array([2.0, 2.0]), -1.0))
exercise.mutant("confident and wrong", best_parameters=lambda: (np.array([1.0, 1.0]), -1.0))
