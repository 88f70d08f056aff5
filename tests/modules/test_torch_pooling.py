"""Pooling, unpooling and resampling layers against PyTorch, over combinations of their arguments."""

import itertools
import math
import random

import numpy as np
import pytest
from oracle import compare_layers, normal, torch

import nn

SPACE = (7, 6, 5)
MAX = [
    dict(kernel_size=kernel, stride=stride, padding=padding, dilation=dilation, return_indices=indices, ceil_mode=ceil)
    for kernel, stride, padding, dilation, indices, ceil in itertools.product(
        (2, 3), (None, 1, 2), (0, 1), (1, 2), (True, False), (True, False)
    )
]
AVERAGE = [
    dict(kernel_size=kernel, stride=stride, padding=padding, ceil_mode=ceil, count_include_pad=count)
    for kernel, stride, padding, ceil, count in itertools.product(
        (2, 3), (None, 1, 2), (0, 1), (True, False), (True, False)
    )
]
POWER = [
    dict(norm_type=p, kernel_size=kernel, stride=stride, ceil_mode=ceil)
    for p, kernel, stride, ceil in itertools.product((1, 2, 3, 1.5, math.inf), (2, 3), (None, 1, 2), (True, False))
]
ADAPTIVE = [dict(output_size=size) for size in (1, 2, 3, 5, 7, 9)]
CASES = [
    (f"{kind}Pool{rank}d", arguments, rank, batched)
    for kind, many in dict(Max=MAX, Avg=AVERAGE, LP=POWER).items()
    for rank, arguments, batched in random.Random(kind).sample([*itertools.product((1, 2, 3), many, (True, False))], 80)
]
CASES += [
    (f"Adaptive{kind}Pool{rank}d", {**arguments, **options}, rank, batched)
    for kind, every in dict(Avg=[{}], Max=[{}, dict(return_indices=True)]).items()
    for options, rank, arguments, batched in itertools.product(every, (1, 2, 3), ADAPTIVE, (True, False))
]
CASES += [
    ("AvgPool2d", dict(kernel_size=(3, 2), divisor_override=5, padding=1), 2, True),
    ("AvgPool3d", dict(kernel_size=2, divisor_override=-3, ceil_mode=True), 3, False),
    ("LPPool2d", dict(norm_type=2, kernel_size=(3, 2), stride=(1, 2)), 2, True),
    ("AdaptiveAvgPool2d", dict(output_size=(None, 3)), 2, True),
    ("AdaptiveAvgPool3d", dict(output_size=(2, None, 9)), 3, True),
    ("AdaptiveMaxPool2d", dict(output_size=(3, None)), 2, False),
    ("AdaptiveMaxPool3d", dict(output_size=(None, None, 1), return_indices=True), 3, True),
]


@pytest.mark.parametrize(("name", "arguments", "rank", "batched"), CASES, ids=str)
def test_pooling(name, arguments, rank, batched, rng):
    x = rng.normal(size=((2,) if batched else ()) + (2, *SPACE[:rank]))
    compare_layers(lambda t: getattr(t, name)(**arguments), abs(x) + 0.1 if "LP" in name else x)


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("window", [(2,), (2, 3), (3, 2, 1), (3, 3, 1)], ids=str)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_unpooling(rank, window, exact, batched, rng):
    x = rng.normal(size=((2,) if batched else ()) + (2, *(7, 9, 6)[:rank]))
    pooled, index = getattr(nn, f"MaxPool{rank}d")(*window, return_indices=True)(nn.tensor(x))
    size = None if not exact else x.shape[-rank:] if batched else (1, 1, *x.shape[-rank:])
    if not exact:  # fewer places than in x
        volume = math.prod((n - 1) * window[-1 if len(window) < 2 else 1] + window[0] - 2 * sum(window[2:])
                           for n in index.shape[-rank:])  # fmt: skip
        index = index.clamp(max=volume - 1)
        pooled = nn.sin(index.double())
    compare_layers(
        lambda t: getattr(t, f"MaxUnpool{rank}d")(*window), pooled.numpy(), index.numpy(), *([size] if size else [])
    )


MODES = {1: ("linear",), 2: ("bilinear", "bicubic"), 3: ("trilinear",)}
RESAMPLED = [
    ("Upsample", rank, dict(mode=mode, **goal, **options))
    for rank, modes in MODES.items()
    for mode in (*modes, "nearest", "nearest-exact", "area")
    for goal in (dict(size=3), dict(size=9), dict(scale_factor=2), dict(scale_factor=(1.7, 2.5, 0.7)[:rank]))
    for options in ([{}] if mode[0] in "na" else [{}, dict(align_corners=True), dict(align_corners=False)])
]  # fmt: skip
RESAMPLED += [
    (name, 2, goal)
    for name in ("UpsamplingNearest2d", "UpsamplingBilinear2d")
    for goal in (dict(size=3), dict(size=(9, 4)), dict(scale_factor=2), dict(scale_factor=(1.7, 2.5)))
]


@pytest.mark.parametrize(("name", "rank", "arguments"), RESAMPLED, ids=str)
def test_resampling(name, rank, arguments, rng):
    compare_layers(lambda t: getattr(t, name)(**arguments), *normal(rng, (2, 2, *SPACE[:rank])))


def test_recomputed_factors_and_attributes(rng):
    make = lambda t: t.Upsample(scale_factor=1.7, mode="bilinear", recompute_scale_factor=True)
    compare_layers(make, *normal(rng, (2, 2, 7, 6)))
    for name in ("name", "size", "scale_factor", "mode", "align_corners", "recompute_scale_factor"):
        assert getattr(make(nn), name) == getattr(make(torch.nn), name)


def test_return_indices_stands_where_torch_has_it():
    assert isinstance(nn.MaxPool2d(2, 2, 0, 1, True)(nn.zeros(1, 1, 4, 4)), tuple)
    assert nn.MaxPool1d(2, 2, 0, 1, True, True).ceil_mode
    assert np.asarray(nn.MaxPool2d(2, return_indices=True)(nn.zeros(1, 1, 2, 2))[1]).tolist() == [[[[0]]]]
