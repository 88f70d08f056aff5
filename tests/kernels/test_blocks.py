"""Elementwise work in blocks: any layout, any size, and the block's borders show nowhere."""

import math

import numpy as np
import pytest

from nn.kernels import activation, blocks, error_function

SIZES = [0, 1, 7, blocks.BLOCK - 1, blocks.BLOCK, blocks.BLOCK + 1, 3 * blocks.BLOCK + 5]


def doubled(x, y):
    np.multiply(x, 2, out=y)


@pytest.mark.parametrize("size", SIZES)
def test_every_element_is_done_once(size):
    x = np.arange(size, dtype=np.float32)
    (y,) = blocks.in_blocks(doubled, x)
    np.testing.assert_array_equal(y, 2 * x)
    assert y.dtype == np.float32


LAYOUTS = {
    "reversed": lambda x: x[::-1, ::-2],
    "transposed": lambda x: x.T,
    "batch last": lambda x: np.moveaxis(x.reshape(150, 200, -1), -1, 0),
    "expanded": lambda x: np.broadcast_to(x[0], x.shape),
    "no axes": lambda x: x[0, 0].reshape(()),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_layout_does_not_matter(layout):
    x = layout(np.arange(60_000.0).reshape(200, 300))
    (y,) = blocks.in_blocks(doubled, x)
    np.testing.assert_array_equal(y, 2 * x)
    out = np.zeros((*x.shape, 2))[..., 0]
    assert blocks.in_blocks(doubled, x, out=(out,))[0] is out
    np.testing.assert_array_equal(out, 2 * x)


def test_two_operands_of_different_layout():
    def difference(x, other, y):
        np.subtract(x, other, out=y)

    x = np.arange(60_000.0).reshape(200, 300)
    (y,) = blocks.in_blocks(difference, x, np.ascontiguousarray(x.T).T)
    np.testing.assert_array_equal(y, 0)


def test_half_is_computed_in_single():
    x = np.linspace(-4, 4, 50_001).astype(np.float16)
    y, slope = activation.gelu(x)
    assert y.dtype == slope.dtype == np.float16
    np.testing.assert_array_equal(y, activation.gelu(x.astype(np.float32))[0].astype(np.float16))


# -- accuracy of float32, against float64 ------------------------------------------------------------------------------
LINE = np.linspace(-9, 9, 200_001).astype(np.float32)


def last_places(y, exact):
    return np.max(np.abs(y - exact) / np.spacing(np.abs(exact).astype(np.float32)))


def test_erf_in_float32_is_within_a_unit_in_the_last_place():
    assert last_places(error_function.erf(LINE), error_function.erf(LINE.astype(np.float64))) < 1
    assert np.abs(error_function.erf(LINE)).max() == 1


def test_erfcx_in_float32_is_within_a_few_units_in_the_last_place():
    x = np.concatenate([LINE[LINE >= 0], np.geomspace(9, 1e30, 10_001, dtype=np.float32)])
    assert last_places(error_function.erfcx(x), error_function.erfcx(x.astype(np.float64))) < 5
    assert error_function.erfcx(np.array([np.inf], np.float32)) == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_middle_is_exact(dtype):
    x = np.zeros(1, dtype)
    assert error_function.erfc(x) == error_function.erfcx(x) == 1
    assert error_function.ndtr(x) == activation.gelu(x)[1] == 0.5


@pytest.mark.parametrize(("name", "most"), [("erfc", 9), ("ndtr", 10)])
def test_tails_in_float32_keep_their_digits(name, most):
    kernel = getattr(error_function, name)
    exact = kernel(LINE.astype(np.float64))
    assert last_places(kernel(LINE)[exact > 1e-3], exact[exact > 1e-3]) < most
    kept = exact > 1e-30
    np.testing.assert_allclose(kernel(LINE)[kept], exact[kept], rtol=2e-5)


@pytest.mark.parametrize(("approximate", "value", "slope"), [("none", 2e-7, 3e-7), ("tanh", 2e-7, 1.5e-6)])
def test_gelu_and_its_slope_in_float32(approximate, value, slope):
    for got, exact, most in zip(
        activation.gelu(LINE, approximate=approximate),
        activation.gelu(LINE.astype(np.float64), approximate=approximate),
        (value, slope),
        strict=True,
    ):
        assert np.max(np.abs(got - exact) / np.maximum(1, np.abs(exact))) < most


def test_gelu_keeps_the_digits_of_its_tail():
    y = activation.gelu(np.array([-8.0], np.float32))[0]
    np.testing.assert_allclose(y, -8 * math.erfc(8 / math.sqrt(2)) / 2, rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_at_the_ends(approximate, dtype):
    x = np.array([-1e30, -50, 50, 1e30, 0, -0.0, 1e-40], dtype)
    y, slope = activation.gelu(x, approximate=approximate)
    np.testing.assert_array_equal(y[:6], [0, 0, 50, dtype(1e30), 0, 0])
    np.testing.assert_array_equal(slope, [0, 0, 1, 1, 0.5, 0.5, 0.5])
    with np.errstate(invalid="ignore"):
        assert activation.gelu(np.array([np.inf], dtype), approximate=approximate)[0] == np.inf
        assert np.isnan(activation.gelu(np.array([np.nan], dtype), approximate=approximate)).all()


@pytest.mark.parametrize("name", ["erf", "erfc", "ndtr", "erfcx", "log_ndtr"])
def test_against_scipy(name):
    special = pytest.importorskip("scipy.special")
    x = np.linspace(-4, 12, 100_001)
    exact = getattr(special, name)(x)
    np.testing.assert_allclose(getattr(error_function, name)(x), exact, rtol=2e-13)
    single = x.astype(np.float32)
    exact = getattr(special, name)(single.astype(np.float64))
    kept = np.abs(exact) > 1e-30
    np.testing.assert_allclose(getattr(error_function, name)(single)[kept], exact[kept], rtol=2e-5)
