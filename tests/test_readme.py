"""What the pages for users show runs as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nn.cli import _parsed

ROOT = Path(__file__).resolve().parent.parent
GUIDES = tuple(f"docs/en/guides/{path.name}" for path in sorted((ROOT / "docs/en/guides").glob("*.md")))
PAGES = (
    *GUIDES,
    "README.md",
    "nn/README.md",
    "nn/kernels/README.md",
    "nn/models/README.md",
    "nn/training/README.md",
    "nn/viewing/README.md",
    "nn/tuning/README.md",
    "tbwriter/README.md",
)


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.S)


@pytest.mark.parametrize(("page", "number"), [(page, i) for page in PAGES for i in range(len(blocks(page, "python")))])
def test_a_program_runs_as_it_stands(page, number, tmp_path):
    """In a process of its own, in an empty directory, with nothing before it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", blocks(page, "python")[number]],
        capture_output=True, text=True, check=False, cwd=tmp_path, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout or page == "tbwriter/README.md"


def test_the_commands_are_those_that_ci_runs_from_a_fresh_clone():
    commands = [line for block in blocks("README.md", "bash") for line in block.splitlines()]
    assert len(commands) == 2
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for command, end in zip(commands, ("fromzero demo", "pytest -q"), strict=True):
        assert command.endswith(end)
        assert f"grep -m1 '{end}$' README.md" in ci


@pytest.mark.parametrize(
    "page", [*PAGES, "nn/examples/README.md", "notebooks/README.md", "CONTRIBUTING.md", "tests/benchmarks/README.md"]
)
def test_the_commands_within_sentences_are_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for command in re.findall(r"`fromzero ([^`]*)`", text):
        _parsed(["x" if word.isupper() else word for word in command.split()])  # exits with a usage if it is unknown
    for script in re.findall(r"python ((?:tests|notebooks|proto)/\S+?\.py)", text):
        assert (ROOT / script).exists(), script


def test_the_op_it_shows_is_the_op_there_is():
    import numpy as np

    from nn.ops import arithmetic

    [code] = re.findall(r"\n(div = Op.*?\n\)\n)", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    shown = {}
    exec(code, {"np": np, "Op": lambda kernel, **declared: declared}, shown)
    g, x, other = np.random.default_rng(0).uniform(1, 2, (3, 4))
    for name, arguments in (("x", (g, other)), ("other", (g, x, other))):
        rule = arithmetic.div.vjp[name].function
        np.testing.assert_allclose(rule(*arguments), shown["div"]["vjp"][name](*arguments), rtol=1e-14)


@pytest.mark.parametrize("page", ["README.md", *GUIDES])
def test_a_page_has_the_same_programs_in_both_languages(page):
    chinese = page.replace("/en/", "/zh/").replace("README.md", "README.zh-CN.md")
    for language in ("python", "bash", "text"):
        code = [re.sub("  +# .*", "", block) for block in blocks(page, language)]
        assert [re.sub("  +# .*", "", block) for block in blocks(chinese, language)] == code
    assert re.search("[\u4e00-\u9fff]", (ROOT / chinese).read_text(encoding="utf-8"))
