"""What the package's README shows runs as it stands there."""

import re
from pathlib import Path

import pytest

import tbwriter

TEXT = (Path(tbwriter.__file__).parent / "README.md").read_text(encoding="utf-8")
PROGRAMS = [code for code in re.findall(r"```python\n(.*?)```", TEXT, re.S) if code.startswith("from tbwriter ")]


def test_it_shows_a_program():
    assert PROGRAMS


@pytest.mark.parametrize("code", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {"__name__": "readme"})
    assert list(tmp_path.rglob("*tfevents*"))
