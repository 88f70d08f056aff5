"""Adaptive pooling against PyTorch."""

import numpy as np
import pytest
from oracle import compare, compare_both, normal, torch

import nn

SPACE = (7, 6, 5)
SIZES = {
    1: [1, 2, 3, 7, 9, (4,), None],
    2: [1, 3, (7, 6), (2, 5), (9, 10), (None, 2), (3, None), 5],
    3: [1, 2, (7, 6, 5), (3, 4, 2), (None, 1, 8), (2, None, None)],
}
CASES = [(rank, size, batched) for rank in SIZES for size in SIZES[rank] for batched in (True, False)]
CASES = [case for case in CASES if case[:2] != (1, None)]


@pytest.mark.parametrize(("rank", "size", "batched"), CASES)
class TestSizes:
    def test_average(self, rank, size, batched, rng):
        (x,) = normal(rng, ((2,) if batched else ()) + (3, *SPACE[:rank]))
        compare_both(lambda lib, x: getattr(lib.F, f"adaptive_avg_pool{rank}d")(x, size), x)

    def test_largest(self, rank, size, batched, rng):
        (x,) = normal(rng, ((2,) if batched else ()) + (3, *SPACE[:rank]))
        compare_both(lambda lib, x: getattr(lib.F, f"adaptive_max_pool{rank}d")(x, size, True), x)
        compare(lambda lib, x: getattr(lib.F, f"adaptive_max_pool{rank}d")(x, size), x)


@pytest.mark.parametrize("values", [(0.0,), (0.0, 1.0), (np.nan, 1.0, 2.0), (-np.inf, np.inf, 0.0)], ids=str)
@pytest.mark.parametrize("size", [1, 2, 3, (5, 9)])
def test_ties_and_odd_values(values, size, rng):
    x = rng.choice(values, size=(2, 2, 6, 7))
    compare(lambda lib, x: lib.F.adaptive_max_pool2d(x, size, True), x, orders=1)


def test_an_infinity_stays_in_its_windows(rng):
    x = rng.normal(size=(1, 1, 7))
    x[..., 3] = np.inf
    compare(lambda lib, x: lib.F.adaptive_avg_pool1d(x, 3), x, orders=1)


@pytest.mark.parametrize("shape", [(0, 2, 5, 5), (2, 1, 1, 1), (1, 2, 30, 4)])
def test_odd_shapes(shape, rng):
    (x,) = normal(rng, shape)
    compare_both(lambda lib, x: lib.F.adaptive_avg_pool2d(x, (3, 2)), x)
    compare_both(lambda lib, x: lib.F.adaptive_max_pool2d(x, (3, 2), True), x)


def test_other_layouts(rng):
    (x,) = normal(rng, (5, 6, 2, 3))
    compare(lambda lib, x: lib.F.adaptive_avg_pool2d(x.permute(2, 3, 0, 1), 3), x)
    compare(lambda lib, x: lib.F.adaptive_max_pool2d(x.permute(2, 3, 0, 1), 3), x)


@pytest.mark.parametrize("kind", ["avg", "max"])
@pytest.mark.parametrize(("shape", "size"), [((5,), 2), ((2, 3, 0, 4), 2), ((2, 0, 0, 4), 2), ((2, 2, 4, 4), (1, 2, 3)),
                                             ((2, 2, 4, 4), -1)], ids=str)  # fmt: skip
def test_what_torch_refuses(kind, shape, size):
    with pytest.raises(Exception) as theirs:
        getattr(torch.nn.functional, f"adaptive_{kind}_pool2d")(torch.zeros(shape), size)
    with pytest.raises(theirs.type):
        getattr(nn.functional, f"adaptive_{kind}_pool2d")(nn.zeros(shape), size)


def test_messages():
    F = nn.functional
    with pytest.raises(
        nn.ShapeError, match=r"adaptive_avg_pool2d: x must have 4 axes \(N, C, spatial\) or 3 without N"
    ):
        F.adaptive_avg_pool2d(nn.zeros(5), 1)
    with pytest.raises(
        nn.RangeError, match="adaptive_max_pool1d: output_size must be an integer >= 0, or 1 of them; got -1"
    ):
        F.adaptive_max_pool1d(nn.zeros(1, 5), -1)
    with pytest.raises(nn.DtypeError, match="adaptive_avg_pool1d: input must be floating-point, it is int64"):
        F.adaptive_avg_pool1d(nn.zeros(1, 5).long(), 1)
