"""Unpooling against PyTorch."""

import itertools
import math

import numpy as np
import pytest
from oracle import compare_both, normal, torch

import nn

CASES = list(itertools.product((1, 2, 3), ((2, None, 0), (3, 2, 1), (2, 3, 0)), (False, True), (False, True)))


@pytest.mark.parametrize(("rank", "window", "exact", "batched"), CASES)
def test_max_unpool(rank, window, exact, batched, rng):
    kernel, stride, padding = window
    shape = ((2,) if batched else ()) + (2, *(7, 6, 5)[:rank])
    (x,) = normal(rng, shape)
    _, index = getattr(torch.nn.functional, f"max_pool{rank}d")(
        torch.tensor(x), kernel, stride, padding, return_indices=True
    )
    index, count = index.numpy(), index.shape[-rank:]
    if exact:  # where windows overlap, one place is written twice: with the same value, as pooling gives it
        pooled = np.sin(7.0 * index)
    else:  # the result is not as large as what was pooled: other places, each once
        volume = math.prod((n - 1) * (stride or kernel) + kernel - 2 * padding for n in count)
        rows = [rng.permutation(volume)[: math.prod(count)] for _ in range(index.size // math.prod(count))]
        index = np.array(rows).reshape(index.shape)
        (pooled,) = normal(rng, index.shape)
    arguments = (kernel, stride, padding, shape[-rank:] if exact else None)
    compare_both(lambda lib, x, i: getattr(lib.F, f"max_unpool{rank}d")(x, i, *arguments), pooled, index)


def test_the_round_trip_keeps_the_largest_and_zeros_all_else(rng):
    x = nn.tensor(rng.normal(size=(2, 3, 6, 6)) ** 2)
    pooled, index = nn.functional.max_pool2d(x, 2, return_indices=True)
    back = nn.functional.max_unpool2d(pooled, index, 2)
    assert ((back == x) | (back == 0)).all()
    assert (back != 0).sum().item() == pooled.numel()


I = torch.zeros(1, 1, 2, 2, dtype=torch.int64)
REFUSED = {
    "other shape": lambda t, F, i: F.max_unpool2d(t.zeros(1, 1, 2, 3), i, 2),
    "a vector": lambda t, F, i: F.max_unpool2d(t.zeros(2, 2), i[0, 0], 2),
    "index too large": lambda t, F, i: F.max_unpool2d(t.zeros(1, 1, 2, 2), i + 16, 2),
    "index below 0": lambda t, F, i: F.max_unpool2d(t.zeros(1, 1, 2, 2), i - 1, 2),
    "float indices": lambda t, F, i: F.max_unpool2d(t.zeros(1, 1, 2, 2), t.zeros(1, 1, 2, 2), 2),
    "output too large": lambda t, F, i: F.max_unpool2d(t.zeros(1, 1, 2, 2), i, 2, output_size=(6, 4)),
    "three sizes": lambda t, F, i: F.max_unpool2d(t.zeros(1, 1, 2, 2), i, 2, output_size=(4, 4, 4)),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_what_torch_refuses(call):
    with pytest.raises(Exception) as theirs:
        call(torch, torch.nn.functional, I)
    with pytest.raises(theirs.type, match="max_unpool2d: "):
        call(nn, nn.functional, nn.tensor(I.numpy()))
