"""Convolution layers: shapes of parameters, bounds, messages."""

import math

import pytest

import nn


@pytest.mark.parametrize(("make", "shape"), [
    (lambda: nn.Conv1d(4, 6, 3), (6, 4, 3)), (lambda: nn.Conv2d(4, 6, (3, 2)), (6, 4, 3, 2)),
    (lambda: nn.Conv3d(4, 6, 2, groups=2), (6, 2, 2, 2, 2)),
])  # fmt: skip
def test_parameters_and_their_bounds(make, shape):
    layer = make()
    assert layer.weight.shape == shape
    assert layer.bias.shape == (6,)
    bound = 1 / math.sqrt(math.prod(shape[1:]))
    assert all((p.abs() <= bound).all() for p in layer.parameters())


def test_without_bias():
    assert list(nn.Conv2d(1, 1, 1, bias=False).state_dict()) == ["weight"]


def test_arguments_reach_the_function():
    x = nn.ones(1, 2, 9, 9)
    layer = nn.Conv2d(2, 2, 3, stride=2, padding=1, dilation=2, groups=2)
    wanted = nn.functional.conv2d(x, layer.weight, layer.bias, 2, 1, 2, 2)
    assert layer(x).tolist() == wanted.tolist()
    assert nn.Conv2d(2, 2, 3, padding="same")(x).shape == (1, 2, 9, 9)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: nn.Conv2d(3, 2, 3, groups=2), "Conv2d: groups=2 must divide in_channels=3 and out_channels=2"),
    (lambda: nn.Conv2d(2, 2, 3, groups=0), "Conv2d: groups=0"),
    (lambda: nn.Conv2d(1, 1, 0), "Conv2d: kernel_size must be an integer >= 1, or 2 of them; got 0"),
    (lambda: nn.Conv1d(1, 1, (3, 3)), r"Conv1d: kernel_size must be an integer >= 1, or 1 of them; got \(3, 3\)"),
    (lambda: nn.Conv2d(1, 1, 3, stride=0), "Conv2d: stride must be an integer >= 1"),
    (lambda: nn.Conv2d(1, 1, 3, padding="full"), "Conv2d: padding must be one of valid, same; got 'full'"),
    (lambda: nn.Conv2d(1, 1, 3)(nn.zeros(1, 2, 5, 5)), r"conv2d: x has 2 channels \(axis C of \(1, 2, 5, 5\)\)"),
])  # fmt: skip
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()
