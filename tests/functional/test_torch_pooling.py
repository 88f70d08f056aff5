"""Max-pooling with indices and power-average pooling against PyTorch."""

import itertools
import math

import numpy as np
import pytest
from oracle import compare, compare_both, normal, torch

import nn

SPACE = (7, 6, 5)
WINDOWS = list(itertools.product((1, 2, 3), (2, 3), (None, 1, 2), (0, 1), (1, 2), (False, True), (False, True)))


@pytest.mark.parametrize(("rank", "kernel", "stride", "padding", "dilation", "ceil_mode", "batched"), WINDOWS)
def test_max_pool_with_indices(rank, kernel, stride, padding, dilation, ceil_mode, batched, rng):
    (x,) = normal(rng, ((2,) if batched else ()) + (2, *SPACE[:rank]))
    arguments = (kernel, stride, padding, dilation, ceil_mode, True)
    compare_both(lambda lib, x: getattr(lib.F, f"max_pool{rank}d")(x, *arguments), x)


@pytest.mark.parametrize(
    "values", [(0.0,), (0.0, 1.0), (np.nan, 1.0, 2.0), (-np.inf, np.inf, 0.0), (-np.inf,)], ids=str
)
@pytest.mark.parametrize(("kernel", "stride", "padding", "ceil_mode"), [(2, 2, 0, False), (3, 2, 1, True)])
def test_places_at_ties_and_of_odd_values(values, kernel, stride, padding, ceil_mode, rng):
    x = rng.choice(values, size=(2, 2, 6, 7))
    compare(lambda lib, x: lib.F.max_pool2d(x, kernel, stride, padding, 1, ceil_mode, True), x, orders=1)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_with_indices_is_a_name_of_its_own(rank, rng):
    x = nn.tensor(rng.normal(size=(1, 2, *SPACE[:rank])))
    values, indices = getattr(nn.functional, f"max_pool{rank}d_with_indices")(x, 2)
    assert indices.dtype == np.int64
    np.testing.assert_array_equal(values.flatten(2), x.flatten(2).gather(2, indices.flatten(2)))


@pytest.mark.parametrize("norm_type", [1, 2, 3, 4.0, 0.5, 1.5, -1, math.inf, -math.inf])
@pytest.mark.parametrize(
    ("kernel", "stride", "ceil_mode"), [(2, None, False), (3, 2, False), (3, 2, True), (2, 1, True)]
)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_lp_pool(rank, kernel, stride, ceil_mode, norm_type, rng):
    x = rng.uniform(0.5, 2, (2, 2, *SPACE[:rank]))  # a power of a negative number is nan unless p is whole
    x = x if norm_type != 2 else x * np.sign(rng.normal(size=x.shape))
    compare_both(lambda lib, x: getattr(lib.F, f"lp_pool{rank}d")(x, norm_type, kernel, stride, ceil_mode), x)
    compare_both(lambda lib, x: getattr(lib.F, f"lp_pool{rank}d")(x, norm_type, kernel, stride, ceil_mode), x[0])


def test_lp_pool_of_different_sides(rng):
    compare_both(lambda lib, x: lib.F.lp_pool2d(x, 2, (3, 2), (1, 2)), *normal(rng, (2, 3, 6, 6)))


def test_lp_pool_at_zero_and_of_odd_powers(rng):
    compare(lambda lib, x: lib.F.lp_pool2d(x, 2, 2), np.zeros((1, 1, 4, 4)), orders=1)
    compare(lambda lib, x: lib.F.lp_pool1d(x, 1, 2), *normal(rng, (2, 2, 8)))


REFUSED = {
    "a vector": lambda t, F: F.max_pool2d(t.zeros(5), 2, return_indices=True),
    "much padding": lambda t, F: F.max_pool2d(t.zeros(1, 1, 5, 5), 2, padding=2, return_indices=True),
    "lp of a vector": lambda t, F: F.lp_pool2d(t.zeros(5), 2, 2),
    "lp without a window": lambda t, F: F.lp_pool1d(t.zeros(1, 1, 5), 2, 0),
    "lp of 0": lambda t, F: F.lp_pool1d(t.zeros(1, 1, 5), 0, 2),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_what_torch_refuses(call):
    with pytest.raises(Exception) as theirs:
        call(torch, torch.nn.functional)
    with pytest.raises(Exception) as ours:
        call(nn, nn.functional)
    assert isinstance(ours.value, theirs.type | ValueError)
