"""Drill 2, from the article's second example: the right sign, and it still diverges."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require

exercise = Exercise(
    "drill_learning_rate",
    title=("Drill 2: the loss becomes infinite", "调试 2：损失变成无穷大"),
    statement=(
        """
        The article's linear regression, with its sign repaired, still ends in inf: the learning rate of 0.1 is
        above 2 / the largest eigenvalue of x.T @ x, which for its data is 83.76. Repair learning_rate(x) so that the
        descent w -= lr * x.T @ (x @ w - y), as train does it, converges for data of any size, and not slower than it must:
        between a quarter of the limit and the limit. train stays as it is.
        """,
        """
        文章的线性回归修正符号之后，结果仍是 inf：学习率 0.1 超过了 2 / (x.T @ x 的最大特征值)，
        而对它的数据，这个特征值是 83.76。请修改 learning_rate(x)，使 train 中的下降
        w -= lr * x.T @ (x @ w - y) 对任何数量级的数据都收敛，又不至于太慢：取值在界限的四分之一与界限之间。
        train 保持不变。
        """,
    ),
    derivation="""
        error e = w - w*,   one step:  e -> (I - lr * x.T @ x) @ e
        along an eigenvector of eigenvalue s:  e -> (1 - lr * s) * e
        it shrinks while |1 - lr * s| < 1:  lr < 2 / s,  for the largest s
        the article's data: 2 / 83.76 = 0.02388
    """,
    hints=[
        ("np.linalg.eigvalsh(x.T @ x) lists the eigenvalues.", "np.linalg.eigvalsh(x.T @ x) 给出全部特征值。"),
        ("1 / the largest eigenvalue lies in the middle of what is allowed.", "1 / 最大特征值正好在允许范围的中间。"),
    ],
    given="""
        import numpy as np


        def learning_rate(x):
            return 0.1


        def train(x, y, steps):
            w = np.zeros(x.shape[1])
            for _ in range(steps):
                w -= learning_rate(x) * x.T @ (x @ w - y)
            return w
    """,
)


@exercise.reference
def learning_rate(x):
    """x (N, D) -> ()"""
    return 1 / np.linalg.eigvalsh(x.T @ x)[-1]


@exercise.reference
def train(x, y, steps):
    """x (N, D), y (N,) -> w (D,)"""
    w = np.zeros(x.shape[1])
    for _ in range(steps):
        w -= learning_rate(x) * x.T @ (x @ w - y)
    return w


HOUSES, PRICES = np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 4.0], [4.0, 5.0]]), np.array([5.0, 7.0, 9.0, 11.0])


@exercise.check("the rate is below the limit, for data of any size", "对任何数量级的数据，学习率都在界限之下")
def limit(given, rng):
    for scale in (0.01, 1.0, 100.0):
        x = scale * rng.normal(size=(8, 3)) + scale
        bound = 2 / np.linalg.eigvalsh(x.T @ x)[-1]
        lr = float(given.learning_rate(x))
        require(
            0 < lr < bound,
            f"data of size {scale:g}: expected a rate below {bound:.4g}, got {lr:.4g}",
            f"数量级 {scale:g} 的数据：学习率应低于 {bound:.4g}，得到 {lr:.4g}",
        )


@exercise.check("and not needlessly small", "又不至于太小")
def speed(given, rng):
    for scale in (0.01, 1.0, 100.0):
        x = scale * rng.normal(size=(8, 3)) + scale
        bound = 2 / np.linalg.eigvalsh(x.T @ x)[-1]
        lr = float(given.learning_rate(x))
        require(
            lr >= 0.249 * bound,
            f"data of size {scale:g}: got {lr:.4g}, less than a quarter of {bound:.4g}",
            f"数量级 {scale:g} 的数据：得到 {lr:.4g}，不到 {bound:.4g} 的四分之一",
        )


@exercise.check("the article's houses are learned", "学会文章里的房价")
def houses(given, rng):
    w = np.asarray(given.train(HOUSES, PRICES, 2000), float)
    error = np.max(np.abs(HOUSES @ w - PRICES))
    require(error < 0.1, f"the worst prediction is off by {error:.4g}", f"最差的预测差了 {error:.4g}")


exercise.mutant("as printed", learning_rate=lambda x: 0.1)
exercise.mutant("what is right for the article's data alone", learning_rate=lambda x: 0.02)
exercise.mutant(
    "the trace: safe, and slow when there are many columns", learning_rate=lambda x: 0.4 / np.trace(x.T @ x)
)
exercise.mutant("2 / the smallest eigenvalue", learning_rate=lambda x: 2 / np.linalg.eigvalsh(x.T @ x)[0])
exercise.mutant("1 / N", learning_rate=lambda x: 1 / len(x))
exercise.mutant("the limit itself, and a little", learning_rate=lambda x: 2.02 / np.linalg.eigvalsh(x.T @ x)[-1])
exercise.mutant("it ascends", train=lambda x, y, steps: -train(x, y, steps))
