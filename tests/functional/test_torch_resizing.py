"""Interpolation against PyTorch: every mode over sizes, factors and alignments."""

import itertools

import numpy as np
import pytest
from oracle import compare, compare_both, normal, torch

import nn

SPACE = (5, 4, 3)
SIZES = [1, 2, 3, 4, 5, 7, 10]
FACTORS = [0.5, 1, 1.3, 2, 2.5, 3]
INTERPOLATING = {"linear": (1,), "bilinear": (2,), "trilinear": (3,), "bicubic": (2,)}
CASES = [
    (mode, rank, dict(size=size) if size else dict(scale_factor=factor), {})
    for mode in ("nearest", "nearest-exact", "area")
    for rank in (1, 2, 3)
    for size, factor in [*((s, None) for s in SIZES), *((None, f) for f in FACTORS)]
]
CASES += [
    (mode, rank, dict(size=size) if size else dict(scale_factor=factor), dict(align_corners=align))
    for mode, ranks in INTERPOLATING.items()
    for rank in ranks
    for align in (None, False, True)
    for size, factor in [*((s, None) for s in SIZES), *((None, f) for f in FACTORS)]
]


@pytest.mark.parametrize(("mode", "rank", "goal", "options"), CASES, ids=str)
def test_interpolate(mode, rank, goal, options, rng):
    (x,) = normal(rng, (2, 2, *SPACE[:rank]))
    back = forgotten(mode, SPACE[:rank], (goal.get("scale_factor"),) * rank)
    compare_both(lambda lib, x: lib.F.interpolate(x, mode=mode, **goal, **options), x, orders=0 if back else 2)


def forgotten(mode, space, factors):
    """Whether PyTorch's backward is not that of its forward: it forgets a factor that leaves a length as it is.

    (In `nearest` of three axes where one length stays, in `bicubic` where all stay; ours is the forward's transpose.)
    """
    stays = [f not in (None, 1) and int(n * f) == n for n, f in zip(space, factors, strict=True)]
    return (mode == "nearest" and len(space) == 3 and any(stays)) or (mode == "bicubic" and all(stays))


@pytest.mark.parametrize("recompute", [True, False])
@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "bilinear", "bicubic", "area"])
@pytest.mark.parametrize("factor", [(1.3, 0.7), [2.5, 3], 1.1])
def test_factors_by_axis_and_recomputed(mode, factor, recompute, rng):
    (x,) = normal(rng, (2, 2, 5, 7))
    arguments = dict(scale_factor=factor, mode=mode, recompute_scale_factor=recompute)
    back = not recompute and forgotten(mode, (5, 7), factor if isinstance(factor, tuple | list) else (factor,) * 2)
    compare_both(lambda lib, x: lib.F.interpolate(x, **arguments), x, orders=0 if back else 2)


@pytest.mark.parametrize("size", [(3, 4), (2, 9), (12, 5), (1, 1), (7, 11)])
@pytest.mark.parametrize(("mode", "align"), [*itertools.product(("bilinear", "bicubic"), (False, True))])
def test_antialias(mode, align, size, rng):
    (x,) = normal(rng, (1, 2, 7, 11))
    arguments = dict(size=size, mode=mode, align_corners=align, antialias=True)
    compare_both(lambda lib, x: lib.F.interpolate(x, **arguments), x)


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nearest_takes_the_very_same_pixels(mode, rank, dtype):
    """Where a place falls on the border of two pixels, rounding decides: 1500 pairs of lengths, 90 factors."""
    ones = (1,) * (rank - 1)
    goals = [(n, dict(size=(*ones, m))) for n, m in itertools.product(range(1, 31), range(1, 51))]
    goals += [(n, dict(scale_factor=(*ones, f))) for n in range(5, 20) for f in (0.3, 0.7, 1.05, 2.05, 10 / 3, 5.1)]
    for length, goal in goals:
        x = np.arange(length, dtype=dtype).reshape(1, 1, *ones, length)
        ours = nn.functional.interpolate(nn.tensor(x), **goal, mode=mode).numpy()
        theirs = torch.nn.functional.interpolate(torch.tensor(x), **goal, mode=mode).numpy()
        np.testing.assert_array_equal(ours, theirs, err_msg=f"{length}, {goal}")


@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic", "area"])
def test_odd_shapes_layouts_and_values(mode, rng):
    compare_both(lambda lib, x: lib.F.interpolate(x, 3, mode=mode), *normal(rng, (0, 2, 4, 4)))
    compare(lambda lib, x: lib.F.interpolate(x.permute(2, 3, 0, 1), (3, 7), mode=mode), *normal(rng, (5, 4, 2, 3)))
    x = rng.normal(size=(1, 1, 5, 5))
    x[0, 0, 1, 1], x[0, 0, 4, 4] = np.inf, np.nan
    compare(lambda lib, x: lib.F.interpolate(x, (3, 8), mode=mode), x, orders=1)


def test_bytes_by_their_nearest(rng):
    x = rng.integers(0, 255, (1, 1, 5, 5), dtype=np.uint8)
    compare(lambda lib, x: lib.F.interpolate(x, 7), x, orders=0)


REFUSED = {
    "both": lambda t, F: F.interpolate(t.zeros(1, 1, 4, 4), 2, 2.0),
    "neither": lambda t, F: F.interpolate(t.zeros(1, 1, 4, 4)),
    "aligned nearest": lambda t, F: F.interpolate(t.zeros(1, 1, 4, 4), 2, align_corners=True),
    "three sizes": lambda t, F: F.interpolate(t.zeros(1, 1, 4, 4), (2, 2, 2)),
    "three factors": lambda t, F: F.interpolate(t.zeros(1, 1, 4, 4), scale_factor=(2, 2, 2)),
    "a float size": lambda t, F: F.interpolate(t.zeros(1, 1, 4, 4), (2.0, 2.0)),
    "linear images": lambda t, F: F.interpolate(t.zeros(1, 1, 4, 4), 2, mode="linear"),
    "bilinear lines": lambda t, F: F.interpolate(t.zeros(1, 1, 4), 2, mode="bilinear"),
    "trilinear images": lambda t, F: F.interpolate(t.zeros(1, 1, 4, 4), 2, mode="trilinear"),
    "no spatial axes": lambda t, F: F.interpolate(t.zeros(1, 1), 2),
    "four spatial axes": lambda t, F: F.interpolate(t.zeros(1, 1, 2, 2, 2, 2), 2),
    "recomputed size": lambda t, F: F.interpolate(t.zeros(1, 1, 4, 4), 2, recompute_scale_factor=True),
    "antialias of nearest": lambda t, F: F.interpolate(t.zeros(1, 1, 4, 4), 2, antialias=True),
    "nothing left": lambda t, F: F.interpolate(t.zeros(1, 1, 4, 4), scale_factor=0.1),
    "nothing there": lambda t, F: F.interpolate(t.zeros(1, 1, 0, 4), 2, mode="bilinear"),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_what_torch_refuses(call):
    with pytest.raises(Exception) as theirs:
        call(torch, torch.nn.functional)
    with pytest.raises(theirs.type, match="interpolate: "):
        call(nn, nn.functional)
    with pytest.raises(ValueError, match="interpolate: mode must be one of nearest, nearest-exact, area, linear"):
        nn.functional.interpolate(nn.zeros(1, 1, 4), 2, mode="cubic")
