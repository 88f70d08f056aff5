"""What is said about the project in more than one place is the same everywhere."""

import importlib.metadata
import re
import sys
from pathlib import Path

import pytest

import nn
import tbwriter

ROOT = Path(__file__).resolve().parent.parent
tomllib = pytest.importorskip("tomllib" if sys.version_info >= (3, 11) else "tomli")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_there_is_one_version():
    assert "version" in PROJECT["dynamic"]
    assert nn.__version__ == tbwriter.__version__ == importlib.metadata.version("fromzero")
    assert re.fullmatch(r"\d+\.\d+\.\d+", nn.__version__)


def test_tbwriter_has_no_other_late_name():
    with pytest.raises(AttributeError, match="module 'tbwriter' has no attribute 'SumaryWriter'"):
        _ = tbwriter.SumaryWriter
