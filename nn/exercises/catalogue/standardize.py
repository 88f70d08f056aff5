"""Standardisation, with figures of the training set alone."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import calm, same, unchanged

exercise = Exercise(
    "standardize",
    title=("Standardise by the training set", "用训练集做标准化"),
    statement=(
        """
        standardize(train, test) returns both arrays, (N, D) and (M, D), with each column shifted and scaled so that
        the training set has mean 0 and standard deviation 1 (the one that divides by N). The test set is shifted and
        scaled by the training set's figures. A column that is constant in the training set is shifted only.
        """,
        """
        standardize(train, test) 返回两个数组 (N, D) 与 (M, D)：逐列平移、缩放，使训练集均值为 0、标准差为 1
        （除以 N 的那种）。测试集用训练集的均值和标准差。训练集中为常数的列只平移，不缩放。
        """,
    ),
    derivation="""
        z = (x - mean(train)) / std(train)
        mean(z) = 0,   std(z) = 1   on the training set
        the test set stands for data not seen yet: its own mean is not known when it is used
    """,
    hints=[
        ("One mean for each column: axis=0.", "每一列一个均值：axis=0。"),
        ("A standard deviation of 0 would divide by zero: put 1 in its place.", "标准差为 0 时会除以零：用 1 代替。"),
    ],
)


@exercise.reference
def standardize(train, test):
    """train (N, D), test (M, D) -> (N, D), (M, D)"""
    mean, std = train.mean(axis=0), train.std(axis=0)
    std = np.where(std == 0, 1.0, std)
    return (train - mean) / std, (test - mean) / std


def data(rng):
    return rng.normal(size=(6, 3)) * [1, 10, 0.1] + [5, 0, -2], rng.normal(size=(4, 3)) + 3


@exercise.check("the training set has mean 0 and standard deviation 1 in each column", "训练集每列均值为 0、标准差为 1")
def of_train(given, rng):
    train, test = data(rng)
    z = np.asarray(given.standardize(train, test)[0])
    same("mean of each column", z.mean(0), np.zeros(3), atol=1e-9)
    same("standard deviation of each column", z.std(0), np.ones(3))


@exercise.check("the test set is scaled by the training set's figures", "测试集用训练集的均值和标准差")
def of_test(given, rng):
    train, test = data(rng)
    same("test", given.standardize(train, test)[1], (test - train.mean(0)) / train.std(0))


@exercise.check("a constant column becomes zeros, not NaN", "常数列变成零，而不是 NaN")
def constant(given, rng):
    train = np.column_stack([np.full(4, 7.0), np.arange(4.0)])
    with calm():
        first, second = given.standardize(train, train)
    same("train", np.asarray(first)[:, 0], np.zeros(4))
    same("test", np.asarray(second)[:, 0], np.zeros(4))


@exercise.check("the arrays stay as they are", "原数组保持不变")
def inputs(given, rng):
    unchanged(given.standardize, *data(rng))


def in_place(train, test):
    mean, std = train.mean(0), np.where(train.std(0) == 0, 1.0, train.std(0))
    train -= mean
    train /= std
    return train, (test - mean) / std


def shift_only_by_one(train, test):
    mean, std = train.mean(0), train.std(0, ddof=1)
    std = np.where(std == 0, 1.0, std)
    return (train - mean) / std, standardize(train, test)[1]


exercise.mutant(
    "the test set by its own figures",
    standardize=lambda train, test: (standardize(train, train)[0], standardize(test, test)[0]),
)
exercise.mutant(
    "figures of both together",
    standardize=lambda train, test: (
        standardize(np.vstack([train, test]), train)[1:] + standardize(np.vstack([train, test]), test)[1:]
    ),
)
exercise.mutant("N - 1 for the training set", standardize=shift_only_by_one)
exercise.mutant(
    "divided by the variance",
    standardize=lambda train, test: tuple(
        (a - train.mean(0)) / np.where(train.std(0) == 0, 1.0, train.var(0)) for a in (train, test)
    ),
)
exercise.mutant(
    "one mean for all columns",
    standardize=lambda train, test: tuple((a - train.mean()) / train.std() for a in (train, test)),
)
exercise.mutant(
    "constant columns divide by zero",
    standardize=lambda train, test: tuple((a - train.mean(0)) / train.std(0) for a in (train, test)),
)
exercise.mutant("in the caller's array", standardize=in_place)
