"""Execute the notebooks: every NN_name.py beside this file becomes NN_name.ipynb, with its outputs and pictures.

    python notebooks/execute.py            all of them
    python notebooks/execute.py 05_xor     those whose names begin so
    python notebooks/execute.py --text     execute nothing: write the texts and the tables again

zh/NN_name.py is the Chinese edition: its text alone, a cell for each text cell of the English source. The English
one is executed; zh/NN_name.ipynb gets the Chinese text, and the code and the outputs of the English one.

What is written depends on the source and its results alone: no time stamps, no paths, no version of the interpreter.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import io
import os
import posixpath
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient
from PIL import Image

HERE = Path(__file__).resolve().parent
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def sources() -> list[Path]:
    """The chapters, in their order."""
    return sorted(HERE.glob("[0-9][0-9]_*.py"))


def chinese(source: Path) -> Path:
    """Where the Chinese edition of a chapter stands."""
    return source.parent / "zh" / source.name


def read(source: Path) -> Any:
    """A notebook without outputs, from its source; the id of a cell is made from its text, and so stays."""
    notebook = jupytext.read(source)
    notebook.metadata = nbformat.from_dict(
        {"jupytext": {"formats": "ipynb,py:percent"}, "kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        same = sum(earlier.source == cell.source for earlier in notebook.cells[:number])
        cell.metadata = nbformat.from_dict({key: value for key, value in cell.metadata.items() if key == "tags"})
        cell.id = hashlib.sha256(f"{same} {cell.source}".encode()).hexdigest()[:8]
    return notebook


def execute(notebook: Any, timeout: int = 300) -> Any:
    """Run every cell in a fresh kernel that stands in an empty directory; the notebook, with its outputs."""
    with tempfile.TemporaryDirectory() as directory, _kernel_environment():
        client = NotebookClient(
            notebook,
            timeout=timeout,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,  # how a text is cut into messages depends on the moment
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": directory}},
        )
        client.execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if picture := output.get("data", {}).get("image/png"):
                output.data["image/png"] = smaller(picture)
    notebook.metadata["kernelspec"] = KERNELSPEC
    notebook.metadata["language_info"] = {"name": "python"}  # the kernel adds its version
    return notebook


def smaller(picture: str) -> str:
    """A PNG in base64 with a palette of 128 colours, a third of the size; the repository keeps every version of it."""
    image = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGBA")
    flat = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    file = io.BytesIO()
    flat.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


@contextlib.contextmanager
def _kernel_environment() -> Any:
    """One thread, since the matrices are small; a width for tables, whatever the terminal's; the `nn` beside us."""
    path = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")]))
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    wanted = {**dict.fromkeys(names, "1"), "COLUMNS": "80", "PYTHONPATH": path}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def refreshed(source: Path, executed: Path) -> Any:
    """The notebook with the text of its source as it is now, and the outputs that it has.

    Raises:
        Mismatch: its code is another one, so that it must be executed.
    """
    notebook = read(source)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    before = [cell for cell in nbformat.read(executed, as_version=4).cells if cell.cell_type == "code"]
    if [cell.source for cell in code] != [cell.source for cell in before]:
        raise Mismatch(
            f"{source.name}: the code is not what was executed; run: python notebooks/execute.py {source.stem}"
        )
    for cell, old in zip(code, before, strict=True):
        cell.outputs, cell.execution_count = old.outputs, old.execution_count
    return notebook


# The two languages


class Mismatch(ValueError):
    """Two forms of a chapter that must have the same cells have not."""


def translated(executed: Any, text: Path) -> Any:
    """A notebook with the text of the Chinese edition, and the code, the outputs and the ids of the executed one.

    Raises:
        Mismatch: the cells differ in number, in kind, or in what `differences` compares.
    """
    texts = jupytext.read(text).cells
    where = f"zh/{text.name}"
    for number, cell in enumerate(texts, start=1):
        if cell.cell_type != "markdown":
            raise Mismatch(f"{where}: cell {number}: expected text alone, got code: {cell.source.splitlines()[0]!r}")
    notebook = nbformat.from_dict(executed)
    notebook.metadata.pop("jupytext", None)  # or Jupyter would open the text alone
    cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    for number, (cell, edition) in enumerate(zip(cells, texts, strict=False), start=1):
        if found := differences(cell.source, edition.source):
            begins = f"begins {edition.source[:30]!r}, the English one {cell.source[:40]!r}"
            raise Mismatch(f"{where}: text cell {number} {begins}: {found[0]}")
        cell.source = BROKEN.sub("", edition.source)
    if len(cells) != len(texts):
        raise Mismatch(f"{where}: expected {len(cells)} text cells, as the English source has, got {len(texts)}")
    return notebook


BROKEN = re.compile("(?<=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef])\n *(?=[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef])")
"""The end of a line between two Chinese characters, which would be shown as a space."""


def differences(english: str, chinese: str) -> list[str]:
    """What two editions of a text must share and do not: levels of headings, formulas, links, blocks of code."""
    found = []
    for what, parts in SHARED.items():
        expected, got = Counter(parts(english, "notebooks")), Counter(parts(chinese, "notebooks/zh"))
        if expected != got:
            missing, more = list((expected - got).elements()), list((got - expected).elements())
            found.append(f"{what} differ: expected {missing}, got {more}")
    return found


