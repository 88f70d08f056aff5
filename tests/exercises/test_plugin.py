"""`pytest --pyargs nn.exercises --solutions DIR`: solved passes, unsolved is skipped, nothing solved is an error."""

import os
import subprocess
import sys
from pathlib import Path

import nn
from nn.exercises import exercise
from nn.exercises.sources import solution_file, start_file

ROOT = Path(nn.__file__).parents[1]


def run_pytest(folder, *arguments):
    """The plugin is named, so that it need not be installed; named twice, it is still one."""
    environment = {k: v for k, v in os.environ.items() if k not in ("CI", "PYTEST_ADDOPTS", "COLUMNS")}
    environment |= {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")  # the folder may lie within a clone
    command = [sys.executable, "-m", "pytest", "-p", "nn.exercises.plugin", "-p", "no:cacheprovider", "--pyargs"]
    command += ["nn.exercises", "-q", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8")


def test_solved_passes_started_fails_and_the_rest_is_skipped(tmp_path):
    (tmp_path / "softmax.py").write_text(solution_file(exercise("softmax")), encoding="utf-8")
    (tmp_path / "sigmoid.py").write_text(start_file(exercise("sigmoid"), "zh"), encoding="utf-8")
    run = run_pytest(tmp_path, "--solutions", str(tmp_path), "--exercises-lang", "zh")
    assert run.returncode == 1, run.stdout + run.stderr
    summary = run.stdout.strip().splitlines()[-1]
    assert summary.startswith("3 failed, 3 passed, ")
    assert "skipped" in summary
    assert "还没有写：sigmoid_backward" in run.stdout


def test_a_folder_without_solutions_is_an_error(tmp_path):
    run = run_pytest(tmp_path, "--solutions", str(tmp_path))
    assert run.returncode == 4
    assert "holds no solution, so nothing would be checked" in run.stderr


def test_without_the_option_no_check_is_collected_and_the_run_fails(tmp_path):
    assert run_pytest(tmp_path).returncode == 5


def test_the_plugin_is_an_entry_point_of_the_package():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '[project.entry-points.pytest11]\n"nn.exercises.plugin" = "nn.exercises.plugin"' in text
