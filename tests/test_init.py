"""Initial values: bounds, spreads, fans and gains by their formulas."""

import math

import numpy as np
import pytest

import nn
from nn import init

SHAPES = [(60, 40), (40, 60), (30, 20, 3), (20, 10, 3, 4), (10, 8, 2, 3, 4)]


def fans(shape):
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


@pytest.fixture(autouse=True)
def seeded():
    nn.manual_seed(0)


def drawn(function, shape, **arguments):
    tensor = nn.empty(*shape)
    assert function(tensor, **arguments) is tensor
    return tensor.numpy()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("gain", [1.0, 2.0])
def test_xavier(shape, gain):
    std = gain * math.sqrt(2 / sum(fans(shape)))
    uniform, normal = drawn(init.xavier_uniform_, shape, gain=gain), drawn(init.xavier_normal_, shape, gain=gain)
    assert abs(uniform).max() <= std * math.sqrt(3) * (1 + 1e-6)
    assert abs(uniform).max() >= std * math.sqrt(3) * 0.99
    np.testing.assert_allclose([uniform.std(), normal.std()], std, rtol=0.08)
    np.testing.assert_allclose([uniform.mean(), normal.mean()], 0, atol=std * 0.15)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("mode", ["fan_in", "fan_out"])
@pytest.mark.parametrize(("nonlinearity", "a", "gain"), [
    ("relu", 0, math.sqrt(2)), ("leaky_relu", 0, math.sqrt(2)), ("leaky_relu", math.sqrt(5), math.sqrt(1 / 3)),
    ("linear", 0, 1), ("tanh", 0, 5 / 3),
])  # fmt: skip
def test_kaiming(shape, mode, nonlinearity, a, gain):
    std = gain / math.sqrt(fans(shape)[mode == "fan_out"])
    arguments = dict(a=a, mode=mode, nonlinearity=nonlinearity)
    uniform, normal = drawn(init.kaiming_uniform_, shape, **arguments), drawn(init.kaiming_normal_, shape, **arguments)
    assert abs(uniform).max() <= std * math.sqrt(3) * (1 + 1e-6)
    assert abs(uniform).max() >= std * math.sqrt(3) * 0.99
    np.testing.assert_allclose([uniform.std(), normal.std()], std, rtol=0.08)


def test_a_layer_keeps_the_spread_of_its_input():
    x = nn.randn(2000, 300)
    relu, tanh = nn.empty(300, 300), nn.empty(300, 300)
    init.kaiming_normal_(relu, nonlinearity="relu")
    init.xavier_normal_(tanh)
    deep = x
    for _ in range(4):
        deep = (deep @ relu.T).relu()
    assert 0.5 < (deep**2).mean().item() < 2
    np.testing.assert_allclose((x @ tanh.T).std().item(), 1, rtol=0.05)


def test_constants():
    assert drawn(init.zeros_, (2,)).tolist() == [0, 0]
    assert drawn(init.ones_, (2,)).tolist() == [1, 1]
    assert drawn(init.constant_, (2,), val=0.5).tolist() == [0.5, 0.5]


def test_uniform_and_normal():
    uniform, normal = drawn(init.uniform_, (5000,), a=-2, b=3), drawn(init.normal_, (5000,), mean=4, std=0.5)
    assert -2 <= uniform.min() < -1.99
    assert 2.99 < uniform.max() <= 3
    np.testing.assert_allclose([uniform.mean(), normal.mean(), normal.std()], [0.5, 4, 0.5], rtol=0.1)
    assert drawn(init.uniform_, (100,)).min() >= 0


@pytest.mark.parametrize(
    ("name", "param", "wanted"),
    [("linear", None, 1), ("conv1d", None, 1), ("conv2d", None, 1), ("conv3d", None, 1), ("sigmoid", None, 1),
     ("tanh", None, 5 / 3), ("relu", None, 2**0.5), ("leaky_relu", None, (2 / 1.0001) ** 0.5),
     ("leaky_relu", 0.2, (2 / 1.04) ** 0.5), ("leaky_relu", 0, 2**0.5), ("selu", None, 3 / 4)],
)  # fmt: skip
def test_gains(name, param, wanted):
    assert init.calculate_gain(name, param) == pytest.approx(wanted)


def test_parameters_are_filled_in_place_without_a_graph():
    p = nn.Parameter(nn.zeros(3, 3, dtype=nn.float64))
    array = p._array
    init.xavier_uniform_(p)
    assert p._array is array
    assert p.is_leaf
    assert p.dtype == np.float64
    assert p.detach().numpy().any()


@pytest.mark.parametrize(
    "function",
    [
        init.uniform_,
        init.normal_,
        init.xavier_uniform_,
        init.xavier_normal_,
        init.kaiming_uniform_,
        init.kaiming_normal_,
    ],
)
def test_the_seed_or_the_generator_decides(function):
    first = drawn(function, (3, 4)).tolist()
    nn.manual_seed(0)
    assert drawn(function, (3, 4)).tolist() == first
    assert drawn(function, (3, 4)).tolist() != first
    a, b = (drawn(function, (3, 4), generator=nn.Generator().manual_seed(9)).tolist() for _ in range(2))
    assert a == b


@pytest.mark.parametrize("name", ["xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_"])
def test_a_vector_has_no_fans(name):
    with pytest.raises(
        nn.ShapeError, match=rf"{name}: fans want at least 2 axes \(out, in\), the tensor has shape \(3,\)"
    ):
        getattr(init, name)(nn.empty(3))


def test_unknown_words():
    with pytest.raises(ValueError, match=r"calculate_gain: 'gelu' is unknown; use one of linear, .*leaky_relu"):
        init.calculate_gain("gelu")
    with pytest.raises(ValueError, match="kaiming_uniform_: mode must be fan_in or fan_out, 'fan' came"):
        init.kaiming_uniform_(nn.empty(2, 2), mode="fan")
