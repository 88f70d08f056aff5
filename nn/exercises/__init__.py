"""Exercises that check themselves: each with its reference, checks, hints, and wrong solutions that it must catch.

    from nn.exercises import check

    def sigmoid(x): ...

    check("sigmoid", globals())

The same on the command line is `fromzero exercise`, and `pytest --pyargs nn.exercises --solutions DIR` in pytest.
README.md beside this file tells how to declare an exercise of your own.
"""

from __future__ import annotations

from typing import Any

from nn.exercises.declaration import Exercise
from nn.exercises.judging import Wrong, calm, distinct, gradients, require, same, unchanged
from nn.exercises.registry import UnknownExercise, exercise, exercises, load
from nn.exercises.runner import Report, run

__all__ = [
    "Exercise",
    "Report",
    "UnknownExercise",
    "Wrong",
    "calm",
    "check",
    "distinct",
    "exercise",
    "exercises",
    "gradients",
    "load",
    "require",
    "same",
    "unchanged",
]


def check(name: str | Exercise, solution: Any, lang: str = "en") -> Report:
    """Judge a solution of an exercise; the report prints itself, in a notebook too.

    Args:
        name: an exercise, or its id, its number or the name of one of its functions.
        solution: a function, a class, a module, a dict such as `globals()`, or the path of a file.
        lang: "en" or "zh", the language of the report.

    Returns:
        The report; `report.ok` is whether at least one check ran and all passed.

    Raises:
        UnknownExercise: (a KeyError) there is no exercise of this name.

    Example:
        >>> import numpy as np
        >>> def sigmoid(x):
        ...     return 1 / (1 + np.exp(-x))
        >>> def sigmoid_backward(g, x):
        ...     return g * sigmoid(x)
        >>> print(check("sigmoid", globals()))
        sigmoid: not yet, 1 of 3 checks
          ok    the values are right
          FAIL  large inputs neither overflow nor lose their sign
                it is not stable: overflow encountered in exp
          FAIL  the backward agrees with closed form, differences and autograd
                dx, element (0, 0): expected 0.324715 by the closed form, got 0.6929342; 6 of 6 elements differ
                guess: the derivative of the activation is wrong: the backward computes g * y, expected g * y * (1 - y)
    """
    return run(name if isinstance(name, Exercise) else exercise(name), solution, lang)
