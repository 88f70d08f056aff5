"""What every test gets: generators seeded by the test's own name, and NumPy's warnings raised as errors."""

import os
import re
import zlib
from pathlib import Path

import hypothesis
import numpy as np
import pytest

import nn

hypothesis.settings.register_profile("patient", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("patient")


@pytest.fixture
def rng(request):
    return np.random.default_rng(seed_of(request))


@pytest.fixture(autouse=True)
def own_seed(request):
    """Whatever draws from the global generator draws the same numbers in every run, and in any order of tests."""
    nn.manual_seed(seed_of(request))


def seed_of(request):
    return zlib.crc32(request.node.nodeid.encode())


@pytest.fixture(autouse=True)
def float_errors_raise():
    with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
        yield


@pytest.fixture(autouse=True)
def own_directory(tmp_path, monkeypatch, request):
    """A test that writes where it stands writes into its own folder."""
    if "doctest" in type(request.node).__name__.lower():
        monkeypatch.chdir(tmp_path)


def pytest_collection_modifyitems(items):
    """A name seeds the test's generator, and workers compare the names: none may hold an address in memory."""
    moving = [item.nodeid for item in items if re.search(r"<.* at 0x[0-9a-f]+>", item.nodeid)]
    if moving:
        raise pytest.UsageError(f"names that change from run to run, give them ids: {', '.join(moving)}")


def pytest_report_header(config):
    return f"fromzero: {os.cpu_count()} cores, NumPy {np.__version__}, tests in {Path(__file__).parent.name}"
