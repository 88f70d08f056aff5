"""The source distribution holds all that the tests read, so that the suite passes from it too."""

import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    """The files of a freshly built sdist."""
    builder = pytest.importorskip("hatchling.builders.sdist", reason="pip install 'fromzero[test]'")
    (path,) = builder.SdistBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("dist")))
    with tarfile.open(path) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def test_every_file_of_the_repository_is_in_it(held):
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("no clone of the repository")
    present = {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    assert present - held == set()


def test_it_holds_nothing_that_a_run_leaves_behind(held):
    parts = {part for name in held for part in Path(name).parts}
    assert not parts & {"__pycache__", ".venv", "runs", "dist", "build", ".git", ".pytest_cache"}
