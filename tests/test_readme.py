"""What the README shows runs as it stands there."""

import re
from pathlib import Path

import pytest

TEXT = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
PROGRAMS = [code for code in re.findall(r"```python\n(.*?)```", TEXT, re.S) if code.startswith("import ")]


@pytest.mark.parametrize("code", PROGRAMS, ids=lambda code: code.splitlines()[1].strip() or "program")
def test_a_program_runs(code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {"__name__": "readme"})
    assert capsys.readouterr().out
