"""Products of many factors are right however they are halved."""

import numpy as np
import pytest

from nn.kernels import reduction


@pytest.mark.parametrize("n", [0, 1, 16, 17, 100, 1023])
def test_products_of_many_factors(n, rng):
    x = rng.uniform(0.9, 1.1, (3, n))
    np.testing.assert_allclose(reduction.prod(x, dim=1), [np.prod(row) for row in x], rtol=1e-12)
    np.testing.assert_allclose(reduction.prod(x), np.prod(x), rtol=1e-11)
    np.testing.assert_allclose(reduction.prod(x, dim=-1, keepdim=True), np.prod(x, axis=1, keepdims=True), rtol=1e-12)
    before = x.copy()
    reduction.prod(x, dim=1)
    np.testing.assert_array_equal(x, before)
