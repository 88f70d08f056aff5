"""Activations against PyTorch: values, both orders of gradients and forward mode, kinks, extremes and types."""

import numpy as np
import pytest
from oracle import OURS, THEIRS, compare, compare_both, normal

import nn

FUNCTIONS = {
    "relu6": [{}],
    "leaky_relu": [{}, dict(negative_slope=0.3), dict(negative_slope=-1.5), dict(negative_slope=2)],
    "elu": [{}, dict(alpha=0.5)],
    "selu": [{}],
    "celu": [{}, dict(alpha=0.5), dict(alpha=2)],
    "gelu": [{}, dict(approximate="tanh")],
    "silu": [{}],
    "mish": [{}],
    "hardtanh": [{}, dict(min_val=-0.3, max_val=2.0)],
    "hardswish": [{}],
    "hardsigmoid": [{}],
    "hardshrink": [{}, dict(lambd=0.1)],
    "softshrink": [{}, dict(lambd=0.1), dict(lambd=0)],
    "tanhshrink": [{}],
    "softsign": [{}],
    "logsigmoid": [{}],
    "threshold": [dict(threshold=0.2, value=-3.0)],
    "rrelu": [{}, dict(lower=0.1, upper=0.7)],
    "softplus": [dict(beta=2, threshold=1)],
}
CALLS = [(name, arguments) for name, several in FUNCTIONS.items() for arguments in several]
every_call = pytest.mark.parametrize(("name", "arguments"), CALLS, ids=str)
SHAPES = [(3, 4), (), (0, 2)]


def once(name):
    """What to compare where PyTorch has no second derivative, and its first one has a sixth in float32."""
    return dict(orders=1, forward=False, rtol=1e-7) if name == "hardsigmoid" else {}


@every_call
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_values_and_gradients(name, arguments, shape, rng):
    x = rng.uniform(-4, 4, shape)
    for layout in (lambda x: x, lambda x: x.mT if x.ndim else x):
        if name == "hardsigmoid":
            compare(lambda lib, x, layout=layout: lib.F.hardsigmoid(layout(x)), x, **once(name))
        else:
            compare_both(lambda lib, x, layout=layout: getattr(lib.F, name)(layout(x), **arguments), x)


def test_hardsigmoid_is_relu6_at_every_order(rng):
    def function(lib, x):
        return lib.F.hardsigmoid(x) if lib is OURS else lib.F.relu6(x + 3) / 6

    compare(function, rng.uniform(-4, 4, (3, 4)))


@every_call
def test_kinks(name, arguments):
    x = np.array([-6.0, -3.0, -1.0, -0.5, -0.3, -0.1, -0.0, 0.0, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 6.0])
    compare(lambda lib, x: getattr(lib.F, name)(x, **arguments), x, **dict(orders=1) | once(name))


@every_call
def test_extremes(name, arguments):
    x = np.array([-np.inf, -1e300, -800.0, -40.0, 40.0, 800.0, 1e300, np.inf, np.nan])
    x = x[name == "hardswish" :]  # which is 0 at minus infinity here, and nan there
    compare(lambda lib, x: getattr(lib.F, name)(x, **arguments), x, orders=0)
    x = np.array([-800.0, -40.0, 40.0, 800.0])
    compare(lambda lib, x: getattr(lib.F, name)(x, **arguments), x, **dict(orders=1) | once(name))


@every_call
def test_half_precision_is_kept(name, arguments):
    x = nn.tensor([-2.0, 0.5, 3.0], dtype=nn.float16)
    y = getattr(nn.functional, name)(x, **arguments)
    assert y.dtype == np.float16
    np.testing.assert_allclose(y, getattr(nn.functional, name)(x.double(), **arguments), rtol=4e-3, atol=2e-3)


@pytest.mark.parametrize(
    ("shape", "weight"),
    [((2, 3), (3,)), ((2, 3, 4), (3,)), ((2, 3, 4), (1,)), ((3,), (1,)), ((), (1,)), ((2, 3), ()), ((0, 3), (3,))],
    ids=str,
)
def test_prelu(shape, weight, rng):
    compare_both(lambda lib, x, w: lib.F.prelu(x, w), *normal(rng, shape, weight))
    compare(lambda lib, x, w: lib.top.prelu(x, w), np.zeros(shape), np.full(weight, 0.3), orders=1, forward=False)


