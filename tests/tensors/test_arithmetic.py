"""Elementwise functions: algebra that has to hold, extremes without a warning, and messages."""

import math
import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nn

F = nn.functional
FINITE = hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(-50, 50))
UNARY = ["neg", "abs", "exp", "log", "log1p", "sqrt", "square", "sin", "cos", "sign", "isnan"]
BINARY = ["add", "sub", "mul", "div", "maximum", "minimum", "pow"]


@settings(max_examples=30, deadline=None)
@given(FINITE)
def test_what_numpy_computes(array):
    x = nn.from_numpy(array)
    for name in ("exp", "abs", "sin", "cos", "sign", "square", "isnan"):
        np.testing.assert_array_equal(getattr(nn, name)(x).numpy(), getattr(np, name)(array))
    np.testing.assert_array_equal(nn.neg(x).numpy(), -array)
    np.testing.assert_array_equal(nn.log(nn.abs(x) + 1).numpy(), np.log(np.abs(array) + 1))


@settings(max_examples=30, deadline=None)
@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), st.randoms())
def test_broadcasting_is_numpy_s(shapes, random):
    a, b = (np.random.default_rng(random.randrange(2**32)).normal(size=s) for s in shapes.input_shapes)
    for name, function in (("add", np.add), ("sub", np.subtract), ("mul", np.multiply), ("maximum", np.maximum)):
        x, y = nn.tensor(a, requires_grad=True), nn.tensor(b, requires_grad=True)
        z = getattr(nn, name)(x, y)
        np.testing.assert_array_equal(z.detach().numpy(), function(a, b))
        z.sum().backward()
        assert x.grad.shape == a.shape
        assert y.grad.shape == b.shape


@pytest.mark.parametrize("name", UNARY)
def test_the_function_and_the_method_are_one(name):
    x = nn.tensor([0.5, 2.0])
    assert getattr(nn, name)(x).tolist() == getattr(x, name)().tolist()


def test_the_infinite_and_the_undefined_come_without_a_warning():
    assert nn.log(nn.tensor([0.0, -1.0, math.inf])).tolist()[::2] == [-math.inf, math.inf]
    assert math.isnan(nn.log(nn.tensor(-1.0)).item())
    assert math.isnan(nn.sqrt(nn.tensor(-1.0)).item())
    assert nn.exp(nn.tensor(1000.0)).item() == math.inf
    assert nn.div(nn.tensor([1.0, -1.0]), 0).tolist() == [math.inf, -math.inf]
    assert math.isnan(nn.div(nn.tensor(0.0), 0).item())
    assert nn.pow(nn.tensor(0.0), -1).item() == math.inf


@pytest.mark.parametrize(
    ("function", "wanted"),
    [
        (lambda: nn.log1p(nn.tensor(-1.0)), -math.inf),
        (lambda: nn.log1p(nn.tensor(-2.0)), math.nan),
        (lambda: nn.square(nn.tensor(1e30)), math.inf),
        (lambda: nn.tensor(1e30) * nn.tensor(1e30), math.inf),
        (lambda: nn.tensor(3e38) + nn.tensor(3e38), math.inf),
        (lambda: nn.tensor(math.inf) - nn.tensor(math.inf), math.nan),
        (lambda: nn.tensor(math.inf) * 0.0, math.nan),
        (lambda: nn.tensor(1e300, dtype=nn.float64).float(), math.inf),
        (lambda: nn.tensor([3e38, 3e38]).sum(), math.inf),
        (lambda: nn.tensor([math.inf, -math.inf]).sum(), math.nan),
        (lambda: nn.tensor([1e30, 1e30]) @ nn.tensor([1e30, 1e30]), math.inf),
        (lambda: nn.functional.mse_loss(nn.tensor([1e30]), nn.tensor([-1e30])), math.inf),
        (lambda: nn.sin(nn.tensor(math.inf)), math.nan),
    ],
)
def test_overflow_comes_without_a_warning(function, wanted):
    np.testing.assert_equal(float(function().item()), wanted)


def test_nan_wins_in_maximum_minimum_and_clamp():
    nan = nn.tensor(math.nan)
    for value in (nn.maximum(nan, nn.tensor(1.0)), nn.minimum(nn.tensor(1.0), nan), nn.clamp(nan, 0, 1)):
        assert math.isnan(value.item())


def test_integer_division_gives_float32():
    assert nn.div(nn.tensor([1]), nn.tensor([2])).dtype == np.float32
    assert (nn.tensor([1]) / 2).tolist() == [0.5]
    assert (1 / nn.tensor([2])).dtype == np.float32


@pytest.mark.parametrize("array", [nn.tensor([1, 2]), nn.tensor([True, False]), nn.tensor([1], dtype=nn.uint8)])
def test_an_integer_beside_a_python_float_gives_float32_on_either_side(array):
    results = [array + 0.5, 0.5 + array, array * 0.5, 0.5 * array, array / 0.5, 2.0**array]
    if array.dtype != nn.bool:
        results += [array - 0.5, 0.5 - array]
    assert {result.dtype for result in results} == {np.dtype(np.float32)}


FLOATS, WHOLE, MASK = nn.ones(2), nn.tensor([1, 2]), nn.tensor([True, False])


