"""A pytest fixture for gradients: put `pytest_plugins = ["nn.fixtures"]` into a conftest.py, or import the fixture."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from nn.testing import assert_gradients_match

__all__ = ["gradients_match"]


@pytest.fixture
def gradients_match(request: Any) -> Callable[..., None]:
    """`nn.testing.assert_gradients_match`, with an upstream gradient of the test's own: seeded by its name."""
    return partial(assert_gradients_match, seed=zlib.crc32(request.node.nodeid.encode()))
