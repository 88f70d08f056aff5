"""assert_close passes what is close and says what is not."""

import numpy as np
import pytest

import nn
from nn.testing import assert_close


def test_close_numbers_pass_in_every_container():
    assert_close(nn.tensor([1.0]), nn.tensor([1.0 + 1e-6]))
    assert_close({"a": [1.0, np.ones(2)]}, {"a": [1.0, np.ones(2)]})
    assert_close(nn.tensor([float("nan")]), nn.tensor([float("nan")]), equal_nan=True)
    assert_close(nn.ones(1), nn.ones(1).double(), check_dtype=False)
    assert_close(1.0, 1.1, rtol=0, atol=0.2)


@pytest.mark.parametrize(("mine", "other", "said"), [
    (nn.tensor([1.0, 2.0]), nn.tensor([1.0, 2.5]), r"1 of 2 elements differ, most at \(1,\): expected 2.5, got 2.0"),
    (nn.tensor([1]), nn.tensor([2]), "allowed are rtol=0 and atol=0"),
    (nn.ones(2), nn.ones(3), r"expected shape \(3,\), got \(2,\)"),
    (nn.ones(2), nn.ones(2).double(), "expected float64, got float32"),
    (nn.tensor([float("nan")]), nn.tensor([1.0]), "1 of 1 elements differ"),
    ([1.0], [1.0, 2.0], "the lengths differ"), ({"a": 1}, {"b": 1}, "the keys differ"),
])  # fmt: skip
def test_what_differs_is_told(mine, other, said):
    with pytest.raises(AssertionError, match=f"assert_close: .*{said}|{said}"):
        assert_close(mine, other)
    with pytest.raises(AssertionError, match="mine"):
        assert_close(mine, other, msg="mine")
