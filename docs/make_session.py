"""Writes the pages docs/en/session.md and docs/zh/session.md: a learner's session, from the commands themselves.

`python docs/make_session.py` runs them and writes both pages; with `--check` it says whether they are current.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from nn.cli import main  # noqa: E402

os.environ.pop("COLUMNS", None)  # the pages hold whole lines, however wide this terminal is

WRONG = """import numpy as np


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_backward(g, x):
    p = softmax(x)
    return g * p * (1 - p)
"""
RIGHT = WRONG.replace("g * p * (1 - p)", "p * (g - (g * p).sum(axis=-1, keepdims=True))")
TEXTS = {
    "en": (
        "# A session on the command line",
        "This page is written by `python docs/make_session.py`, which runs the commands below as they stand.",
        "What is there:",
        "One of them, in full:",
        "A file to begin with. It is never overwritten:",
        "Nothing is written yet:",
        "A first answer, in `exercises/softmax.py`:",
        "The values are right, the gradient is not, and the report names the mistake:",
        "A hint, and the next one:",
        "The backward once more:",
        "And that is it:",
        "A typing mistake, an exercise that is to be repaired instead of written, and how far one has come:",
    ),
    "zh": (
        "# 命令行上的一次练习",
        "本页由 `python docs/make_session.py` 生成，下面的命令都是照原样实际运行的。",
        "有哪些练习：",
        "看其中一个的完整题目：",
        "生成一个起步文件；已有的文件绝不会被覆盖：",
        "这时还什么都没有写：",
        "第一次作答，写在 `exercises/softmax.py` 里：",
        "数值对了，梯度不对，报告指出了错在哪里：",
        "看一条提示，再看下一条：",
        "重写反向函数：",
        "这样就通过了：",
        "打错了名字会怎样；不是从头写、而是要改错的练习；以及目前的进度：",
    ),
}


def run(command: str) -> str:
    """A command with what it prints and the status it ends with, as on a terminal."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        status = main(command.split()[1:])
    return f"$ {command}\n{out.getvalue()}$ echo $?\n{status}\n"


def page(lang: str) -> str:
    """The session in one language."""
    option = "" if lang == "en" else " --lang zh"
    texts = iter(TEXTS[lang])
    parts = [next(texts), next(texts)]

    def show(*commands: str) -> None:
        printed = "\n".join(run(f"fromzero exercise {command}{option}") for command in commands)
        parts.extend([next(texts), f"```text\n{printed}```"])

    def write(code: str, shown: str) -> None:
        Path("exercises/softmax.py").write_text(code, encoding="utf-8")
        parts.extend([next(texts), f"```python\n{shown}```"])

    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            show("list")
            show("show softmax")
            show("start softmax", "start softmax")
            show("check softmax")
            write(WRONG, WRONG)
            show("check softmax")
            show("hint softmax 2", "hint softmax 3")
            write(RIGHT, RIGHT[RIGHT.index("def softmax_backward") :])
            show("check softmax")
            show("check sofmax", "start drill_gradient_sign", "status")
        finally:
            os.chdir(before)
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    stale = []
    for lang in TEXTS:
        path, text = HERE / lang / "session.md", page(lang)
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
    raise SystemExit(f"{' and '.join(stale)} is not current: run python docs/make_session.py" if stale else 0)
