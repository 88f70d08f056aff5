"""`pytest --pyargs nn.exercises --solutions DIR`: each exercise is a file of tests, each of its checks a test.

An exercise without a file in DIR is skipped; a DIR that holds no solution at all is an error. pytest finds this plugin
by the entry point of the installed package, so it is light: what runs checks is loaded with the first `--solutions`.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

__all__: list[str] = []

HERE = Path(__file__).resolve().parent


def pytest_addoption(parser: Any) -> None:
    """The options."""
    group = parser.getgroup("fromzero exercises")
    group.addoption("--solutions", metavar="DIR", help="check the solutions in DIR, one file ID.py for each exercise")
    group.addoption("--exercises", metavar="FILE", help="a file that declares further exercises")
    group.addoption("--exercises-lang", choices=("en", "zh"), default="en", help="the language of the reports")


def pytest_configure(config: Any) -> None:
    """Refuse a folder without solutions: no check would run, and the run would pass."""
    folder = config.getoption("--solutions")
    if folder is None:
        return
    registry = importlib.import_module("nn.exercises.registry")
    declared_in = config.getoption("--exercises")
    try:
        if declared_in is not None:
            registry.load(declared_in)
    except (OSError, ValueError) as error:
        raise pytest.UsageError(str(error)) from None
    known = [found.id for found in registry.exercises()]
    if not any(Path(folder, f"{id}.py").is_file() for id in known):
        raise pytest.UsageError(
            f"--solutions: {folder} holds no solution, so nothing would be checked; expected files like {known[0]}.py"
        )


def pytest_collect_file(file_path: Path, parent: Any) -> Any:
    """Every file of the catalogue is a collection of checks; those of a teacher's file follow the last one."""
    if parent.config.getoption("--solutions") is None:
        return None
    if file_path.parent == HERE / "catalogue" and file_path.stem != "__init__":
        return Checked.from_parent(parent, path=file_path, name=f"catalogue/{file_path.name}")
    if file_path == HERE / "registry.py" and parent.config.getoption("--exercises"):
        return Taught.from_parent(parent, path=file_path, name=Path(parent.config.getoption("--exercises")).name)
    return None


class Checked(pytest.File):
    """One exercise of the catalogue."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its checks."""
        yield from self.checks_of(self.path.stem)

    def checks_of(self, id: str) -> Iterator[pytest.Item]:
        """An item for each check of an exercise."""
        declared = importlib.import_module("nn.exercises.registry").exercise(id)
        once: dict[str, Any] = {}
        for check in declared.checks:
            name = check.name[self.config.getoption("--exercises-lang") == "zh"]
            yield CheckItem.from_parent(self, name=f"{id}: {name}", exercise_id=id, check=check.name[0], once=once)


class Taught(Checked):
    """The exercises of a teacher's file."""

    def collect(self) -> Iterator[pytest.Item]:
        """The checks of all of them."""
        registry = importlib.import_module("nn.exercises.registry")
        for found in registry.exercises():
            if found.id not in registry.catalogue():
                yield from self.checks_of(found.id)


class CheckItem(pytest.Item):
    """One check on a learner's file; the file runs once for all checks, in a process of its own."""

    def __init__(self, *, exercise_id: str, check: str, once: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.exercise_id, self.check, self.once = exercise_id, check, once

    def runtest(self) -> None:
        """Skip where there is no file; fail with what the check found."""
        option = self.config.getoption
        path = Path(option("--solutions"), f"{self.exercise_id}.py")
        if not path.is_file():
            pytest.skip("not solved yet")
        if "outcome" not in self.once:
            process = importlib.import_module("nn.exercises.process")
            self.once["outcome"] = process.check_file(
                self.exercise_id, path, lang=option("--exercises-lang"), declared_in=option("--exercises")
            )
        outcome = self.once["outcome"]
        report = outcome.report
        own = [result for result in report.results if result.check[0] == self.check]
        part = replace(report, results=own)
        if not outcome.ran or not part.ok:
            raise Failed("\n".join(str(part).splitlines()[1:]))

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """The report alone, without the lines of this file."""
        return str(excinfo.value) if isinstance(excinfo.value, Failed) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands, for pytest's summary."""
        return self.path, 0, self.name


class Failed(AssertionError):
    """A check that did not pass."""
