"""Initial values: bounds, spreads, fans and gains by their formulas."""

import inspect
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
    with pytest.raises(nn.ShapeError, match=rf"{name}: fans need at least 2 axes \(out, in\), got shape \(3,\)"):
        getattr(init, name)(nn.empty(3))


def test_unknown_words():
    with pytest.raises(ValueError, match=r"calculate_gain: 'gelu' is unknown; use one of linear, .*leaky_relu"):
        init.calculate_gain("gelu")
    with pytest.raises(ValueError, match="kaiming_uniform_: mode must be fan_in or fan_out, got 'fan'"):
        init.kaiming_uniform_(nn.empty(2, 2), mode="fan")


def test_the_identity():
    assert drawn(init.eye_, (2, 3)).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert drawn(init.eye_, (3, 1)).tolist() == [[1], [0], [0]]


@pytest.mark.parametrize("shape", [(3, 3, 3), (2, 2, 3, 5), (2, 2, 1, 3, 3)], ids=str)
def test_a_dirac_weight_passes_its_input_on(shape):
    weight = init.dirac_(nn.empty(*shape))
    x = nn.randn(2, shape[1], *(6 for _ in shape[2:]))
    convolve = getattr(nn.functional, f"conv{len(shape) - 2}d")
    padded = convolve(x, weight, padding=tuple(n // 2 for n in shape[2:]))
    np.testing.assert_allclose(padded.numpy(), x.numpy(), rtol=1e-6)


@pytest.mark.parametrize("shape", [(8, 4), (4, 8), (5, 5), (6, 2, 3), (2, 3, 2, 2), (1, 4)], ids=str)
@pytest.mark.parametrize("gain", [1, 2.5])
def test_orthogonal_rows_or_columns_of_length_gain(shape, gain):
    w = drawn(init.orthogonal_, shape, gain=gain).reshape(shape[0], -1).astype(float)
    product = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(product, gain**2 * np.eye(len(product)), atol=1e-5 * gain**2)


def test_orthogonal_matrices_have_no_favourite_directions():
    signs = np.mean([np.sign(np.diag(drawn(init.orthogonal_, (3, 3)))) for _ in range(600)], axis=0)
    assert abs(signs).max() < 0.15


@pytest.mark.parametrize(("sparsity", "zeros"), [(0.0, 0), (0.1, 2), (0.5, 10), (0.51, 11), (1.0, 20)])
def test_sparse_columns(sparsity, zeros):
    w = drawn(init.sparse_, (20, 300), sparsity=sparsity, std=0.5)
    assert ((w == 0).sum(axis=0) == zeros).all()
    if zeros < 20:
        np.testing.assert_allclose(w[w != 0].std(), 0.5, rtol=0.1)
        if zeros:
            assert np.ptp((w == 0).mean(axis=1)) < 0.3, "some rows are 0 more often than others"


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"),
    [(0, 1, -2, 2), (0, 1, -0.2, 0.3), (1, 0.5, 0.9, 1.0), (0, 10, -1, 3), (2, 1, -2, 2), (0, 1, 1.5, 9)],
)
def test_a_truncated_normal_has_the_moments_that_its_density_says(mean, std, a, b):
    values = drawn(init.trunc_normal_, (20000,), mean=mean, std=std, a=a, b=b).astype(float)
    x = np.linspace(a, b, 20001)
    density = np.exp(-(((x - mean) / std) ** 2) / 2)
    density /= density.sum()
    expected = (density * x).sum()
    spread = math.sqrt((density * (x - expected) ** 2).sum())
    assert a - 1e-6 <= values.min() <= values.max() <= b + 1e-6
    np.testing.assert_allclose(values.mean(), expected, atol=4 * spread / math.sqrt(20000))
    np.testing.assert_allclose(values.std(), spread, rtol=0.03)


def test_a_truncated_normal_far_out_warns_and_is_drawn_all_the_same():
    with pytest.warns(UserWarning, match=r"trunc_normal_: mean 0.0 is more than 2 std from \[6.0, 7.0\]"):
        values = drawn(init.trunc_normal_, (1000,), a=6.0, b=7.0)
    assert 6 <= values.min() <= values.max() <= 7
    np.testing.assert_allclose(values.mean(), 6.1585, atol=0.02)  # the mean of a normal beyond 6 is 6.1585


@pytest.mark.parametrize("name", ["kaiming_uniform_", "kaiming_normal_"])
def test_nothing_to_fill_warns(name):
    with pytest.warns(UserWarning, match=rf"{name}: the tensor of shape \(0, 3\) has no elements to fill"):
        getattr(init, name)(nn.empty(0, 3))


def test_an_empty_weight_is_orthogonal():
    assert init.orthogonal_(nn.empty(0, 3)).shape == (0, 3)


@pytest.mark.parametrize(
    ("function", "arguments"), [("trunc_normal_", {}), ("orthogonal_", {}), ("sparse_", dict(sparsity=0.3))]
)
def test_the_generator_decides_these_too(function, arguments):
    a, b, c = (
        drawn(getattr(init, function), (6, 4), generator=nn.Generator().manual_seed(seed), **arguments).tolist()
        for seed in (9, 9, 8)
    )
    assert a == b != c


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: init.eye_(nn.empty(2)), r"eye_: expected a matrix, got shape \(2,\)"),
        (
            lambda: init.sparse_(nn.empty(2, 2, 2), 0.1),
            r"sparse_: expected a matrix, got shape \(2, 2, 2\)",
        ),
        (
            lambda: init.dirac_(nn.empty(2, 2)),
            r"dirac_: expected a weight \(out, in, k...\) of 3 to 5 axes, got shape \(2,",
        ),
        (lambda: init.dirac_(nn.empty(4, 2, 3), 3), "dirac_: 3 groups must divide the 4 output channels"),
        (
            lambda: init.orthogonal_(nn.empty(2)),
            r"orthogonal_: expected at least 2 axes, got shape \(2,\)",
        ),
    ],
)
def test_shapes_that_do_not_fit(call, message):
    with pytest.raises(nn.ShapeError, match=message):
        call()


