"""What an exercise is: one declaration, with its reference, checks and mutants beside it.

Example:
    >>> from nn.exercises import Exercise, check, same
    >>> title, statement = ("Twice", "两倍"), ("Return 2 * x.", "返回 2 * x。")
    >>> double = Exercise("double", title=title, statement=statement, register=False)
    >>> @double.reference
    ... def twice(x):
    ...     return 2 * x
    >>> @double.check("the value is right", "数值正确")
    ... def value(given, rng):
    ...     x = rng.normal(size=3)
    ...     same("y", given.twice(x), twice(x))
    >>> double.mutant("squared instead of doubled", twice=lambda x: x**2)
    >>> print(check(double, {"twice": lambda x: x + x}))
    double: passed, 1 of 1 checks
      ok    the value is right
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

__all__ = ["REGISTRY", "THREE_WAYS", "VALUES", "Check", "Exercise", "Mutant", "Text"]

Text = tuple[str, str]
"""The same in English and in Chinese."""

VALUES: Text = ("the values are right", "数值正确")
THREE_WAYS: Text = (
    "the backward agrees with closed form, differences and autograd",
    "反向与公式、差分、自动微分三者一致",
)
"""Names of the two commonest checks."""

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Check:
    """A named question to a solution: `run(given, rng)` raises an AssertionError where the answer is no."""

    name: Text
    run: Callable[..., None]
    shared: str = ""
    """Why every mutant that it catches is caught by another check too; empty if one is its own."""


@dataclass(frozen=True)
class Mutant:
    """A plausible wrong solution: the reference with some of its functions replaced."""

    what: str
    replaced: Mapping[str, Any]


REGISTRY: dict[str, Exercise] = {}
"""Every exercise declared until now, by its id."""


class Exercise:
    """A task for a learner, and all that is needed to judge an answer.

    Args:
        id: the name under which it is found, and that of a learner's file.
        title: a few words, in English and in Chinese.
        statement: what to write: shapes, conventions, what happens at the edges; in English and in Chinese.
        derivation: how the reference comes about, one formula a line.
        hints: from a nudge to nearly all, each in English and in Chinese.
        layer: a class of this name with `forward(*inputs)` and `backward(g)` may stand for the first two functions.
        given: code that the learner gets to repair, in place of the empty functions.
        level: 1 to 3.
        register: False keeps it out of the registry.

    Raises:
        ValueError: the id belongs to an exercise of another file.
    """

    def __init__(
        self,
        id: str,
        *,
        title: Text,
        statement: Text,
        derivation: str = "",
        hints: Sequence[Text] = (),
        layer: str = "",
        given: str = "",
        level: int = 1,
        register: bool = True,
    ) -> None:
        self.id, self.title, self.level, self.layer = id, title, level, layer
        self.statement: Text = (inspect.cleandoc(statement[0]), inspect.cleandoc(statement[1]))
        self.derivation, self.given = inspect.cleandoc(derivation), given
        self.hints = list(hints)
        self.required: dict[str, Any] = {}
        """What the learner writes, by name: the reference's functions and classes."""
        self.helpers: dict[str, Any] = {}
        """What the reference needs besides."""
        self.checks: list[Check] = []
        self.mutants: list[Mutant] = []
        frame = inspect.currentframe()
        self.module: str = frame.f_back.f_globals.get("__name__", "") if frame and frame.f_back else ""
        if not id.isidentifier():
            raise ValueError(f"Exercise: expected an id that can name a Python file, got {id!r}")
        if register:
            known = REGISTRY.get(id)
            if known is not None and known.module != self.module:
                raise ValueError(f"Exercise: the id {id!r} belongs to {known.module} already; choose another one")
            REGISTRY[id] = self

    def __repr__(self) -> str:
        return f"<Exercise {self.id}: {', '.join(self.required)}>"

    def reference(self, written: F) -> F:
        """Decorate a function or class that the learner is to write."""
        self.required[written.__name__] = written
        return written

    def helper(self, written: F) -> F:
        """Decorate a function that the reference needs and the learner may do without."""
        self.helpers[written.__name__] = written
        return written

    def check(self, english: str, chinese: str, *, shared: str = "") -> Callable[[F], F]:
        """Decorate a check, `check(given, rng)`; `given.name` is what the learner wrote under that name."""

        def added(run: F) -> F:
            self.checks.append(Check((english, chinese), run, shared))
            return run

        return added

    def mutant(self, what: str, **replaced: Any) -> None:
        """Add a wrong solution, named by its mistake, that the checks must catch.

        Raises:
            ValueError: it replaces a name that the reference does not have.
        """
        for name in replaced:
            if name not in self.required:
                raise ValueError(f"{self.id}: the mutant {what!r} replaces {name}, which is no part of the reference")
        self.mutants.append(Mutant(what, replaced))

    def solution(self) -> dict[str, Any]:
        """The reference, as a namespace."""
        return {**self.helpers, **self.required}