CODE = re.compile(r"^```.*?^```|`[^`]+`", re.DOTALL | re.MULTILINE)
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$]+?)\$", re.DOTALL)


def formulas(text: str, folder: str = "") -> list[str]:
    """The formulas without their spaces; of one that holds words, only that it is there.

    One within a sentence counts once in a cell: where English repeats a letter, Chinese may do without.
    """
    found = FORMULA.findall(CODE.sub("", text))
    short = ["".join(("$$" + displayed if displayed else within).split()) for displayed, within in found]
    short = ["with words" if "\\text" in formula else formula for formula in short]
    once = dict.fromkeys(formula for formula in short if not formula.startswith(("$$", "with words")))
    return [*once, *(formula for formula in short if formula not in once)]


def links(text: str, folder: str) -> list[str]:
    """Where a text in a folder links to; a page that there is in Chinese counts as the English one."""
    found = []
    for target in re.findall(r"\]\(([^)\s]+)\)", CODE.sub("", text)):
        path = target.partition("#")[0]
        if "://" not in path:
            path = posixpath.normpath(posixpath.join(folder, path))
        for theirs, ours in (("notebooks/zh", "notebooks"), ("docs/zh", "docs/en"), ("README.zh-CN.md", "README.md")):
            path = path.replace(theirs, ours)
        found.append(path)
    return found


SHARED: dict[str, Callable[[str, str], list[str]]] = {
    "levels of headings": lambda text, _: re.findall(r"^#+(?= )", CODE.sub("", text), re.MULTILINE),
    "formulas": formulas,
    "links": links,
    "blocks of code": lambda text, _: re.findall(r"^```\w+", text, re.MULTILINE),
}


# The tables of the two READMEs


def words(notebook: Any) -> int:
    """English words, or Chinese characters, of the text; formulas and code are not counted."""
    count = 0
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            plain = FORMULA.sub("", CODE.sub("", "".join(cell["source"])))
            plain = re.sub(r"\]\([^)]*\)", "]", plain)
            characters = len(re.findall("[\u4e00-\u9fff]", plain))
            count += characters or len(re.findall(r"[^\W\d_][\w'’-]*", plain))
    return count


def pictures(notebook: Any) -> int:
    """Outputs that are drawn: pixels, and graphs in Mermaid's language."""
    outputs = [output.get("data", {}) for cell in notebook["cells"] for output in cell.get("outputs", [])]
    return sum(any(kind.startswith("image/") or "mermaid" in kind for kind in data) for data in outputs)


def row(path: Path) -> str:
    """A chapter's line of the table, from its executed notebook.

    Raises:
        Mismatch: the first cell does not say how long it takes, or what the reader can do afterwards.
    """
    notebook = nbformat.read(path, as_version=4)
    first = notebook.cells[0].source
    title = re.match(r"# (\d+) · (.+)", first)
    minutes = re.search(r"(\d+)\s*(?:minutes|分钟)", first)
    after = re.search(r"^\*\*[^*]+\*\*[:：]?\s*(.+?)(?:\n\n|\Z)", first, re.DOTALL | re.MULTILINE)
    if not (title and minutes and after):
        raise Mismatch(
            f"{path.name}: the first cell must begin '# N · title', name the minutes ('30 minutes', '30 分钟') "
            "and say after its first bold words what the reader can do then ('**Afterwards you can** ...', "
            f"'**学完本章，你能**...'); got {first[:80]!r}"
        )
    what = " ".join(after[1].split()).rstrip(".。")
    return (
        f"| {title[1]} | [{title[2]}]({path.name}) | {minutes[1]} | {words(notebook)} | {pictures(notebook)} | {what} |"
    )


def table(readme: Path) -> str:
    """The README with the table of the chapters that stand beside it, in place of the one that it has."""
    rows = [row(path) for path in sorted(readme.parent.glob("[0-9][0-9]_*.ipynb"))]
    text = readme.read_text(encoding="utf-8")
    head, found, rest = re.split(r"((?:^\|[-|]+\|\n)(?:^\| \d+ \|.*\n)*)", text, maxsplit=1, flags=re.MULTILINE)
    return head + found.partition("\n")[0] + "\n" + "".join(line + "\n" for line in rows) + rest


READMES = (HERE / "README.md", HERE / "zh" / "README.md")


def main(argv: Sequence[str] | None = None) -> None:
    """Execute and write; an error in a cell ends it with that cell's traceback, and writes nothing."""
    parser = argparse.ArgumentParser(description="Execute the notebooks and write the .ipynb files.")
    parser.add_argument("name", nargs="*", help="beginnings of names (default: all)")
    parser.add_argument("--text", action="store_true", help="execute nothing: write the texts and the tables again")
    arguments = parser.parse_args(argv)
    for source in sources():
        if arguments.name and not source.name.startswith(tuple(arguments.name)):
            continue
        print(source.name, flush=True)
        target = source.with_suffix(".ipynb")
        nbformat.write(refreshed(source, target) if arguments.text else execute(read(source)), target)
        if chinese(source).exists():
            edition = translated(nbformat.read(target, as_version=4), chinese(source))
            nbformat.write(edition, chinese(source).with_suffix(".ipynb"))
    for readme in READMES:
        readme.write_text(table(readme), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except Mismatch as mismatch:
        sys.exit(str(mismatch))
