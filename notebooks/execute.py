"""Execute the notebooks: every NN_name.py beside this file becomes NN_name.ipynb, with its outputs and pictures.

    python notebooks/execute.py            all of them
    python notebooks/execute.py 02_xor     those whose names begin so

What is written depends on the source and its results alone: no time stamps, no paths, no version of the interpreter.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def sources() -> list[Path]:
    """The chapters, in their order."""
    return sorted(HERE.glob("[0-9][0-9]_*.py"))


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
    notebook.metadata["kernelspec"] = KERNELSPEC
    notebook.metadata["language_info"] = {"name": "python"}  # the kernel adds its version
    return notebook


@contextlib.contextmanager
def _kernel_environment() -> Any:
    """One thread, since the matrices are small and more threads would wait for each other; the `nn` beside us."""
    path = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")]))
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    wanted = {**dict.fromkeys(names, "1"), "PYTHONPATH": path}
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


def main(argv: Sequence[str] | None = None) -> None:
    """Execute and write; an error in a cell ends it with that cell's traceback, and writes nothing."""
    parser = argparse.ArgumentParser(description="Execute the notebooks and write the .ipynb files.")
    parser.add_argument("name", nargs="*", help="beginnings of names (default: all)")
    names = tuple(parser.parse_args(argv).name)
    for source in sources():
        if names and not source.name.startswith(names):
            continue
        print(source.name, flush=True)
        nbformat.write(execute(read(source)), source.with_suffix(".ipynb"))


if __name__ == "__main__":
    main()
