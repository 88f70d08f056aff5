"""The confusion matrix, and what is read off it."""

import numpy as np

from nn.exercises.declaration import Exercise
from nn.exercises.judging import calm, same

exercise = Exercise(
    "classification_metrics",
    title=("Accuracy, precision, recall and F1", "准确率、精确率、召回率与 F1"),
    statement=(
        """
        t are the true classes, p the predicted ones, whole numbers from 0 to C - 1, (N,).
        confusion_matrix(t, p, C): (C, C) counts, row the true class, column the predicted one.
        accuracy(t, p): the share of right predictions.
        precision(t, p, C, zero_division), recall(...), f1(...): an array (C,), each class taken as the positive one;
        where the denominator is 0, zero_division (0.0 by default) stands. F1 is 2 TP / (2 TP + FP + FN).
        average(values, t, how): "macro" the plain mean over classes, "weighted" by the number of true samples of each.
        """,
        """
        t 为真实类别，p 为预测类别，取值 0 到 C - 1 的整数，(N,)。
        confusion_matrix(t, p, C)：(C, C) 计数，行为真实类别，列为预测类别。
        accuracy(t, p)：预测正确的比例。
        precision(t, p, C, zero_division)、recall(...)、f1(...)：数组 (C,)，依次把每个类别当作正类；
        分母为 0 时取 zero_division（默认 0.0）。F1 为 2 TP / (2 TP + FP + FN)。
        average(values, t, how)："macro" 为各类的简单平均，"weighted" 按各类真实样本数加权。
        """,
    ),
    derivation="""
        TP = diagonal,   FP = column sum - TP,   FN = row sum - TP
        precision = TP / (TP + FP),   recall = TP / (TP + FN)
        F1 = 2 * precision * recall / (precision + recall) = 2 * TP / (2 * TP + FP + FN)
        micro averages add up TP, FP, FN first; with one class for each sample all three are then the accuracy
    """,
    hints=[
        (
            "Everything follows from the confusion matrix: diagonal, row sums, column sums.",
            "一切都可从混淆矩阵得到：对角线、行和、列和。",
        ),
        (
            "np.add.at counts repeated pairs; matrix[t, p] += 1 counts them once.",
            "np.add.at 会累计重复的下标对；matrix[t, p] += 1 只算一次。",
        ),
        ("A class that is never predicted has no precision: 0/0.", "从未被预测的类别没有精确率：0/0。"),
    ],
)


@exercise.reference
def confusion_matrix(t, p, classes):
    """t (N,), p (N,) -> (C, C)"""
    matrix = np.zeros((classes, classes), dtype=int)
    np.add.at(matrix, (t, p), 1)
    return matrix


@exercise.reference
def accuracy(t, p):
    """t (N,), p (N,) -> ()"""
    return np.mean(t == p)


@exercise.helper
def divided(above, below, zero_division):
    """above (C,), below (C,) -> (C,)"""
    return np.where(below == 0, zero_division, above / np.maximum(below, 1))


@exercise.reference
def precision(t, p, classes, zero_division=0.0):
    """t (N,), p (N,) -> (C,)"""
    matrix = confusion_matrix(t, p, classes)
    return divided(np.diag(matrix), matrix.sum(axis=0), zero_division)


@exercise.reference
def recall(t, p, classes, zero_division=0.0):
    """t (N,), p (N,) -> (C,)"""
    matrix = confusion_matrix(t, p, classes)
    return divided(np.diag(matrix), matrix.sum(axis=1), zero_division)


@exercise.reference
def f1(t, p, classes, zero_division=0.0):
    """t (N,), p (N,) -> (C,)"""
    matrix = confusion_matrix(t, p, classes)
    return divided(2 * np.diag(matrix), matrix.sum(axis=0) + matrix.sum(axis=1), zero_division)


@exercise.reference
def average(values, t, how="macro"):
    """values (C,), t (N,) -> ()"""
    if how == "macro":
        return np.mean(values)
    counts = np.bincount(t, minlength=len(values))
    return np.sum(values * counts) / len(t)


T = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2])
P = np.array([0, 0, 1, 2, 1, 0, 2, 2, 1])


@exercise.check("the confusion matrix has true classes in its rows", "混淆矩阵的行是真实类别")
def matrix(given, rng):
    same("matrix", given.confusion_matrix(T, P, 4), [[2, 1, 1, 0], [1, 1, 0, 0], [0, 1, 2, 0], [0, 0, 0, 0]])


@exercise.check("the accuracy is right", "准确率正确")
def share(given, rng):
    same("accuracy", given.accuracy(T, P), 5 / 9)
    same("accuracy where one class is rare", given.accuracy(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0])), 3 / 4)


@exercise.check("precision, recall and F1 of each class are right", "各类的精确率、召回率与 F1 正确")
def scores(given, rng):
    same("precision", given.precision(T, P, 3), [2 / 3, 1 / 3, 2 / 3])
    same("recall", given.recall(T, P, 3), [1 / 2, 1 / 2, 2 / 3])
    same("f1", given.f1(T, P, 3), [4 / 7, 2 / 5, 2 / 3])


@exercise.check("0/0 gives zero_division, without a warning", "0/0 时取 zero_division，且无警告")
def nothing(given, rng):
    t, p = np.array([0, 1, 1]), np.array([0, 0, 0])
    with calm():
        same("precision", given.precision(t, p, 3), [1 / 3, 0, 0])
        same("precision for zero_division 1", given.precision(t, p, 3, 1.0), [1 / 3, 1, 1])
        same("recall for zero_division 1", given.recall(t, p, 3, 1.0), [1, 0, 1])
        same("f1 for zero_division 1", given.f1(t, p, 3, 1.0), [1 / 2, 0, 1])


@exercise.check("macro and weighted averages differ as they must", "macro 与 weighted 平均各自正确")
def averages(given, rng):
    values = np.array([1.0, 0.0, 0.5])
    same("macro", given.average(values, T, "macro"), 0.5)
    same("weighted", given.average(values, T, "weighted"), 5.5 / 9)


def once(t, p, classes):
    found = np.zeros((classes, classes), int)
    found[t, p] += 1
    return found


def warned(t, p, classes, zero_division=0.0):
    m = confusion_matrix(t, p, classes)
    return np.diag(m) / m.sum(0)


exercise.mutant("rows and columns exchanged", confusion_matrix=lambda t, p, c: confusion_matrix(p, t, c))
exercise.mutant("repeated pairs counted once", confusion_matrix=once)
exercise.mutant(
    "as many classes as occur", confusion_matrix=lambda t, p, c: confusion_matrix(t, p, int(max(t.max(), p.max())) + 1)
)
exercise.mutant("the number, not the share", accuracy=lambda t, p: np.sum(t == p))
exercise.mutant("the mean of the recalls", accuracy=lambda t, p: np.mean(recall(t, p, 3)))
exercise.mutant(
    "precision and recall exchanged",
    precision=lambda t, p, c, z=0.0: recall(t, p, c, z) if len(t) > 3 else precision(t, p, c, z),
)
exercise.mutant("micro: the accuracy for every class", recall=lambda t, p, c, z=0.0: np.full(c, accuracy(t, p)))
exercise.mutant(
    "the mean of precision and recall", f1=lambda t, p, c, z=0.0: (precision(t, p, c, z) + recall(t, p, c, z)) / 2
)
exercise.mutant("a division by zero", precision=warned)
exercise.mutant("zero_division is ignored", recall=lambda t, p, c, z=0.0: recall(t, p, c))
exercise.mutant("an F1 of 0 whatever zero_division says", f1=lambda t, p, c, z=0.0: f1(t, p, c))
exercise.mutant("always the plain mean", average=lambda values, t, how="macro": np.mean(values))
exercise.mutant(
    "weighted by distinct classes",
    average=lambda values, t, how="macro": (
        np.mean(values) if how == "macro" else np.sum(values * np.bincount(t, minlength=len(values))) / len(values)
    ),
)
