"""The course: source, executed notebook and Chinese edition are one; it runs, and tells nothing of the machine."""

import copy
import importlib.util
import json
import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent / "notebooks"
SOURCES = sorted(HERE.glob("[0-9][0-9]_*.py"))
CHINESE = sorted((HERE / "zh").glob("[0-9][0-9]_*.py"))
NOTEBOOKS = sorted(HERE.rglob("[0-9][0-9]_*.ipynb"))
READMES = (HERE / "README.md", HERE / "zh" / "README.md")
MACHINE = re.compile(r"(?<![\w.~-])/\w[\w.-]*/\w|\b[A-Z]:\\|site-packages|ipykernel_\d|0x[0-9a-f]{6,}")
"""An absolute path, with a drive letter or without; a kernel's file name; an address in memory."""
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


@pytest.fixture(params=SOURCES, ids=lambda source: source.stem)
def source(request):
    return request.param


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.relative_to(HERE).with_suffix("").as_posix())
def path(request):
    return request.param


def loaded(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def execute():
    """notebooks/execute.py, as a module."""
    for name in ("jupytext", "nbclient", "ipykernel", "matplotlib"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed; pip install 'fromzero[notebook]'")
    spec = importlib.util.spec_from_file_location("execute", HERE / "execute.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def outputs(notebook):
    return [output for cell in notebook["cells"] for output in cell.get("outputs", [])]


def texts(output):
    """All of an output that is read, pictures left out."""
    yield from (output.get("text", ""), output.get("traceback", ""))
    yield from (data for kind, data in sorted(output.get("data", {}).items()) if not kind.startswith("image/"))


def shown(cell):
    """What a cell shows: the words and numbers of its texts, and how many pictures."""
    read = " ".join("".join(text) for output in cell["outputs"] for text in texts(output))
    drawn = sum("image/png" in output.get("data", {}) for output in cell["outputs"])
    return NUMBER.sub("#", read), [float(number) for number in NUMBER.findall(read)], drawn


@pytest.mark.parametrize(
    "text", ["/tmp/x", 'File "/home/me/a.py"', "C:\\me", "/tmp/ipykernel_12/3.py", "at 0x7f0000001234>"]
)
def test_a_machine_is_recognised(text):
    assert MACHINE.search(text)


@pytest.mark.parametrize(
    "text", ["loss/train_step", "1 / 2", "-1/4", "weights/conv1/weight, a/b", "as_printed/loss = 2.3"]
)
def test_a_tag_is_no_machine(text):
    assert not MACHINE.search(text)


def test_the_chapters_follow_each_other_and_each_stands_in_both_languages():
    assert [int(path.stem[:2]) for path in SOURCES] == list(range(1, len(SOURCES) + 1))
    assert [path.name for path in CHINESE] == [path.name for path in SOURCES]
    for folder, sources in ((HERE, SOURCES), (HERE / "zh", CHINESE)):
        assert sorted(folder.glob("*.ipynb")) == [path.with_suffix(".ipynb") for path in sources]


def test_source_and_notebook_have_the_same_cells(source, execute):
    of_source = execute.read(source).cells
    of_notebook = loaded(source.with_suffix(".ipynb"))["cells"]
    advice = f"run: python notebooks/execute.py {source.stem}"
    assert [c["cell_type"] for c in of_notebook] == [c.cell_type for c in of_source], advice
    assert ["".join(c["source"]) for c in of_notebook] == [c.source for c in of_source], advice
    assert [c["id"] for c in of_notebook] == [c.id for c in of_source], advice


@pytest.mark.slow
def test_every_cell_runs_in_a_fresh_kernel_and_shows_what_is_checked_in(source, execute):
    """The words are the same, and the numbers but for what another processor rounds; pictures are counted."""
    notebook = execute.execute(execute.read(source))
    ran = [c for c in notebook.cells if c.cell_type == "code" and "skip-execution" not in c.metadata.get("tags", ())]
    assert [c.execution_count for c in ran] == list(range(1, len(ran) + 1))
    before = [c for c in loaded(source.with_suffix(".ipynb"))["cells"] if c["cell_type"] == "code"]
    after = [c for c in notebook.cells if c.cell_type == "code"]
    for old, new in zip(before, after, strict=True):
        (words, numbers, drawn), (words_now, numbers_now, drawn_now) = shown(old), shown(new)
        assert words_now == words, f"run: python notebooks/execute.py {source.stem}"
        assert numbers_now == pytest.approx(numbers, rel=0.05, abs=1e-6), new.source
        assert drawn_now == drawn, new.source


def test_outputs_show_pictures_and_nothing_of_the_machine(path):
    notebook = loaded(path)
    assert sum("image/png" in output.get("data", {}) for output in outputs(notebook)) >= 4
    for output in outputs(notebook):
        assert output["output_type"] != "error"
        assert output.get("name") != "stderr", output
        for text in texts(output):
            assert not MACHINE.search("".join(text)), text


def test_what_is_kept_is_stable_and_small(path):
    notebook = loaded(path)
    paired = {} if path.parent.name == "zh" else {"jupytext": {"formats": "ipynb,py:percent"}}
    assert notebook["metadata"] == paired | {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert all(cell["metadata"].keys() <= {"tags"} for cell in notebook["cells"])
    assert path.stat().st_size < 250_000


def test_every_chapter_asserts_what_it_says(source):
    code = source.read_text(encoding="utf-8")
    assert code.count("\nassert ") + code.count("    assert ") >= 10


def test_the_number_of_a_chapter_is_that_of_its_title_and_sections(path):
    headings = [
        line
        for cell in loaded(path)["cells"]
        if cell["cell_type"] == "markdown"
        for line in re.findall(r"^#{1,2} .*", "".join(cell["source"]), re.M)
    ]
    number = int(path.stem[:2])
    assert headings[0].startswith(f"# {number} · ")
    numbered = [re.match(r"## (\d+)\.(\d+) ", heading) for heading in headings[1:]]
    sections = [(int(found[1]), int(found[2])) for found in numbered if found]
    assert sections == [(number, k) for k in range(1, len(sections) + 1)]
    assert len(sections) >= 4


@pytest.mark.parametrize("page", [*SOURCES, *CHINESE, *READMES], ids=lambda page: page.relative_to(HERE).as_posix())
def test_what_is_linked_is_there(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        found = page.parent / path
        assert found.is_file(), f"{target}: link a file; the site has no page for a folder"
        if anchor:
            headings = re.findall(r"^#+ (.*)", found.read_text(encoding="utf-8"), re.M)
            slugs = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
            assert anchor in slugs, target


# Two languages


def test_the_chinese_edition_is_the_executed_one_with_its_own_text(execute):
    for text in CHINESE:
        source = HERE / text.name
        expected = execute.translated(execute.nbformat.read(source.with_suffix(".ipynb"), as_version=4), text)
        advice = f"run: python notebooks/execute.py --text {source.stem}"
        assert loaded(text.with_suffix(".ipynb")) == json.loads(execute.nbformat.writes(expected)), advice
        for cell in expected.cells:
            if cell.cell_type == "markdown" and len(execute.FORMULA.sub("", cell.source)) > 60:
                assert re.search("[\u4e00-\u9fff]", cell.source), f"{text.name}: {cell.source}"


def test_jupyter_opens_a_chinese_chapter_with_its_code():
    """Where jupytext is installed, a notebook that is paired with its text would be opened as that text alone."""
    formats = pytest.importorskip("jupytext.formats")
    for text in CHINESE:
        assert "formats:" not in text.read_text(encoding="utf-8").partition("# %%")[0], text
        assert formats.long_form_multiple_formats(loaded(text.with_suffix(".ipynb"))["metadata"].get("jupytext")) == []


@pytest.mark.parametrize(
    ("chinese", "message"),
    [
        ("# 一\n\n见[这里](../a.ipynb)。\n\n$x^2$", "levels of headings differ: expected .'##'., got .'#'."),
        ("## 一\n\n见[这里](../a.ipynb)。\n\n$x^3$", "formulas differ: expected .'x.2'., got .'x.3'."),
        (
            "## 一\n\n见[这里](../b.ipynb)。\n\n$x^2$",
            "links differ: expected .'notebooks/a.ipynb'., got .'notebooks/b.ipyn",
        ),
        (
            "## 一\n\n见[这里](../a.ipynb)。\n\n$ x^2 $\n```python\n```",
            "blocks of code differ: expected .., got .'```pyt",
        ),
    ],
)
def test_a_difference_between_the_languages_is_told(chinese, message, execute):
    english = "## One\n\nSee [this](a.ipynb).\n\n$x^2$"
    assert re.search(message, " ".join(execute.differences(english, chinese)))
    assert execute.differences(english, "## 一\n\n$x^2$见[这里](a.ipynb)。") == []


def test_a_letter_within_sentences_need_not_be_repeated_but_a_displayed_formula(execute):
    assert execute.differences("$h$ and $h$, $k$", "$h$、$k$") == []
    assert execute.differences("$h$ and $k$", "$h$、$h$") != []
    assert execute.differences("$$h$$\n\n$$h$$", "$$h$$") != []


def test_a_formula_with_words_may_be_in_either_language(execute):
    assert execute.differences(r"$a = \text{rate}$", r"$a = \text{学习率}$") == []
    assert execute.differences(r"$a = \text{rate}$", "$a$") != []


def test_cells_that_do_not_match_are_told_with_chapter_and_cell(execute, tmp_path):
    notebook = execute.nbformat.v4.new_notebook()
    for text in ("# One", "## Two"):
        notebook.cells.append(execute.nbformat.v4.new_markdown_cell(text))
    edition = tmp_path / "01_x.py"
    for source, message in (
        ("# %% [markdown]\n# # 一\n", "zh/01_x.py: expected 2 text cells, as the English source has, got 1"),
        ("# %% [markdown]\n# # 一\n\n# %%\nx = 1\n", "zh/01_x.py: cell 2: expected text alone, got code: 'x = 1'"),
        (
            "# %% [markdown]\n# # 一\n\n# %% [markdown]\n# 二\n",
            "zh/01_x.py: text cell 2 begins '二', the English one '## Two'",
        ),
    ):
        edition.write_text(source, encoding="utf-8")
        with pytest.raises(execute.Mismatch, match=re.escape(message)):
            execute.translated(copy.deepcopy(notebook), edition)


def test_no_emphasis_is_left_as_asterisks(path, execute):
    """Between Chinese letters and punctuation, `**` may be no emphasis by the rules of Markdown."""
    import markdown_it  # jupytext needs it

    reader = markdown_it.MarkdownIt()
    for cell in execute.nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            parts = [
                part for block in reader.parse(execute.FORMULA.sub("x", cell.source)) for part in block.children or ()
            ]
            assert not [part.content for part in parts if part.type == "text" and "*" in part.content]


# The table


def test_a_chapter_is_one_sitting(path, execute):
    notebook = execute.nbformat.read(path, as_version=4)
    assert 1_400 <= execute.words(notebook) <= (6_000 if path.parent.name == "zh" else 4_000)
    assert 5 <= execute.pictures(notebook) <= 14
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    long = [source for source in cells if source.count("\n") >= 40]
    assert len(long) <= 1, "one idea a cell"
    assert sum(source.count("assert") for source in cells) <= 2.5 * len(cells), "asserts must not outweigh ideas"


def test_the_tables_are_true(execute):
    for readme in READMES:
        advice = "run: python notebooks/execute.py --text"
        assert readme.read_text(encoding="utf-8") == execute.table(readme), advice


def test_words_are_counted_without_formulas_code_and_addresses(execute):
    cell = execute.nbformat.v4.new_markdown_cell
    for text, count in (
        ("It's a [link](there/is/none.md) to `code` and $x$.\n\n```\nmore code\n```\n$$y = x$$", 5),
        ("它的斜率是 $x$，见 [nn](a.md)。", 6),
    ):
        assert execute.words({"cells": [cell(text)]}) == count


def test_a_first_cell_without_minutes_is_told(execute, tmp_path):
    notebook = execute.nbformat.v4.new_notebook()
    notebook.cells = [execute.nbformat.v4.new_markdown_cell("# 1 · One\n\n**Afterwards you can** count.")]
    execute.nbformat.write(notebook, tmp_path / "01_one.ipynb")
    with pytest.raises(execute.Mismatch, match=r"01_one.ipynb: the first cell must .* name the minutes \('30 minutes'"):
        execute.row(tmp_path / "01_one.ipynb")
