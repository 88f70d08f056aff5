"""Linear regression in closed form, where the columns depend on each other too."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same

exercise = Exercise(
    "linear_regression_lstsq",
    title=("Linear regression in closed form", "线性回归的解析解"),
    statement=(
        """
        Return v = (D + 1,), the weights and, last, the bias, that minimise sum((x @ v[:-1] + v[-1] - y)**2).
        Where several v are best, because columns depend on each other, return the shortest one (of least |v|).
        The article's houses are such a case: its second column is the first plus one, and the bias is a third such column.
        """,
        """
        返回 v = (D + 1,)：前面是权重，最后一个是偏置，使 sum((x @ v[:-1] + v[-1] - y)**2) 最小。
        若各列线性相关，最优解不唯一，则返回长度 |v| 最小的那个。
        文章的房价数据正是如此：第二列等于第一列加一，而偏置又相当于一列常数 1。
        """,
    ),
    derivation="""
        X = [x, 1],   L(v) = |X @ v - y|**2
        dL/dv = 2 * X.T @ (X @ v - y) = 0        X.T @ X @ v = X.T @ y   (the normal equation)
        X = U @ S @ V.T:   shortest solution   v = V @ S^-1 @ U.T @ y,   with 1 / s only where s is not 0
    """,
    hints=[
        ("The bias is the weight of a column of ones.", "偏置就是一列 1 的权重。"),
        (
            "X.T @ X has no inverse here. np.linalg.lstsq and np.linalg.pinv find the shortest solution.",
            "这里 X.T @ X 不可逆。np.linalg.lstsq 或 np.linalg.pinv 会给出最短的解。",
        ),
    ],
)


@exercise.reference
def linear_regression_lstsq(x, y):
    """x (N, D), y (N,) -> v (D + 1,)"""
    with_ones = np.column_stack([x, np.ones(len(x))])
    u, s, vt = np.linalg.svd(with_ones, full_matrices=False)
    used = s > 1e-12 * s[0]
    return vt[used].T @ ((u[:, used].T @ y) / s[used])


@exercise.check("noisy data give the best line", "带噪声的数据给出最优直线")
def best(given, rng):
    x = rng.normal(size=(20, 3))
    y = x @ [1.0, -2.0, 0.5] + 3 + rng.normal(size=20)
    v = np.asarray(given.linear_regression_lstsq(x, y))
    require(
        v.shape == (4,),
        f"v: expected shape (4,), got {v.shape}: the bias is the last element",
        f"v：形状应为 (4,)，得到 {v.shape}：最后一个元素是偏置",
    )
    residual = x @ v[:-1] + v[-1] - y
    same("gradient at v", np.append(x.T @ residual, residual.sum()), np.zeros(4), atol=1e-8)


@exercise.check("dependent columns give the shortest solution", "各列相关时给出最短的解")
def dependent(given, rng):
    x = np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 4.0], [4.0, 5.0]])
    same("v", given.linear_regression_lstsq(x, np.array([5.0, 7.0, 9.0, 11.0])), [1 / 3, 5 / 3, 4 / 3], rtol=1e-6)


@exercise.check("columns of very different size are all used", "数量级相差很大的列也都要用上")
def scales(given, rng):
    x = rng.normal(size=(10, 2)) * [1e4, 1e-4]
    same("v", given.linear_regression_lstsq(x, x @ [1e-4, 1e4] + 2), [1e-4, 1e4, 2.0], rtol=1e-5)


def inverse(x, y):
    with_ones = np.column_stack([x, np.ones(len(x))])
    return np.linalg.inv(with_ones.T @ with_ones) @ with_ones.T @ y


def ridge(x, y, penalty=1e-3):
    with_ones = np.column_stack([x, np.ones(len(x))])
    return np.linalg.solve(with_ones.T @ with_ones + penalty * np.eye(x.shape[1] + 1), with_ones.T @ y)


exercise.mutant("the inverse of the normal equation", linear_regression_lstsq=inverse)
exercise.mutant("a ridge, so that it can be solved", linear_regression_lstsq=ridge)
exercise.mutant(
    "the pseudo-inverse of the squares",
    linear_regression_lstsq=lambda x, y: (
        np.linalg.pinv(np.column_stack([x, np.ones(len(x))]).T @ np.column_stack([x, np.ones(len(x))]))
        @ np.column_stack([x, np.ones(len(x))]).T
        @ y
    ),
)
exercise.mutant("no bias", linear_regression_lstsq=lambda x, y: np.append(np.linalg.lstsq(x, y, rcond=None)[0], 0.0))
exercise.mutant("the bias first", linear_regression_lstsq=lambda x, y: np.roll(linear_regression_lstsq(x, y), 1))
exercise.mutant(
    "data centred, so that the shortest weights alone",
    linear_regression_lstsq=lambda x, y: np.append(
        np.linalg.lstsq(x - x.mean(0), y - y.mean(), rcond=None)[0],
        y.mean() - x.mean(0) @ np.linalg.lstsq(x - x.mean(0), y - y.mean(), rcond=None)[0],
    ),
)
exercise.mutant(
    "the bias is the mean of y",
    linear_regression_lstsq=lambda x, y: (
        linear_regression_lstsq(x, y)
        if len(x) < 20
        else np.append(np.linalg.lstsq(x, y - y.mean(), rcond=None)[0], y.mean())
    ),
)
