"""A gradient from differences, to judge others by."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same

exercise = Exercise(
    "numerical_gradient",
    title=("A gradient from central differences", "用中心差分求梯度"),
    statement=(
        """
        f takes an array x and returns one number. Return the array of x's shape whose elements are the derivatives of
        f by the elements of x, from central differences with step h. x may have any number of axes, also none, and is
        as it was afterwards. Allowed error: 1e-7, relative to the gradient; one-sided differences do not reach it.
        """,
        """
        f 接受数组 x，返回一个数。请用步长为 h 的中心差分，返回与 x 同形状的数组：每个元素是 f 对 x 中对应元素的导数。
        x 可以有任意多个轴，也可以没有轴；函数结束后 x 必须与原来一样。允许的相对误差为 1e-7，单侧差分达不到。
        """,
    ),
    derivation="""
        f(x + h) = f(x) + h * f'(x) + h**2 / 2 * f''(x) + h**3 / 6 * f'''(x) + ...
        f(x - h) = f(x) - h * f'(x) + h**2 / 2 * f''(x) - h**3 / 6 * f'''(x) + ...
        (f(x + h) - f(x - h)) / (2 * h) = f'(x) + h**2 / 6 * f'''(x) + ...
    """,
    hints=[
        (
            "Move one element at a time, by +h and by -h, and leave the others where they are.",
            "一次只动一个元素：先 +h，再 -h，其余元素不动。",
        ),
        (
            "np.ndindex(x.shape) walks through all positions, for any number of axes.",
            "np.ndindex(x.shape) 可以遍历任意维数组的所有下标。",
        ),
        (
            "Take a float64 copy of x first: an integer array cannot hold x + h.",
            "先把 x 复制成 float64：整数数组存不下 x + h。",
        ),
    ],
)


@exercise.reference
def numerical_gradient(f, x, h=1e-5):
    """x (...) -> gradient (...)"""
    x = np.array(x, dtype=np.float64)
    gradient = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        old = x[place]
        x[place] = old + h
        above = f(x)
        x[place] = old - h
        below = f(x)
        x[place] = old
        gradient[place] = (above - below) / (2 * h)
    return gradient


@exercise.check("the gradient of a smooth function is exact to 1e-7", "光滑函数的梯度精确到 1e-7")
def accuracy(given, rng):
    x = rng.normal(size=(2, 3))
    same("gradient", given.numerical_gradient(lambda x: np.sum(np.exp(x) * x[0, 0]), x), _exact(x), rtol=1e-7)


def _exact(x):
    expected = np.exp(x) * x[0, 0]
    expected[0, 0] += np.exp(x).sum()
    return expected


@exercise.check("arrays with three axes and with none, and the step h, are heeded", "支持三维与零维数组，并使用步长 h")
def shapes(given, rng):
    x = rng.normal(size=(2, 1, 3))
    same("gradient", given.numerical_gradient(lambda x: np.sum(x**2), x), 2 * x, rtol=1e-7)
    same("gradient", given.numerical_gradient(lambda x: 3.0 * float(x), np.array(0.5)), 3.0, rtol=1e-7)
    same("gradient for h = 1", given.numerical_gradient(lambda x: np.sum(x**3), np.array([1.0, 2.0]), 1.0), [4.0, 13.0])


@exercise.check("x is as it was, and may hold integers", "x 保持原样，也可以是整数数组")
def argument(given, rng):
    x = rng.normal(size=3)
    before = x.copy()
    given.numerical_gradient.itself(lambda x: np.sum(x**2), x)
    require(
        (x == before).all(),
        "x was changed; put each element back, or work on a copy",
        "x 被改动了：每个元素用完要还原，或者在副本上计算",
    )
    same("gradient", given.numerical_gradient(lambda x: np.sum(x**2.0), np.array([1, 2])), [2.0, 4.0], rtol=1e-7)


def one_sided(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    gradient, start = np.zeros_like(x), f(x)
    for place in np.ndindex(x.shape):
        moved = x.copy()
        moved[place] += h
        gradient[place] = (f(moved) - start) / h
    return gradient


def not_restored(f, x, h=1e-5):
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        x[place] += h
        above = f(x)
        x[place] -= 2 * h
        gradient[place] = (above - f(x)) / (2 * h)
    return gradient


def put_back_by_adding(f, x, h=1e-5):
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        x[place] += h
        above = f(x)
        x[place] -= 2 * h
        gradient[place] = (above - f(x)) / (2 * h)
        x[place] += h + 1e-15
    return gradient


def of_a_vector(f, x, h=1e-5):
    x = np.array(x, dtype=np.float64)
    steps = h * np.eye(len(x))
    if x.ndim > 2:
        raise ValueError("x has too many axes")
    return numerical_gradient(f, x, h) if x.ndim == 2 else np.array([(f(x + s) - f(x - s)) / (2 * h) for s in steps])


exercise.mutant("one-sided differences", numerical_gradient=one_sided)
exercise.mutant("divided by h instead of 2 h", numerical_gradient=lambda f, x, h=1e-5: 2 * numerical_gradient(f, x, h))
exercise.mutant("the element is not put back", numerical_gradient=not_restored)
exercise.mutant("put back by adding, in the caller's array", numerical_gradient=put_back_by_adding)
exercise.mutant("for vectors alone", numerical_gradient=of_a_vector)
exercise.mutant("a step of its own", numerical_gradient=lambda f, x, h=1e-5: numerical_gradient(f, x))
exercise.mutant(
    "all elements moved at once",
    numerical_gradient=lambda f, x, h=1e-5: np.full(np.shape(x), (f(x + h) - f(x - h)) / (2 * h)),
)
exercise.mutant(
    "a step so wide that the error shows",
    numerical_gradient=lambda f, x, h=1e-5: numerical_gradient(f, x, max(h, 1e-2)),
)
