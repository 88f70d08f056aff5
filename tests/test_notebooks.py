"""The notebooks: source and executed notebook are one, they execute, and their outputs tell nothing of the machine."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent / "notebooks"
SOURCES = sorted(HERE.glob("[0-9][0-9]_*.py"))
MACHINE = re.compile(r"(?<![\w.~-])/\w[\w.-]*/\w|\b[A-Z]:\\|site-packages|ipykernel_\d|0x[0-9a-f]{6,}")
"""An absolute path, with a drive letter or without; a kernel's file name; an address in memory."""


@pytest.fixture(params=SOURCES, ids=lambda source: source.stem)
def source(request):
    return request.param


@pytest.fixture
def executed(source):
    return json.loads(source.with_suffix(".ipynb").read_text(encoding="utf-8"))


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
    yield from (data for kind, data in output.get("data", {}).items() if not kind.startswith("image/"))


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


def test_there_are_three_chapters_and_each_has_its_notebook():
    assert [s.stem for s in SOURCES] == ["01_linear_regression", "02_xor", "03_cnn_and_tensorboard"]
    assert sorted(HERE.glob("*.ipynb")) == [s.with_suffix(".ipynb") for s in SOURCES]


def test_source_and_notebook_have_the_same_cells(source, executed, execute):
    of_source = execute.read(source).cells
    of_notebook = executed["cells"]
    advice = f"run: python notebooks/execute.py {source.stem}"
    assert [c["cell_type"] for c in of_notebook] == [c.cell_type for c in of_source], advice
    assert ["".join(c["source"]) for c in of_notebook] == [c.source for c in of_source], advice
    assert [c["id"] for c in of_notebook] == [c.id for c in of_source], advice


@pytest.mark.slow
def test_every_cell_runs_in_a_fresh_kernel(source, execute):
    notebook = execute.execute(execute.read(source))
    ran = [c for c in notebook.cells if c.cell_type == "code" and "skip-execution" not in c.metadata.get("tags", ())]
    assert [c.execution_count for c in ran] == list(range(1, len(ran) + 1))
    assert all(o.output_type != "error" and o.get("name") != "stderr" for c in ran for o in c.outputs)
    again = execute.execute(execute.read(source))
    assert again == notebook, "executed twice, it must be the same, or the tree is never clean"


def test_outputs_show_pictures_and_nothing_of_the_machine(executed):
    assert sum("image/png" in output.get("data", {}) for output in outputs(executed)) >= 4
    for output in outputs(executed):
        assert output["output_type"] != "error"
        assert output.get("name") != "stderr", output
        for text in texts(output):
            assert not MACHINE.search("".join(text)), text


def test_what_is_kept_is_stable_and_small(source, executed):
    assert executed["metadata"] == {
        "jupytext": {"formats": "ipynb,py:percent"},
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert all(cell["metadata"].keys() <= {"tags"} for cell in executed["cells"])
    assert source.with_suffix(".ipynb").stat().st_size < 400_000


def test_every_chapter_asserts_what_it_says(source):
    code = source.read_text(encoding="utf-8")
    assert code.count("\nassert ") + code.count("    assert ") >= 30
    assert "from nn.examples import" in code
