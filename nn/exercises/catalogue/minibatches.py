"""Splits and mini-batches: every row once, and together with its label."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import require, same

exercise = Exercise(
    "minibatches",
    title=("Splits and mini-batches", "划分数据集与小批量"),
    statement=(
        """
        train_val_test_split(x, y, val, test, rng) shuffles once and returns ((x, y), (x, y), (x, y)): training,
        validation, test; the latter two have int(val * N) and int(test * N) rows, training has the rest.
        minibatches(x, y, size, rng) yields (x, y) of `size` rows each in a new order, the last one smaller if need be.
        Rows of x keep their labels, each row occurs exactly once, and all randomness comes from rng.
        """,
        """
        train_val_test_split(x, y, val, test, rng) 打乱一次，返回 ((x, y), (x, y), (x, y))：训练、验证、测试；
        后两者分别有 int(val * N) 和 int(test * N) 行，其余归训练集。
        minibatches(x, y, size, rng) 按新的顺序逐批给出 (x, y)，每批 size 行，最后一批可以较小。
        x 的每一行与其标签不分开，每行恰好出现一次，随机性全部来自 rng。
        """,
    ),
    derivation="""
        order = a permutation of 0 ... N - 1, the same one for x and y
        the parts are slices of it:  disjoint, and together everything
        the test set is looked at once, at the end; choices are made on the validation set
    """,
    hints=[
        ("Draw one permutation and index both arrays with it.", "只抽一个排列，用它同时索引两个数组。"),
        (
            "range(0, N, size) gives the starts; a slice beyond the end is no error.",
            "range(0, N, size) 给出各批的起点；切片越过末尾不会出错。",
        ),
    ],
)


@exercise.reference
def train_val_test_split(x, y, val, test, rng):
    """x (N, ...), y (N, ...) -> three pairs"""
    order = rng.permutation(len(x))
    n_val, n_test = int(val * len(x)), int(test * len(x))
    parts = order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]
    return tuple((x[part], y[part]) for part in parts)


@exercise.reference
def minibatches(x, y, size, rng):
    """x (N, ...), y (N, ...) -> an iterator over pairs"""
    order = rng.permutation(len(x))
    for start in range(0, len(x), size):
        rows = order[start : start + size]
        yield x[rows], y[rows]


X = np.stack([np.arange(20.0), np.arange(20.0) ** 2], 1)
Y = 3 * np.arange(20.0)


def pieces(parts):
    """Rows keep their labels; returns which rows occur."""
    found = []
    for x, y in parts:
        same("labels of these rows", y, 3 * np.asarray(x)[:, 0])
        found.append(np.asarray(x)[:, 0])
    return np.concatenate([*found, []])


@exercise.check("the parts have the right sizes, are disjoint and keep labels", "各部分大小正确、互不相交、标签对应")
def split(given, rng):
    parts = given.train_val_test_split(X, Y, 0.2, 0.25, rng)
    same("rows", np.sort(pieces(parts)), np.arange(20.0))
    same("sizes", [len(x) for x, _ in parts], [11, 4, 5])


@exercise.check("the split is shuffled", "划分之前打乱过")
def shuffled_split(given, rng):
    parts = given.train_val_test_split(X, Y, 0.2, 0.25, rng)
    taken = pieces(parts)
    require(
        (np.diff(taken) != 1).sum() > 5,
        "the rows stand in their old order: sorted data would give a test set of one class",
        "各行还是原来的顺序：若数据按类别排好，测试集就只剩一类",
    )


@exercise.check(
    "the batches have the right sizes, hold every row once and keep labels", "各批大小正确，每行恰好一次，标签对应"
)
def batches(given, rng):
    found = list(given.minibatches(X, Y, 6, rng))
    same("rows", np.sort(pieces(found)), np.arange(20.0))
    same("sizes", [len(x) for x, _ in found], [6, 6, 6, 2])


@exercise.check("every epoch has another order, and one seed the same", "每个 epoch 顺序不同，同一种子顺序相同")
def orders(given, rng):
    first, second = (pieces(given.minibatches(X, Y, 6, rng)) for _ in range(2))
    require(
        (first != second).any() and (first != X[:, 0]).any(),
        "the order is the same in every epoch",
        "每个 epoch 的顺序都一样",
    )
    again = [pieces(given.minibatches(X, Y, 6, np.random.default_rng(5))) for _ in range(2)]
    same("rows of the same seed", again[1], again[0])


def unshuffled(x, y, val, test, rng):
    n_val, n_test = int(val * len(x)), int(test * len(x))
    order = np.arange(len(x))
    parts = order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]
    return tuple((x[part], y[part]) for part in parts)


def overlapping(x, y, val, test, rng):
    train, validation, tested = train_val_test_split(x, y, val, test, rng)
    return (np.concatenate([train[0], validation[0]]), np.concatenate([train[1], validation[1]])), validation, tested


def apart(x, y, size, rng):
    a, b = rng.permutation(len(x)), rng.permutation(len(x))
    for k in range(0, len(x), size):
        yield x[a[k : k + size]], y[b[k : k + size]]


def with_replacement(x, y, size, rng):
    order = rng.integers(0, len(x), len(x))
    for k in range(0, len(x), size):
        yield x[order[k : k + size]], y[order[k : k + size]]


def only_full(x, y, size, rng):
    yield from (pair for pair in minibatches(x, y, size, rng) if len(pair[0]) == size)


def in_order(x, y, size, rng):
    for k in range(0, len(x), size):
        yield x[k : k + size], y[k : k + size]


exercise.mutant("not shuffled", train_val_test_split=unshuffled)
exercise.mutant("validation rows are trained on", train_val_test_split=overlapping)
exercise.mutant(
    "labels left in their order",
    train_val_test_split=lambda x, y, val, test, rng: tuple(
        (a, b)
        for (a, _), (_, b) in zip(
            train_val_test_split(x, y, val, test, rng), unshuffled(x, y, val, test, rng), strict=True
        )
    ),
)
exercise.mutant(
    "test and validation exchanged",
    train_val_test_split=lambda x, y, val, test, rng: tuple(
        train_val_test_split(x, y, val, test, rng)[k] for k in (0, 2, 1)
    ),
)
exercise.mutant("x and y shuffled apart", minibatches=apart)
exercise.mutant("rows drawn with replacement", minibatches=with_replacement)
exercise.mutant("the last rows are dropped", minibatches=only_full)
exercise.mutant("always in the same order", minibatches=in_order)
exercise.mutant(
    "a seed of its own", minibatches=lambda x, y, size, rng: minibatches(x, y, size, np.random.default_rng(0))
)
