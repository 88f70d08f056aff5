"""What the tests of kernels share."""

import pytest

from nn.kernels import convolution_once


@pytest.fixture
def not_at_once(monkeypatch):
    """Take small convolutions for large ones."""
    monkeypatch.setattr(convolution_once, "ROOM", -1)
