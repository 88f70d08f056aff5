"""What is said about the project in more than one place is the same everywhere: versions, tasks, what they install."""

import importlib.metadata
import re
import sys
from pathlib import Path

import pytest

import nn
import tbwriter

ROOT = Path(__file__).resolve().parent.parent
tomllib = pytest.importorskip("tomllib" if sys.version_info >= (3, 11) else "tomli")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def text(name):
    """A file of the repository; the archive of the sources holds fewer of them."""
    if not (ROOT / name).exists():
        pytest.skip(f"{name} belongs to the repository, and this is no working copy of it")
    return (ROOT / name).read_text(encoding="utf-8")


def test_there_is_one_version():
    assert "version" in PROJECT["dynamic"]
    installed = importlib.metadata.version("fromzero")
    assert nn.__version__ == tbwriter.__version__ == installed, "pip install -e . takes the version over"
    assert re.fullmatch(r"\d+\.\d+\.\d+", nn.__version__)


def test_tbwriter_has_no_other_late_name():
    with pytest.raises(AttributeError, match="module 'tbwriter' has no attribute 'SumaryWriter'"):
        _ = tbwriter.SumaryWriter


def test_the_pythons_that_are_promised_are_those_of_the_matrix():
    matrix = re.search(r"python: \[(.*)\]", text(".github/workflows/ci.yml")).group(1)
    promised = [c.rpartition(" :: ")[2] for c in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", c)]
    assert re.findall(r"3\.\d+", matrix) == promised
    assert PROJECT["requires-python"] == f">={promised[0]}"


def test_the_hooks_before_a_commit_install_what_lint_installs():
    hooks = set(re.findall(r'additional_dependencies: \["(.*)"\]', text(".pre-commit-config.yaml")))
    assert hooks == {r for r in PROJECT["optional-dependencies"]["lint"] if not r.startswith("mypy")}


def test_each_task_is_called_by_ci_and_told_to_contributors():
    tasks = re.findall(r"^@nox\.session.*\ndef (\w+)\(", text("noxfile.py"), re.M)
    assert {"tests", "lint", "types", "oracle", "notebooks", "oldest", "docs"} <= set(tasks)
    called = re.findall(r"^task (\w+)", text(".ci/run"), re.M)
    assert sorted([*called, "tests"]) == sorted(tasks), "the README's command stands for `tests`"
    for task in tasks:
        assert f"| `{task}` |" in text("CONTRIBUTING.md")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_pins_what_it_uses_and_may_do_little(workflow):
    code = workflow.read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)", code)
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)] == []
    top = code.partition("\njobs:")[0]
    assert re.search(r"^permissions:( \{\}|\n  contents: read)$", top, re.M)
    assert "\nconcurrency:\n" in top
    assert code.count("runs-on:") == code.count("timeout-minutes:")
    assert "secrets." not in code


def test_the_commands_of_the_readme_are_found_by_ci():
    """`.ci/run` runs them as they stand there: the first line that ends in these words."""
    for end in re.findall(r"grep -m1 '(.*)\$' README\.md", text(".ci/run")):
        assert re.search(rf"{end}$", text("README.md"), re.M), end
