"""What a user sees of a failed check in pytest: the line of the test and the report."""

import os
import re
import subprocess
import sys

TESTS = """
import numpy as np
import nn
from nn.testing import assert_gradients_match, check_module, gradcheck


def test_function():
    assert_gradients_match(np.sin, np.ones(2), lambda g, x: -g * np.cos(x))


def test_fixture(gradients_match):
    gradients_match(np.sin, np.ones(2), lambda g, x: -g * np.cos(x))


def test_module():
    class Wrong(nn.Module):
        def forward(self, x):
            return x * x.detach()

    check_module(Wrong(), nn.ones(2))


def test_gradcheck():
    gradcheck(lambda x: x * x.detach(), nn.ones(2, dtype=nn.float64, requires_grad=True))


def test_error_of_the_users():
    assert_gradients_match(np.sin, np.ones(2), lambda g, x: g[7])


def test_kink():
    assert_gradients_match(np.abs, np.arange(3.0), lambda g, x: g * np.sign(x))
"""


def test_a_failure_shows_the_line_of_the_test_and_the_report_alone(tmp_path):
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["nn.fixtures"]\n', encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "test_mine.py").write_text(TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    # In a CI, which these two names tell, pytest repeats each failure in full in its summary.
    env = {name: value for name, value in os.environ.items() if name not in ("CI", "BUILD_NUMBER", "PYTEST_ADDOPTS")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    out = done.stdout
    assert "5 failed, 1 passed, 1 warning" in out
    assert "nn/testing.py" not in out
    assert "nn/checking" not in out
    assert "nn/autograd" not in out
    assert ">       assert_gradients_match(np.sin, np.ones(2), lambda g, x: -g * np.cos(x))" in out
    assert ">       gradients_match(np.sin, np.ones(2), lambda g, x: -g * np.cos(x))" in out
    assert ">       check_module(Wrong(), nn.ones(2))" in out
    assert out.count("the sign is wrong: the gradient is -1 times the expected one: correct the rule") == 2
    assert "E       IndexError: index 7 is out of bounds" in out or "E   IndexError: index 7 is out of bounds" in out
    assert re.search(
        r"test_mine.py:\d+: KinkWarning: gradient by input 0, element \(0,\): the function has a kink", out
    )
    assert len(out.splitlines()) < 100
