"""The checker of gradients finds what is wrong, and only that."""

import numpy as np
import pytest

import nn
from nn.autograd.op import registry
from nn.testing import gradcheck, gradgradcheck


@pytest.fixture
def x():
    return nn.tensor([[0.3, -1.2], [0.7, 2.0]], dtype=nn.float64, requires_grad=True)


@pytest.fixture
def broken(monkeypatch):
    """A factor on the rule of sin, and of cos, that should not be there."""

    def scale(factor):
        for name in ("sin", "cos"):
            rule = registry[name].vjp["x"]
            original = rule.function
            monkeypatch.setattr(rule, "function", lambda g, x, original=original: original(g, x) * factor)

    return scale


@pytest.mark.parametrize("check", [gradcheck, gradgradcheck])
def test_right_gradients_pass(check, x):
    assert check(lambda x: x.sin() * x, x)
    assert check(lambda x, y: (x * y, x + 2), (x, nn.ones(2, dtype=nn.float64, requires_grad=True)))


@pytest.mark.parametrize(
    ("check", "factor"),
    [*((gradcheck, f) for f in (0, 0.99, 1.01, -1)), *((gradgradcheck, f) for f in (0.99, 1.01, -1))],
)
def test_wrong_gradients_do_not(check, x, broken, factor):
    broken(factor)
    with pytest.raises(nn.GradcheckError, match=r"gradcheck: input \d, element .*: analytic gradient .*, numerical"):
        check(lambda x: x.sin(), x)
    assert not check(lambda x: x.sin(), x, raise_exception=False)


def test_a_wrong_sign_that_cancels_for_ones_is_found(monkeypatch):
    rule = registry["permute"].vjp["x"]
    monkeypatch.setattr(rule, "function", lambda g, dims: g)
    x = nn.tensor(np.arange(4.0).reshape(2, 2), requires_grad=True)
    assert not gradcheck(lambda x: x.permute(1, 0), x, raise_exception=False)


def test_a_gradient_that_is_nan_is_found(monkeypatch, x):
    monkeypatch.setattr(registry["sin"].vjp["x"], "function", lambda g, x: g * np.nan)
    with pytest.raises(nn.GradcheckError, match="analytic gradient nan"):
        gradcheck(lambda x: x.sin(), x)


def test_a_detached_path_is_found(x):
    with pytest.raises(nn.GradcheckError, match="input 0"):
        gradcheck(lambda x: x * x.detach(), x)


def test_only_inputs_that_require_gradients_are_checked(x):
    constant = nn.tensor([[1, 2], [3, 4]])
    assert gradcheck(lambda x, n: x * n, (x, constant))
    with pytest.raises(nn.GradcheckError, match="no input requires gradients"):
        gradcheck(lambda n: n * 2, constant)


def test_float32_is_refused():
    x = nn.tensor([1.0], requires_grad=True)
    with pytest.raises(nn.GradcheckError, match=r"input 0 is float32; differences need float64, use \.double\(\)"):
        gradcheck(lambda x: x * 2, x)


def test_an_unused_input_has_gradient_zero(x):
    unused = nn.ones(2, dtype=nn.float64, requires_grad=True)
    assert gradcheck(lambda x, _: x * 2, (x, unused))


def test_outputs_that_are_integers_are_left_out(x):
    assert gradcheck(lambda x: (x * 2, x.argmax()), x)


def test_the_inputs_stay_as_they_were(x):
    before = x.tolist()
    gradcheck(lambda x: x.exp(), x)
    gradgradcheck(lambda x: x.exp(), x)
    assert x.tolist() == before
    assert x.grad is None


def test_elements_without_axes_and_no_elements():
    assert gradcheck(lambda x: x * x, nn.tensor(1.5, dtype=nn.float64, requires_grad=True))
    assert gradcheck(lambda x: x * x, nn.zeros(0, 3, dtype=nn.float64, requires_grad=True))


def test_the_whole_of_a_small_network_at_order_two(rng):
    x = nn.tensor(rng.normal(size=(2, 1, 5, 5)), requires_grad=True)
    w = nn.tensor(rng.normal(size=(2, 1, 2, 2)), requires_grad=True)
    v = nn.tensor(rng.normal(size=(3, 8)), requires_grad=True)
    target = nn.tensor([0, 2])

    def loss(x, w, v):
        hidden = nn.functional.avg_pool2d(nn.functional.conv2d(x, w).tanh(), 2)
        return nn.functional.cross_entropy(nn.functional.linear(hidden.flatten(1), v), target)

    assert gradcheck(loss, (x, w, v), rtol=1e-6, atol=1e-8)
    assert gradgradcheck(loss, (x, w, v), rtol=1e-5, atol=1e-7)
