"""Fractional max-pooling against PyTorch, with the same random numbers."""

import itertools

import numpy as np
import pytest
from oracle import compare_both, compare_layers, torch

import nn

CASES = list(itertools.product((2, 3), (1, 2, 3), (dict(output_size=4), dict(output_ratio=0.6)), (True, False)))


@pytest.mark.parametrize(("rank", "kernel", "goal", "batched"), CASES, ids=str)
def test_the_same_windows(rank, kernel, goal, batched, rng):
    x = rng.normal(size=((2,) if batched else ()) + (3, *(9, 8, 7)[:rank]))
    samples = rng.random((2 if batched else 1, 3, rank))
    each = {k: (v,) * rank if k == "output_ratio" else v for k, v in goal.items()}  # torch's function needs them all
    compare_both(
        lambda lib, x, s: getattr(lib.F, f"fractional_max_pool{rank}d")(
            x, kernel, **each, return_indices=True, _random_samples=s.detach()
        ),
        x,
        samples,
        forward=False,
        orders=1,
    )

    def make(t):
        lib = nn if t is nn else torch
        return getattr(t, f"FractionalMaxPool{rank}d")(kernel, **goal, _random_samples=lib.tensor(samples))

    compare_layers(make, x)


def test_ties_and_nan(rng):
    x = rng.choice([0.0, 1.0, np.nan], size=(2, 2, 8, 8), p=[0.6, 0.35, 0.05])
    samples = rng.random((2, 2, 2))
    results = [
        lib.nn.functional.fractional_max_pool2d(
            lib.tensor(x), 3, 5, return_indices=True, _random_samples=lib.tensor(samples)
        ) if lib is torch else nn.functional.fractional_max_pool2d(
            nn.tensor(x), 3, 5, return_indices=True, _random_samples=nn.tensor(samples))
        for lib in (nn, torch)
    ]  # fmt: skip
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_a_window_of_one_size_has_one_place():
    x = nn.arange(16.0).reshape(1, 1, 4, 4)
    assert nn.FractionalMaxPool2d(4, output_size=1)(x).item() == 15
    assert nn.FractionalMaxPool2d(1, output_size=4)(x).tolist() == x.tolist()
    nn.manual_seed(1)
    y = nn.FractionalMaxPool2d(2, output_ratio=(0.7, 0.5))(nn.zeros(1, 1, 10, 10))
    assert y.shape == (1, 1, 7, 5)


@pytest.mark.parametrize("call", [
    lambda t, z: t.FractionalMaxPool2d(2), lambda t, z: t.FractionalMaxPool2d(2, 2, 0.5),
    lambda t, z: t.FractionalMaxPool2d(2, output_ratio=1.5), lambda t, z: t.FractionalMaxPool2d(2, 9)(z(1, 1, 9, 9)),
    lambda t, z: t.FractionalMaxPool2d(2, 2)(z(1, 0, 9, 9)), lambda t, z: t.FractionalMaxPool3d(2, 2)(z(1, 0, 4, 4, 4)),
])  # fmt: skip
def test_what_torch_refuses(call):
    with pytest.raises(Exception) as theirs:
        call(torch.nn, torch.zeros)
    with pytest.raises(theirs.type, match=r"[fF]ractional(M|_m)ax(P|_p)ool\dd: "):
        call(nn, nn.zeros)
