"""Measure all that the page of speeds tells, and write the page: ``python tests/benchmarks/report.py``.

It takes some ten minutes and needs a quiet machine. The page holds what the commands print, with the machine they ran
on.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMMANDS = {
    "A training step": (
        "time_training.py",
        "Microseconds of a step of ours, of PyTorch and of NumPy by hand.",
    ),
    "Single calls": (
        "time_ops.py --rounds 1 --least 3",
        "Microseconds on one thread of the calls for which PyTorch takes a third or less; the means are of all calls.",
    ),
    "What recording costs": (
        "time_bookkeeping.py",
        "Microseconds of an op beyond NumPy's own, of backward a node.",
    ),
    "Logging": ("time_writer.py", "Microseconds of the caller for a call, in brackets up to the end of `close`."),
}


def page() -> str:
    """The page, from the commands' own output."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "torch", "tensorboardX"))
    lines = [
        "# How fast both packages are",
        "",
        "Made by `python tests/benchmarks/report.py`, which runs each command below. Every library works in processes",
        "of its own, and they take turns, so that a slow minute of the machine meets all of them. Ratios carry over to",
        "other machines better than times do.",
        "",
        f"Python {platform.python_version()}, {packages}; {os.cpu_count()} cores, {platform.machine()}.",
    ]
    for title, (command, sentence) in COMMANDS.items():
        print(f"running {command} ...", file=sys.stderr)
        script, *options = command.split()
        run = subprocess.run(
            [sys.executable, HERE / script, *options], check=True, capture_output=True, text=True, cwd=HERE.parents[1]
        )
        output = "\n".join(line.rstrip() for line in run.stdout.strip().splitlines())
        lines += ["", f"## {title}", "", f"{sentence} `python tests/benchmarks/{command}`:", "", "```", output, "```"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (HERE / "README.md").write_text(page(), encoding="utf-8")
