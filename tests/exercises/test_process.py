"""A file of a learner runs apart: whatever it does to its own process, the caller gets an answer."""

import os

import pytest

from nn.exercises import exercise
from nn.exercises.process import check_file
from nn.exercises.sources import solution_file


@pytest.fixture
def outcome(tmp_path):
    def of(text, **limits):
        file = tmp_path / "sigmoid.py"
        file.write_text(text, encoding="utf-8")
        return check_file("sigmoid", file, **limits)

    return of


GOOD = solution_file(exercise("sigmoid"))


def test_a_solution_passes_and_what_it_prints_is_kept(outcome):
    found = outcome(GOOD + "\nprint('hello')\n")
    assert (found.status, found.printed) == (0, "hello\n")


def test_a_wrong_one_fails(outcome):
    assert outcome(GOOD.replace("g * y * (1 - y)", "g * y")).status == 1
    assert outcome("").status == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import os\nos._exit(0)", "the process ended by itself with status 0"),
        ("exit()", "it raises SystemExit"),
        ("def sigmoid(x", "this is not Python"),
        ("input()", "EOFError"),
        (f"{GOOD}\nimport os\n\n\ndef sigmoid(x):\n    os._exit(0)\n", "during the check 'the values are right'"),
    ],
    ids=["ended", "exit", "syntax", "input", "ended in a check"],
)
def test_what_cannot_run_says_why(outcome, text, said):
    found = outcome(text)
    assert (found.status, found.report.ok) == (2, False)
    assert said in str(found.report)


def test_a_loop_without_end_is_ended(outcome):
    found = outcome(
        f"{GOOD}\nimport threading\n\n\ndef sigmoid(x):\n    threading.Event().wait()\n", seconds=2, lang="zh"
    )
    assert found.status == 2
    assert "运行超过 2 秒（正在检查“数值正确”）" in str(found.report)


@pytest.mark.skipif(os.name != "posix", reason="the system cannot limit memory")
def test_memory_is_limited(outcome):
    found = outcome("import numpy as np\nx = np.ones(2**33)\n", megabytes=2048)
    assert found.status == 2
    assert "it asked for more than 2048 MB of memory" in str(found.report)


def test_a_thread_left_running_does_not_hold_the_answer(outcome):
    held = "import threading\nthreading.Thread(target=threading.Event().wait).start()\n"
    assert outcome(GOOD + held).status == 0


def test_the_tools_of_the_checker_are_out_of_reach(outcome):
    fooled = "import sys\nimport nn.exercises.judging as j\nj.same = j.gradients = lambda *a, **k: None\n"
    text = f"{fooled}\n\ndef sigmoid(x):\n    return x\n\n\ndef sigmoid_backward(g, x):\n    return g\n"
    assert outcome(text).status == 1
