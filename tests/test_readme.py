"""What the pages for users show runs as it stands there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "nn/README.md")
PROGRAMS = [
    pytest.param(code, id=f"{page}-{number}")
    for page in PAGES
    for number, code in enumerate(re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.S))
    if code.startswith("import ")
]


@pytest.mark.parametrize("code", PROGRAMS)
def test_a_program_runs(code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {"__name__": "readme"})
    assert capsys.readouterr().out


def test_the_op_it_shows_is_the_op_there_is():
    import numpy as np

    from nn.ops import arithmetic

    [code] = re.findall(r"```python\n(div = .*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    shown = {}
    exec(code, {"np": np, "Op": lambda kernel, **declared: declared}, shown)
    g, x, other = np.random.default_rng(0).uniform(1, 2, (3, 4))
    for name, arguments in (("x", (g, other)), ("other", (g, x, other))):
        rule = arithmetic.div.vjp[name].function
        assert rule(*arguments).tolist() == shown["div"]["vjp"][name](*arguments).tolist()


@pytest.mark.parametrize("page", [*PAGES, "tbwriter/README.md", "notebooks/README.md", "CONTRIBUTING.md"])
def test_what_a_page_links_to_is_there(page):
    path = ROOT / page
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []
