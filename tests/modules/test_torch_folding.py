"""Fold, Unfold and the shuffles against PyTorch."""

import itertools

import pytest
from oracle import compare_layers, normal, torch

import nn

WINDOWS = [
    dict(kernel_size=kernel, dilation=dilation, padding=padding, stride=stride)
    for kernel, dilation, padding, stride in itertools.product(
        (1, 2, (3, 2)), (1, (2, 1)), (0, 1, (1, 2)), (1, 2, (3, 1))
    )
]


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_unfold_and_fold(window, batched, rng):
    (x,) = normal(rng, ((2,) if batched else ()) + (3, 6, 5))
    compare_layers(lambda t: t.Unfold(**window), x)
    columns = tuple(nn.Unfold(**window)(nn.tensor(x)).shape)
    compare_layers(lambda t: t.Fold((6, 5), **window), *normal(rng, columns))


@pytest.mark.parametrize("lead", [(), (2,), (2, 2)])
@pytest.mark.parametrize("factor", [1, 2, 3])
def test_pixel_shuffles(factor, lead, rng):
    compare_layers(lambda t: t.PixelShuffle(factor), *normal(rng, (*lead, 2 * factor**2, 3, 2)))
    compare_layers(lambda t: t.PixelUnshuffle(factor), *normal(rng, (*lead, 2, 3 * factor, 2 * factor)))


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
@pytest.mark.parametrize("space", [(4,), (2, 3), (2, 1, 3)])
def test_channel_shuffle(groups, space, rng):
    compare_layers(lambda t: t.ChannelShuffle(groups), *normal(rng, (2, 6, *space)))


REFUSED = {
    "unfold a video": lambda t, F, z: F.unfold(z(1, 1, 2, 5, 5), 2),
    "unfold nothing": lambda t, F, z: F.unfold(z(1, 0, 5, 5), 2),
    "large window": lambda t, F, z: F.unfold(z(1, 1, 2, 5), 3),
    "no window": lambda t, F, z: F.unfold(z(1, 1, 5, 5), 0),
    "no stride": lambda t, F, z: F.unfold(z(1, 1, 5, 5), 2, stride=0),
    "negative padding": lambda t, F, z: F.unfold(z(1, 1, 5, 5), 2, padding=-1),
    "columns of 5": lambda t, F, z: F.fold(z(1, 5, 4), (3, 3), 2),
    "5 columns": lambda t, F, z: F.fold(z(1, 4, 5), (3, 3), 2),
    "fold a vector": lambda t, F, z: F.fold(z(4), (3, 3), 2),
    "fold a large window": lambda t, F, z: F.fold(z(1, 16, 1), (3, 3), 4),
    "shuffle 6 channels": lambda t, F, z: F.pixel_shuffle(z(1, 6, 2, 2), 2),
    "shuffle a matrix": lambda t, F, z: F.pixel_shuffle(z(4, 2), 2),
    "shuffle by 0": lambda t, F, z: F.pixel_shuffle(z(1, 4, 2, 2), 0),
    "unshuffle 3 rows": lambda t, F, z: F.pixel_unshuffle(z(1, 1, 3, 2), 2),
    "unshuffle 3 columns": lambda t, F, z: F.pixel_unshuffle(z(1, 1, 2, 3), 2),
    "unshuffle a matrix": lambda t, F, z: F.pixel_unshuffle(z(2, 2), 2),
    "unshuffle by -1": lambda t, F, z: F.pixel_unshuffle(z(1, 1, 2, 2), -1),
    "5 channels in 2 groups": lambda t, F, z: t.channel_shuffle(z(1, 5, 2), 2),
    "no groups": lambda t, F, z: t.channel_shuffle(z(1, 4, 2), 0),
    "channels of a matrix": lambda t, F, z: t.channel_shuffle(z(4, 2), 2),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_what_torch_refuses(call):
    with pytest.raises(Exception) as theirs:
        call(torch, torch.nn.functional, torch.zeros)
    with pytest.raises(theirs.type, match=r"^(un|)fold: |^(pixel|channel)_(un|)shuffle: "):
        call(nn, nn.functional, nn.zeros)
