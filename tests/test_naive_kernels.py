"""The kernels of the page for learners compute what the naive ones beside them compute."""

from pathlib import Path

import numpy as np
import pytest
import time_kernels

PAIRS = time_kernels.pairs(scale=0.05)
PAGE = (Path(__file__).resolve().parents[1] / "nn" / "kernels" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAIRS)
def test_naive_and_fast_agree(name):
    naive, fast = PAIRS[name]
    with np.errstate(all="ignore"):
        expected, got = naive(), fast()
    pairs = zip(expected, got, strict=True) if isinstance(expected, tuple) else [(expected, got)]
    for one, other in pairs:
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("name", PAIRS)
def test_the_page_explains_each(name):
    assert f"\n## {name[0].upper()}{name[1:]}" in PAGE or f"| {name} |" in PAGE
