"""What tests of pictures share."""

import pytest


@pytest.fixture
def plt():
    """matplotlib without a screen, and without figures afterwards."""
    module = pytest.importorskip("matplotlib.pyplot")
    module.switch_backend("Agg")
    yield module
    module.close("all")
