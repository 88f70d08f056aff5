"""Lazy convolutions take their channels from the first input and then are the plain ones; and the messages."""

import pytest

import nn

NAMES = [f"Conv{kind}{rank}d" for rank in (1, 2, 3) for kind in ("", "Transpose")]


@pytest.mark.parametrize("name", NAMES)
def test_after_the_first_input_it_is_the_plain_layer(name, rng):
    rank = int(name[-2])
    x = nn.tensor(rng.normal(size=(2, 4, *[5] * rank))).float()
    lazy = getattr(nn, f"Lazy{name}")(6, 3, stride=2, padding=1, groups=2)
    nn.manual_seed(1)
    y = lazy(x)
    nn.manual_seed(1)
    plain = getattr(nn, name)(4, 6, 3, stride=2, padding=1, groups=2)
    assert type(lazy) is type(plain)
    assert lazy.in_channels == 4
    assert y.tolist() == plain(x).tolist()
    assert [(n, p.shape) for n, p in lazy.named_parameters()] == [(n, p.shape) for n, p in plain.named_parameters()]


def test_without_n_and_without_a_bias():
    layer = nn.LazyConv2d(6, 3, bias=False)
    assert layer(nn.ones(4, 5, 5)).shape == (6, 3, 3)
    assert list(layer.state_dict()) == ["weight"]


def test_a_state_is_loaded_before_the_first_input(rng):
    plain, lazy = nn.Conv1d(4, 6, 3), nn.LazyConv1d(6, 3)
    lazy.load_state_dict(plain.state_dict())
    x = nn.tensor(rng.normal(size=(2, 4, 5))).float()
    assert lazy(x).tolist() == plain(x).tolist()


def test_messages():
    with pytest.raises(nn.ShapeError, match=r"LazyConv2d: x must have 4 axes \(N, C, spatial\) or 3 without N, it is"):
        nn.LazyConv2d(6, 3)(nn.ones(5, 5))
    with pytest.raises(nn.ShapeError, match="LazyConv1d: groups=3 must divide the 4 channels of x"):
        nn.LazyConv1d(6, 3, groups=3)(nn.ones(2, 4, 5))
