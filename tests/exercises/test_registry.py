"""Exercises by name, by number, by function; and a teacher's own, declared outside of the package."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import nn
from nn.cli import main
from nn.exercises import Exercise, UnknownExercise, check, exercise, exercises, load
from nn.exercises.catalogue import CHAPTERS
from nn.exercises.declaration import REGISTRY
from nn.exercises.proof import prove
from nn.exercises.registry import catalogue

ROOT = Path(nn.__file__).parents[1]
README = ROOT / "nn" / "exercises" / "README.md"
TEACHER = README.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]


@pytest.fixture
def teacher(tmp_path):
    """The example of the README as a file of a teacher; what it declares is forgotten afterwards."""
    before = dict(REGISTRY)
    file = tmp_path / "my_exercises.py"
    file.write_text(TEACHER, encoding="utf-8")
    yield file
    REGISTRY.clear()
    REGISTRY.update(before)


@pytest.fixture
def command(capsys, tmp_path, monkeypatch):
    """`fromzero exercise ...`, which forgets a teacher's exercises from one call to the next: (status, output)."""
    monkeypatch.chdir(tmp_path)
    before = dict(REGISTRY)

    def run(*words):
        REGISTRY.clear()
        REGISTRY.update(before)
        status = main(["exercise", *map(str, words)])
        return status, capsys.readouterr().out

    return run


def test_the_catalogue_has_forty_exercises_and_seven_drills_one_file_each():
    names = catalogue()
    assert len([n for n in names if not n.startswith("drill_")]) == 40
    assert len([n for n in names if n.startswith("drill_")]) == 7
    files = {path.stem for path in (ROOT / "nn" / "exercises" / "catalogue").glob("*.py")} - {"__init__"}
    assert files == set(names)
    assert all("\u4e00" <= chinese[0] <= "\u9fff" for _, chinese in CHAPTERS)


def test_an_exercise_is_found_by_id_number_function_and_layer():
    assert exercise("softmax") is exercise("4") is exercise("softmax_backward") is exercise("Softmax")
    assert exercise("relu").id == "activations"


@pytest.mark.parametrize("name", ["sofmax", "0", "48", ""])
def test_an_unknown_one_is_refused(name):
    with pytest.raises(UnknownExercise, match=f"there is no exercise '{name}'"):
        exercise(name)


def test_the_nearest_name_is_told():
    with pytest.raises(UnknownExercise, match="did you mean softmax"):
        check("sofmax", {})


def test_a_teacher_declares_one_and_it_proves_itself(teacher):
    [found] = load(teacher)
    assert found in exercises()
    assert exercise(found.id) is found
    assert prove(found).faults() == []


def test_the_command_line_takes_it_over(teacher, tmp_path, command):
    option = ("--exercises", teacher)
    assert "huber" in command("list", *option)[1]
    assert command("start", "huber", *option)[0] == 0
    assert command("check", "huber", *option)[0] == 1
    (tmp_path / "exercises" / "huber.py").write_text(command("solution", "huber", *option)[1], encoding="utf-8")
    status, out = command("check", "huber", *option, "--lang", "zh")
    assert (status, out.splitlines()[0]) == (0, "huber：通过，2 项检查中通过 2 项")
    assert command("check", "huber")[0] == 3
    assert command("prove", "huber", *option)[0] == 0


def test_pytest_takes_it_over(teacher, tmp_path, command):
    folder = tmp_path / "solutions"
    folder.mkdir()
    (folder / "huber.py").write_text(command("solution", "huber", "--exercises", teacher)[1], "utf-8")
    environment = {k: v for k, v in os.environ.items() if k not in ("CI", "PYTEST_ADDOPTS")}
    environment |= {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")  # the folder may lie within a clone
    words = ["-m", "pytest", "-p", "nn.exercises.plugin", "-p", "no:cacheprovider", "-q", "--pyargs", "nn.exercises"]
    words += ["--solutions", str(folder), "--exercises", str(teacher)]
    run = subprocess.run([sys.executable, *words], cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8")
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.strip().splitlines()[-1].startswith("2 passed, ")


def test_an_id_of_the_catalogue_cannot_be_taken_and_must_name_a_file():
    exercise("softmax")
    with pytest.raises(ValueError, match=r"the id 'softmax' belongs to nn.exercises.catalogue.softmax already"):
        Exercise("softmax", title=("a", "甲"), statement=("b", "乙"))
    with pytest.raises(ValueError, match="expected an id that can name a Python file, got 'a b'"):
        Exercise("a b", title=("a", "甲"), statement=("b", "乙"))


def test_a_mutant_must_replace_a_name_of_the_reference():
    made = Exercise("made", title=("a", "甲"), statement=("b", "乙"), register=False)
    with pytest.raises(ValueError, match="replaces nothing_such, which is no part of the reference"):
        made.mutant("wrong", nothing_such=len)


def test_a_file_that_declares_none_is_refused(tmp_path):
    file = tmp_path / "empty.py"
    file.write_text("x = 1\n")
    with pytest.raises(ValueError, match="declares no exercise"):
        load(file)
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load(tmp_path / "absent.py")
