"""Folding and shuffling layers are their functions, and undo each other."""

import nn
import nn.functional as F


def test_a_layer_is_its_function(rng):
    x = nn.tensor(rng.normal(size=(2, 4, 6, 5)))
    window = dict(kernel_size=(3, 2), dilation=1, padding=1, stride=(2, 1))
    columns = nn.Unfold(**window)(x)
    assert columns.tolist() == F.unfold(x, **window).tolist()
    assert nn.Fold((6, 5), **window)(columns).tolist() == F.fold(columns, (6, 5), **window).tolist()
    assert nn.ChannelShuffle(2)(x).tolist() == F.channel_shuffle(x, 2).tolist()


def test_one_layer_undoes_the_other(rng):
    x = nn.tensor(rng.normal(size=(2, 4, 6, 4)))
    assert nn.Sequential(nn.PixelShuffle(2), nn.PixelUnshuffle(2))(x).tolist() == x.tolist()
    assert nn.Sequential(nn.Unfold(2, stride=2), nn.Fold((6, 4), 2, stride=2))(x).tolist() == x.tolist()
    assert nn.Sequential(nn.ChannelShuffle(2), nn.ChannelShuffle(2))(x).tolist() == x.tolist()
