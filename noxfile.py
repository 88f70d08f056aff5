"""One word for each task: `nox -s tests`, `lint`, `types`, `oracle`, `notebooks`, `oldest`, `docs`, `lite`, `protobuf`.

`nox` alone runs lint, types and tests; `nox -l` lists all tasks. Each has an environment of its own in `.nox/`. What
stands after `--` goes to its last command, e.g. `nox -s tests -- -k conv`. `.ci/run` calls the same tasks.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import nox

nox.needs_version = ">=2024.4.15"
nox.options.sessions = ["lint", "types", "tests"]
nox.options.reuse_existing_virtualenvs = True

PROJECT = nox.project.load_toml("pyproject.toml")["project"]
WORKERS = ["-n", "auto", "--maxprocesses", "4", "--dist", "worksteal"]
ONE_THREAD = {"OMP_NUM_THREADS": "1"}  # a worker for each core, so that one core is all that each needs
OLDEST_PYTHON = PROJECT["requires-python"].removeprefix(">=")
YAML = [str(p) for p in (*Path(".github").rglob("*.yml"), Path("CITATION.cff"), Path(".pre-commit-config.yaml"))]


def oldest_python() -> str:
    """A Python of the oldest version that the project promises: on the path, or one of pyenv's."""
    name = f"python{OLDEST_PYTHON}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for candidate in (name, *pyenv.glob(f"versions/{OLDEST_PYTHON}.*/bin/{name}")):
        try:
            subprocess.run([candidate, "-c", ""], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):  # pyenv's `python3.10` fails where that version is not chosen
            continue
        return str(candidate)
    return OLDEST_PYTHON  # nox then says that it finds none


def lowest(requirements: list[str]) -> list[str]:
    """The oldest release that each requirement allows: `numpy>=1.26` becomes `numpy==1.26.*`."""
    return [re.sub(r">=([\d.]+)", r"==\1.*", requirement) for requirement in requirements]


def with_installing_cell(notebooks: Path, folder: Path) -> list[Path]:
    """Copy the executed notebooks into a folder, each with a first cell that installs what it imports; the copies."""
    install = "%pip install -q fromzero matplotlib"
    cell = {
        "cell_type": "code",
        "id": "install",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": install,
    }
    copies = []
    for path in sorted(notebooks.rglob("[0-9][0-9]_*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["cells"].insert(0, cell)
        copies.append(folder / path.relative_to(notebooks))
        copies[-1].parent.mkdir(parents=True, exist_ok=True)
        copies[-1].write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
    return copies


@nox.session
def tests(session: nox.Session) -> None:
    """The default run, without PyTorch, and the share of lines that it reaches."""
    session.install("-e", ".[test]")
    covered = ["--cov", "-p", "no:nn.exercises.plugin"]  # it would load `nn` before the count of lines begins
    session.run("python", "-m", "pytest", "-q", *(session.posargs or covered))


@nox.session
def lint(session: nox.Session) -> None:
    """What ruff, codespell and the readers of TOML and YAML find."""
    session.install(*PROJECT["optional-dependencies"]["lint"])
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("codespell")
    session.run("check-toml", "pyproject.toml")
    session.run("check-yaml", *YAML)


@nox.session
def types(session: nox.Session) -> None:
    """Strict types of both packages."""
    session.install("-e", ".[all,test,lint]")
    session.run("mypy", *session.posargs)


@nox.session
def oracle(session: nox.Session) -> None:
    """Against PyTorch, scikit-learn, TensorBoard and, where a Chromium is installed, in a real browser.

    Only the files that ask for one of them: `tests` has run the others.
    """
    session.install("torch==2.13.0")  # the version whose names and values are the contract
    session.install("-e", ".[all,test,oracle,browser,mpi]")
    asks = re.compile(r"importorskip|^from (oracle|twins|graphs) import|^import (oracle|twins)", re.MULTILINE)
    files = [str(path) for path in sorted(Path("tests").rglob("test_*.py")) if asks.search(path.read_text("utf-8"))]
    session.run(
        "python", "-m", "pytest", "-q", *WORKERS, *(session.posargs or ["-m", "not slow", *files]), env=ONE_THREAD
    )


@nox.session
def notebooks(session: nox.Session) -> None:
    """Every chapter runs in a fresh kernel, and gives what is checked in."""
    session.install("-e", ".[notebook,test]")
    session.run("python", "-m", "pytest", "-q", *WORKERS, "tests/test_notebooks.py", *session.posargs, env=ONE_THREAD)


@nox.session(python=oldest_python())
def oldest(session: nox.Session) -> None:
    """The default run from the sdist, on the oldest Python, with the oldest release of everything that is required."""
    session.install("-e", ".[test]", *lowest([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]))
    folder = Path(session.create_tmp()).resolve()
    shutil.rmtree(folder)
    session.run("python", "-m", "hatchling", "build", "-t", "sdist", "-d", str(folder))
    (archive,) = folder.glob("*.tar.gz")
    shutil.unpack_archive(archive, folder)
    session.chdir(folder / archive.name.removesuffix(".tar.gz"))
    session.run("python", "-m", "pytest", "-q", *WORKERS, *(session.posargs or ["-m", "not slow"]), env=ONE_THREAD)


@nox.session
def docs(session: nox.Session) -> None:
    """The site, in build/docs: every public name, from the docstrings; guides; notebooks. Warnings are errors."""
    session.install("-e", ".[docs]")
    pages = ["--docformat", "google", "--math", "--no-show-source", "--output-directory", "build/api"]
    session.run("pdoc", "nn", "tbwriter", *pages, silent=True)
    session.run("python", "docs/check_names.py", "build/api")
    session.run("sphinx-build", "-q", "-W", "--keep-going", "-c", "docs", ".", "build/docs", *session.posargs)


@nox.session
def lite(session: nox.Session) -> None:
    """The notebooks as a site that needs no server and nothing installed, in build/lite (JupyterLite)."""
    session.install(*PROJECT["optional-dependencies"]["lite"])
    wheels = Path(session.create_tmp()).resolve()
    session.run("python", "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels))
    wheel = max(wheels.glob("*.whl"), key=os.path.getmtime)
    contents, site = wheels / "contents", Path("build/lite").resolve()
    shutil.rmtree(contents, ignore_errors=True)
    chapters = with_installing_cell(Path("notebooks"), contents)
    places = ["--contents", str(contents), "--output-dir", str(site)]
    session.chdir(wheels)  # where it keeps its notes
    session.run("jupyter", "lite", "build", *places, "--piplite-wheels", str(wheel), *session.posargs, silent=True)
    if missing := [path for path in chapters if not (site / "files" / path.relative_to(contents)).exists()]:
        session.error(f"lite: the site lacks {', '.join(path.name for path in missing)}")


@nox.session
def protobuf(session: nox.Session) -> None:
    """The generated protobuf code is that of the schemas."""
    session.run("python", "proto/generate.py", *(session.posargs or ["--check"]))