@pytest.mark.parametrize(
    "difference",
    [
        lambda: FLOATS - MASK, lambda: MASK - FLOATS, lambda: WHOLE - MASK, lambda: MASK - MASK, lambda: 1 - MASK,
        lambda: 1.0 - MASK, lambda: MASK - 1, lambda: MASK - True, lambda: FLOATS - True, lambda: False - WHOLE,
        lambda: FLOATS - (FLOATS > 1), lambda: FLOATS - nn.tensor(True), lambda: nn.sub(FLOATS, MASK),
        lambda: nn.subtract(MASK, WHOLE), lambda: nn.sub(FLOATS, MASK, alpha=2), lambda: FLOATS.clone().sub_(MASK),
        lambda: MASK.clone().sub_(MASK), lambda: operator.isub(FLOATS.clone(), MASK), lambda: (FLOATS * 1).sub_(True),
        lambda: FLOATS.clone().requires_grad_() - MASK, lambda: F.l1_loss(FLOATS, MASK),
        lambda: operator.isub(FLOATS.clone().requires_grad_() * 1, MASK),
    ],
)  # fmt: skip
def test_there_is_no_difference_of_booleans(difference):
    said = r"sub_?: there is no difference of booleans; use logical_not \(~\) .* logical_xor .*, or \.long\(\) to count"
    with pytest.raises(nn.DtypeError, match=said):
        difference()


def test_boolean_targets_count_as_0_and_1_where_a_loss_takes_them():
    x = nn.tensor([0.5, 3.0], requires_grad=True)
    for loss in (F.mse_loss, F.smooth_l1_loss, F.huber_loss, F.soft_margin_loss, F.poisson_nll_loss):
        for reduction in ("none", "mean"):
            got = loss(x, MASK, reduction=reduction)
            np.testing.assert_array_equal(got.detach(), loss(x, MASK.float(), reduction=reduction).detach())


def test_a_number_never_widens_a_tensor():
    for dtype in (nn.float16, nn.float32, nn.float64):
        for x in (nn.ones(2, dtype=dtype), nn.ones((), dtype=dtype)):
            for result in (x + 1, 1 + x, x * 2.5, 2.5 * x, x / 3, 3 / x, x**2, x**0.5, 2**x, x.clamp(0, 0.5), -x):
                assert result.dtype == dtype
            for number in (np.float64(2.5), np.int64(2), np.float32(2)):
                assert (x * number).dtype == dtype
                assert (number * x).dtype == dtype


def test_clamp_holds_within_bounds():
    x = nn.arange(-3.0, 4.0)
    assert nn.clamp(x, -1, 2).tolist() == [-1, -1, -1, 0, 1, 2, 2]
    assert nn.clamp(x, min=0).tolist() == nn.relu(x).tolist()
    assert nn.clamp(x, max=0).tolist() == [-3, -2, -1, 0, 0, 0, 0]
    assert nn.clamp(nn.tensor([1, 5]), max=3).dtype == np.int64


def test_clamp_without_bounds_is_refused():
    with pytest.raises(RuntimeError, match=r"clamp: .*min.*max"):
        nn.clamp(nn.zeros(2))


def test_where_takes_one_side_and_its_gradient():
    x = nn.tensor([1.0, 2.0], requires_grad=True)
    y = nn.tensor([3.0, 4.0], requires_grad=True)
    z = nn.where(nn.tensor([True, False]), x, y)
    z.sum().backward()
    assert z.tolist() == [1, 4]
    assert x.grad.tolist() == [1, 0]
    assert y.grad.tolist() == [0, 1]


@pytest.mark.parametrize("name", UNARY)
def test_a_list_is_refused(name):
    with pytest.raises(TypeError, match=f"{name}: input must be a tensor, got list"):
        getattr(nn, name)([1.0])


@pytest.mark.parametrize("name", BINARY)
def test_shapes_that_do_not_broadcast(name):
    with pytest.raises(nn.ShapeError, match=rf"{name}: operands of shape \(2,\) and \(3,\) do not fit"):
        getattr(nn, name)(nn.ones(2), nn.ones(3))


def test_where_that_does_not_broadcast():
    with pytest.raises(nn.ShapeError, match="where: operands of shape"):
        nn.where(nn.ones(2) > 0, nn.ones(3), nn.ones(4))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda: nn.tensor([True]) - nn.tensor([True]), "sub.*bool"),
        (lambda: -nn.tensor([True]), "neg.*bool"),
        (lambda: nn.tensor([2]) ** -1, "pow.*negative"),
        (lambda: nn.tensor([2.0]) & nn.tensor([1.0]), "bitwise_and.*float"),
    ],
)
def test_what_a_dtype_cannot_do_is_told_with_the_op_s_name(function, message):
    with pytest.raises(RuntimeError, match=message):
        function()


@pytest.mark.parametrize(("x", "other"), [(1e30, 1e20), (1e-25, 1e-25), (1e-30, 1e-20), (-1e25, 1e22)])
def test_the_slope_by_a_divisor_needs_no_square_of_it(x, other):
    """other^2 is beyond float32; x / other^2 is not."""
    divisor = nn.tensor([other], requires_grad=True)
    (nn.tensor([x]) / divisor).sum().backward()
    np.testing.assert_allclose(divisor.grad.numpy(), [-x / other**2], rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_integers_with_the_sign_of_floats_are_of_their_type(dtype):
    signs = np.array([-1.0, 0.0, -0.0, 2.0], dtype)
    for sign in (signs, signs[0]):
        y = nn.copysign(nn.tensor([1, -2, 3, 4]), nn.tensor(sign))
        assert y.dtype == dtype
        np.testing.assert_array_equal(y.numpy(), np.copysign([1, 2, 3, 4], sign))
