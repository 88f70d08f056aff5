"""The one runner behind the three fronts: every check of an exercise on what was handed over, and a report."""

from __future__ import annotations

import html
import inspect
import sys
import traceback
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from nn.exercises.declaration import Check, Exercise, Text
from nn.exercises.judging import Wrong
from nn.exercises.solutions import Absent, Given, Unfit, names_of

__all__ = ["LANGUAGES", "Report", "Result", "run"]

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Result:
    """What one check found."""

    check: Text
    ok: bool
    said: Text = ("", "")


@dataclass
class Report:
    """What all checks of one exercise found; passed only if some ran and all passed."""

    exercise: str
    results: list[Result] = field(default_factory=list)
    lang: str = "en"
    trouble: Text = ("", "")
    """Why the checks could not run, or not all of them."""
    loaded: bool = True
    """Whether the solution could be loaded at all."""

    @property
    def ok(self) -> bool:
        """Whether at least one check ran and every one passed."""
        return bool(self.results) and not self.trouble[0] and all(r.ok for r in self.results)

    def raise_if_failed(self) -> None:
        """Raise an AssertionError with the whole report, for use in a test."""
        if not self.ok:
            raise AssertionError(str(self))

    def __str__(self) -> str:
        k = LANGUAGES.index(self.lang)
        passed, count = sum(r.ok for r in self.results), len(self.results)
        if self.results:
            lines = [
                f"{self.exercise}: {'passed' if self.ok else 'not yet'}, {passed} of {count} checks",
                f"{self.exercise}：{'通过' if self.ok else '尚未通过'}，{count} 项检查中通过 {passed} 项",
            ][k : k + 1]
        else:
            lines = [(f"{self.exercise}: failed, no check ran", f"{self.exercise}：未通过，没有运行任何检查")[k]]
        if self.trouble[k]:
            lines += [f"  {line}" for line in self.trouble[k].splitlines()]
        for result in self.results:
            mark = (("ok  ", "FAIL"), ("通过", "错误"))[k][not result.ok]
            lines.append(f"  {mark}  {result.check[k]}")
            lines += [f"        {line}" for line in result.said[k].splitlines()]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        colour = "#1a7f37" if self.ok else "#b35900"
        return f'<pre style="border-left: 4px solid {colour}; padding-left: 1em">{html.escape(str(self))}</pre>'

    def as_dict(self) -> dict[str, Any]:
        """All of it in plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Report:
        """The report that `as_dict` took apart."""
        results = [Result(_pair(r["check"]), r["ok"], _pair(r["said"])) for r in values["results"]]
        return cls(values["exercise"], results, values["lang"], _pair(values["trouble"]), values["loaded"])


def _pair(values: Any) -> Text:
    return values[0], values[1]


def run(exercise: Exercise, solution: Any, lang: str = "en", before: Callable[[Check], None] | None = None) -> Report:
    """Run every check of an exercise on a solution.

    Args:
        exercise: a declaration.
        solution: a function, a class, a module, a dict such as `globals()`, or the path of a file.
        lang: "en" or "zh", in which the report prints itself.
        before: called with each check that is about to run.

    Raises:
        ValueError: an unknown language.
        TypeError: the solution is none of these.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"check: expected lang to be one of {', '.join(LANGUAGES)}, got {lang!r}")
    report = Report(exercise.id, lang=lang)
    try:
        names = names_of(exercise, solution)
    except (Unfit, MemoryError):
        raise
    except (Exception, SystemExit) as error:
        report.trouble, report.loaded = _told(error), False
        return report
    given = Given(names)
    missing = [name for name in exercise.required if name not in names]
    if missing:
        found = [
            n for n in names if not n.startswith("_") and inspect.isroutine(names[n]) and n not in exercise.required
        ]
        also = (f"; found {', '.join(found[:5])}", f"；找到的是 {'、'.join(found[:5])}") if found else ("", "")
        report.trouble = (f"missing: {', '.join(missing)}{also[0]}", f"缺少：{'、'.join(missing)}{also[1]}")
    for check in exercise.checks:
        if before is not None:
            before(check)
        report.results.append(_judged(check, given))
    return report


def _judged(check: Check, given: Given) -> Result:
    """One check, with random numbers of its own; warnings of the learner's code are no errors."""
    said: Text = ("", "")
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            check.run(given, np.random.default_rng(0))
        return Result(check.name, True)
    except Wrong as error:
        said = error.text
    except Absent as error:
        said = (f"{error} is not there", f"没有定义 {error}")
    except MemoryError:
        raise
    except NotImplementedError as error:
        said = (f"not written yet: {error}".rstrip(": "), f"还没有写：{error}".rstrip("："))
    except (Exception, SystemExit) as error:
        said = _told(error)
    return Result(check.name, False, said)


def _told(error: BaseException) -> Text:
    """An exception of the learner's code, with the line where it arose."""
    if isinstance(error, SyntaxError):
        line = f"line {error.lineno}: {(error.text or '').strip()}"
        return f"this is not Python: {error.msg}, {line}", f"不是合法的 Python：{error.msg}，{line}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename not in _OWN]
    frame = frames[-1] if frames else None
    where = f"\nline {frame.lineno} of {frame.name}: {frame.line}" if frame is not None and frame.line else ""
    kind = "SystemExit: it ends the process" if isinstance(error, SystemExit) else f"{type(error).__name__}: {error}"
    return f"it raises {kind}{where}", f"抛出 {kind}{where}"


_OWN = {
    path for path in (getattr(sys.modules[name], "__file__", None) for name in (__name__, Given.__module__)) if path
}