class TestAgainstTorch:
    @pytest.fixture(autouse=True)
    def oracle(self):
        self.torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")

    @pytest.mark.parametrize("shape", [(2, 2), (3, 1), (2, 5), (0, 2)], ids=str)
    def test_identities(self, shape):
        wanted = self.torch.nn.init.eye_(self.torch.empty(shape))
        assert init.eye_(nn.empty(*shape)).tolist() == wanted.tolist()

    @pytest.mark.parametrize("groups", [1, 2, 3, 6])
    @pytest.mark.parametrize("shape", [(6, 2, 3), (6, 3, 4), (6, 8, 1, 2), (12, 1, 3, 2), (6, 2, 2, 3, 4)], ids=str)
    def test_diracs(self, shape, groups):
        wanted = self.torch.nn.init.dirac_(self.torch.empty(shape), groups)
        assert init.dirac_(nn.empty(*shape), groups).tolist() == wanted.tolist()

    def test_gains(self):
        for name in [*init.GAINS, "leaky_relu"]:
            assert init.calculate_gain(name) == pytest.approx(self.torch.nn.init.calculate_gain(name), rel=1e-15)

    def test_every_function_is_there_with_the_same_arguments(self):
        for name, function in vars(self.torch.nn.init).items():
            if (name.endswith("_") or name == "calculate_gain") and not name.startswith("_"):
                wanted = [(p.name, p.default) for p in inspect.signature(function).parameters.values()]
                found = [(p.name, p.default) for p in inspect.signature(getattr(init, name)).parameters.values()]
                assert found == wanted, name

    @pytest.mark.parametrize("bounds", [dict(), dict(a=-0.1, b=0.4), dict(mean=1.0, std=3.0), dict(a=1.0, b=4.0)])
    def test_truncated_normals_have_the_same_quantiles(self, bounds):
        self.torch.manual_seed(0)
        wanted = self.torch.nn.init.trunc_normal_(self.torch.empty(20000), **bounds).numpy()
        found = drawn(init.trunc_normal_, (20000,), **bounds)
        at = np.linspace(0.05, 0.9, 18)
        np.testing.assert_allclose(np.quantile(found, at), np.quantile(wanted, at), atol=0.08 * wanted.std())
