"""The pages of docs/: both languages, links that lead somewhere, programs that run, a transcript that is current."""

import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nn.cli import _parsed
from nn.exercises.registry import catalogue

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
REPOSITORY = "https://github.com/fromzero/fromzero/blob/main/"
if not DOCS.exists():
    pytest.skip("the pages belong to the repository, and this is no working copy of it", allow_module_level=True)
OWN = ["exercises.md", "documents.md", "session.md", *(f"questions/{p.name}" for p in DOCS.glob("en/questions/*.md"))]
PAGES = [f"{lang}/{name}" for lang in ("en", "zh") for name in sorted(OWN)]


def text(page):
    return (DOCS / page).read_text(encoding="utf-8")


def slug(heading):
    """The anchor that a heading gets, as GitHub and MyST make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def test_both_languages_have_the_same_pages_and_programs():
    assert len(OWN) == 9
    for name in OWN:
        code = [re.findall(r"^```(\w+)", text(f"{lang}/{name}"), re.M) for lang in ("en", "zh")]
        assert code[0] == code[1], name
        headings = [re.findall(r"^(#+) ", text(f"{lang}/{name}"), re.M) for lang in ("en", "zh")]
        if name != "exercises.md":
            assert headings[0] == headings[1], name
        assert re.search("[\u4e00-\u9fff]{8}", text(f"zh/{name}")), name


EVERY_PAGE = sorted(
    path
    for folder in (ROOT, *(ROOT / name for name in ("docs", "nn", "tbwriter", "tests", "notebooks", "proto")))
    for path in (folder.glob("*.md") if folder == ROOT else folder.rglob("*.md"))
    if "build" not in path.parts
)


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_link_leads_somewhere(page):
    """Without the network: files of this repository, by a relative path or by its address, and their headings."""
    written = re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", written):
        path, _, anchor = target.partition("#")
        if path.startswith(REPOSITORY):
            found = ROOT / path.removeprefix(REPOSITORY)
        elif "://" in path or path.startswith("mailto:"):
            continue
        else:
            found = page.parent / path if path else page
        assert found.exists(), target
        if anchor and found.suffix == ".md":
            headings = re.findall(r"^#+ (.*)", found.read_text(encoding="utf-8"), re.M)
            assert anchor in [slug(heading) for heading in headings], target


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_and_exercises_it_names_are_there(page):
    if page.endswith("session.md"):
        return
    for command in re.findall(r"`fromzero ([^`]*)`", text(page)):
        _parsed(["1" if word in ("ID", "N") else word for word in command.split()])
    for names in re.findall(r"^(?:\*\*)?(?:Exercises|练习)[:：](?:\*\*)? ?(.*(?:\n`.*)*)", text(page), re.M):
        assert set(re.findall(r"`(\w+)`", names)) <= set(catalogue()), page


PROGRAMS = [(page, k) for page in PAGES if "session" not in page for k in range(text(page).count("```python\n"))]
EXPECTED = {
    "documents.md": [
        "50 True\n",
        "[0. 1. 1. 0.]\n",
        "[ 5.  7.  9. 11.]\n[-1.  3.] [ 5.  7.  9. 11.]\n",
        "[1 0 0 1] True\n",
    ],
    "3-training.md": ["True\n"],
    "4-metrics.md": ["0.99 0.0\n"],
    "6-tensorboard.md": ["15\n"],
}


@pytest.mark.parametrize(("page", "number"), [(p, k) for p, k in PROGRAMS if p.startswith("en/")])
def test_a_program_prints_what_it_should_in_either_language(page, number, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    codes = [re.findall(r"```python\n(.*?)```", text(f"{lang}/{page[3:]}"), re.S)[number] for lang in ("en", "zh")]
    bare = [re.sub(r" *#.*", "", code) for code in codes]
    assert bare[0] == bare[1]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(codes[0], {"__name__": "page"})
    assert out.getvalue() == EXPECTED[Path(page).name][number]


@pytest.mark.slow
def test_the_transcript_is_what_the_commands_print():
    run = subprocess.run([sys.executable, str(DOCS / "make_session.py"), "--check"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
