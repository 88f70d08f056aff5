"""Circular and hyperbolic functions beside NumPy's and by their laws, and the message."""

import math

import numpy as np
import pytest

import nn

NAMES = {
    "sin": "sin", "cos": "cos", "tan": "tan", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "sinh": "sinh",
    "cosh": "cosh", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "deg2rad": "deg2rad",
    "rad2deg": "rad2deg",
}  # fmt: skip


def inside(name, rng):
    return rng.uniform(1.1, 3, 10) if name == "acosh" else rng.uniform(-0.9, 0.9, 10)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_numpy_s_under_both_names_and_as_a_method(name, rng):
    x = inside(name, rng)
    expected = getattr(np, NAMES[name])(x)
    for spelling in {name, NAMES[name]}:
        np.testing.assert_allclose(getattr(nn, spelling)(nn.tensor(x)).numpy(), expected)
        np.testing.assert_allclose(getattr(nn.tensor(x), spelling)().numpy(), expected)


def test_each_inverse_undoes_its_function(rng):
    x = nn.tensor(rng.uniform(0.1, 0.9, 10))
    for name in ("sin", "cos", "tan", "sinh", "cosh"):
        np.testing.assert_allclose(getattr(nn, f"a{name}")(getattr(nn, name)(x)).numpy(), x.numpy(), rtol=1e-9)
    np.testing.assert_allclose(nn.atanh(x.tanh()).numpy(), x.numpy())
    np.testing.assert_allclose(nn.rad2deg(nn.deg2rad(x)).numpy(), x.numpy())


def test_the_squares_of_sine_and_cosine_add_up_to_1_and_the_hyperbolic_differ_by_1(rng):
    x = nn.tensor(rng.normal(size=10))
    np.testing.assert_allclose((x.sin() ** 2 + x.cos() ** 2).numpy(), 1)
    np.testing.assert_allclose((x.cosh() ** 2 - x.sinh() ** 2).numpy(), 1)


def test_angle_and_length_make_the_point_in_every_quadrant(rng):
    x, y = nn.tensor(rng.normal(size=20)), nn.tensor(rng.normal(size=20))
    angle, length = nn.atan2(y, x), nn.hypot(x, y)
    np.testing.assert_allclose((length * angle.cos()).numpy(), x.numpy(), atol=1e-12)
    np.testing.assert_allclose((length * angle.sin()).numpy(), y.numpy(), atol=1e-12)
    assert nn.arctan2(nn.tensor(0.0), nn.tensor(-1.0)).item() == pytest.approx(math.pi)


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_agrees_with_differences(name, rng):
    assert nn.testing.gradcheck(getattr(nn, name), (nn.tensor(inside(name, rng), requires_grad=True),))


def test_outside_of_its_domain_a_value_is_nan():
    assert nn.asin(nn.tensor([2.0])).isnan().all()
    assert nn.acosh(nn.tensor([0.5])).isnan().all()
    assert nn.atanh(nn.tensor([1.0, -1.0])).tolist() == [math.inf, -math.inf]


def test_messages():
    with pytest.raises(TypeError, match="sin: input must be a tensor, got list"):
        nn.sin([1.0])
