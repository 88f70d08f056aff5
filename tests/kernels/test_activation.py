"""Gradients lie in memory as the activations do, whatever layout the later layers' gradients have."""

import numpy as np
import pytest

from nn.kernels import activation, arithmetic

KERNELS = {
    "relu": activation.relu_backward,
    "tanh": activation.tanh_backward,
    "clamp": lambda g, y, out=None: arithmetic.clamp_backward(g, y, min=-0.5, max=0.5, out=out),
}


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("batch_last", [False, True])
def test_a_gradient_lies_as_the_activation_does(name, dtype, batch_last, rng):
    kernel = KERNELS[name]
    y, g = (rng.normal(size=(5, 3, 4, 2)).astype(dtype) for _ in range(2))
    expected = kernel(g, y)
    other = np.moveaxis(np.ascontiguousarray(np.moveaxis(y, 0, -1)), -1, 0)
    y, g = (other, g) if batch_last else (y, np.moveaxis(np.ascontiguousarray(np.moveaxis(g, 0, -1)), -1, 0))
    before = g.copy()
    result = kernel(g, y)
    assert result.strides == y.strides
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, expected)
    np.testing.assert_array_equal(g, before)
    out = np.full_like(g, np.nan)
    assert kernel(g, y, out=out) is out
    np.testing.assert_array_equal(out, expected)


PRODUCTS = {
    "tanh": activation.tanh_backward,
    "sigmoid": activation.sigmoid_backward,
    "hardswish": activation.hardswish_backward,
    "elu": activation.elu_backward,
    "gelu": activation.gelu_backward,
}


@pytest.mark.parametrize("kernel", PRODUCTS.values(), ids=PRODUCTS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(5, 3, 4, 2), (5, 1, 4, 1), (0, 3), ()])
def test_a_gradient_is_the_same_to_the_last_bit_whatever_the_order_of_either(kernel, dtype, shape, rng, monkeypatch):
    x, g = (rng.normal(size=shape).astype(dtype) for _ in range(2))
    expected = kernel(g, x)
    one = np.broadcast_to(g.dtype.type(1.5), shape)
    monkeypatch.setattr(activation, "ACROSS", 1)
    for order in (lambda a: a, lambda a: a.T.copy().T, lambda a: a[..., ::-1].copy()[..., ::-1] if a.ndim else a):
        np.testing.assert_array_equal(kernel(order(g), x), expected)
        np.testing.assert_array_equal(kernel(g, order(x)), expected)
        np.testing.assert_array_equal(kernel(one, order(x)), kernel(one.copy(), x))
        assert kernel(g, order(x)).dtype == dtype