@pytest.mark.parametrize(("shape", "dim"), [((4,), 0), ((2, 4), -1), ((4, 3), 0), ((2, 4, 3), 1), ((0, 4), 1)])
def test_glu(shape, dim, rng):
    compare_both(lambda lib, x: lib.F.glu(x, dim), *normal(rng, shape))


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize("dtype", [None, "float64", "float32"])
def test_softmax_in_another_type(name, dtype, rng):
    (x,) = normal(rng, (3, 4))
    for array in (x, x.astype(np.float32), np.array([[1, 2, 3]])):
        if dtype is None and array.dtype.kind == "i":
            continue
        compare(
            lambda lib, x: getattr(lib.F, name)(x, 1, dtype=dtype and getattr(lib.top, dtype)),
            array, orders=2 if array.dtype == "f8" else 1, rtol=1e-5, atol=1e-6,
        )  # fmt: skip


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "selu", "celu", "hardtanh", "rrelu"])
def test_in_place(name, rng):
    (x,) = normal(rng, (3, 4))
    for function in (lambda f: getattr(f, name), lambda f: getattr(f, name + "_")):
        results = []
        for lib in (OURS, THEIRS):
            t = lib.top.tensor(x)
            arguments = {} if function(lib.F).__name__.endswith("_") else dict(inplace=True)
            y = function(lib.F)(t, **arguments)
            assert y is t
            results.append(t.numpy())
        np.testing.assert_allclose(*results, rtol=1e-12)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "silu", "relu6", "hardswish", "mish"])
def test_in_place_while_recording_has_the_same_gradient(name, rng):
    compare(lambda lib, x: getattr(lib.F, name)(x * 2, inplace=True), *normal(rng, (3, 4)))


def test_rrelu_while_training_draws_slopes_within_the_bounds():
    y = nn.functional.rrelu(-nn.ones(2000), 0.2, 0.6, training=True).numpy()
    assert -0.6 <= y.min() < -0.58
    assert -0.22 < y.max() <= -0.2
    assert abs(y.mean() + 0.4) < 0.02
    assert nn.functional.rrelu(nn.ones(3), training=True).tolist() == [1, 1, 1]


def test_gumbel_softmax_chooses_as_often_as_softmax_says():
    nn.manual_seed(0)
    logits = nn.tensor([[0.0, 1.0, 2.0]]).expand(4000, 3)
    soft = nn.functional.gumbel_softmax(logits, tau=0.7)
    hard = nn.functional.gumbel_softmax(logits, hard=True)
    np.testing.assert_allclose(soft.sum(1), 1, rtol=1e-5)
    assert set(np.unique(hard.numpy())) <= {0.0, 1.0} or np.allclose(hard.numpy(), hard.numpy().round(), atol=1e-6)
    np.testing.assert_allclose(hard.mean(0), nn.softmax(logits, 1)[0], atol=0.03)


def test_a_hard_gumbel_softmax_has_the_gradient_of_the_soft_one():
    x = nn.tensor([[0.5, -0.2, 0.1]], requires_grad=True)
    gradients = []
    for hard in (False, True):
        y = nn.functional.gumbel_softmax(x, hard=hard, generator=nn.Generator().manual_seed(3))
        gradients.append(nn.grad((y * nn.tensor([[1.0, 2.0, 4.0]])).sum(), x)[0].numpy())
    np.testing.assert_allclose(*gradients, rtol=1e-6)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda F: F.glu(nn.ones(3)), "glu: axis -1 must have an even length, it has 3"),
        (lambda F: F.glu(nn.ones(())), "glu: expected an axis to halve"),
        (lambda F: F.prelu(nn.ones(2, 3), nn.ones(2)), r"prelu: weight must have 1 or 3 elements .* got \(2,\)"),
        (lambda F: F.rrelu(nn.ones(2), 2, 1), "rrelu: lower must not be above upper, got 2 and 1"),
        (lambda F: F.celu(nn.ones(2), 0), "celu: alpha must not be 0"),
        (lambda F: F.hardtanh(nn.ones(2), 2, 1), "hardtanh: min_val must not be above max_val"),
        (lambda F: F.softshrink(nn.ones(2), -1), "softshrink: lambd must be 0 or more, got -1"),
        (lambda F: F.gelu(nn.ones(2), "exact"), "gelu: approximate must be one of none, tanh; got 'exact'"),
        (lambda F: F.relu(nn.ones(2, requires_grad=True), inplace=True), "relu_: .* cannot be changed in place"),
        (lambda F: F.elu(nn.tensor([1])), "elu: input must be floating-point, it is int64"),
    ],
)
def test_messages(function, message):
    with pytest.raises(RuntimeError, match=message):
        function(nn.functional)
