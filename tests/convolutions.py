"""The three maps of a convolution, which its kernels' tests compare from one way to the other."""

import numpy as np

from nn.kernels import convolution


def maps(x, weight, attributes):
    """The forward map with a random bias, and of a random gradient those by the weights and by the input."""
    rng = np.random.default_rng(0)
    y = convolution.conv(x, weight, rng.normal(size=len(weight)).astype(x.dtype), **attributes)
    g = rng.normal(size=y.shape).astype(x.dtype)
    by_weight = convolution.conv_weight_backward(x, g, kernel_size=weight.shape[2:], **attributes)
    by_input = convolution.conv_input_backward(g, weight, input_size=x.shape[2:], **attributes)
    return y, by_weight, by_input


def assert_same(found, expected, dtype):
    """Whether maps have this type and are equal, but for what their sums round."""
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == b.dtype == dtype
        np.testing.assert_allclose(a, b, rtol=1e3 * np.finfo(dtype).eps, atol=1e3 * np.finfo(dtype).eps)
