"""Windows: how many fit, and where their pixels lie in the two orders of an image."""

import numpy as np
import pytest

from nn.kernels import window

CASES = [
    ((7, 6), (3, 2), (2, 1), (0, 0), (1, 2)),
    ((5, 5), (2, 2), (1, 3), (1, 1), (2, 1)),
    ((9,), (3,), (2,), (1,), (3,)),
]


def places(size, kernel, stride, padding, dilation):
    """Where windows start along one axis, counted one by one."""
    last = size + 2 * padding - dilation * (kernel - 1) - 1
    return list(range(0, last + 1, stride))


@pytest.mark.parametrize(("size", "kernel", "stride", "padding", "dilation"), CASES)
def test_output_size_counts_the_windows_that_fit(size, kernel, stride, padding, dilation):
    wanted = tuple(len(places(*axis)) for axis in zip(size, kernel, stride, padding, dilation, strict=True))
    assert window.output_size(size, kernel, stride, padding, dilation) == wanted


def test_ceil_mode_counts_the_last_one_unless_it_starts_in_the_padding():
    assert window.output_size((5,), (2,), (2,), (0,), (1,), ceil_mode=True) == (3,)
    assert window.output_size((5,), (2,), (2,), (1,), (1,), ceil_mode=True) == (3,)
    assert window.output_size((4,), (2,), (2,), (0,), (1,), ceil_mode=True) == (2,)


@pytest.mark.parametrize("n", [0, 1, 3])
@pytest.mark.parametrize(("size", "kernel", "stride", "padding", "dilation"), CASES)
def test_the_lattice_holds_the_same_windows_and_the_same_image(rng, size, kernel, stride, padding, dilation, n):
    image = rng.normal(size=(2, *size, n)).astype(np.float32)
    count = window.output_size(size, kernel, stride, padding, dilation)
    whole = window.padded_size(count, kernel, stride, dilation, size, padding)
    padded = np.zeros((2, *whole, n), np.float32)
    padded[window.inside(1, size, padding)] = image
    lattice = np.zeros((2, *stride, *(-(-m // s) for m, s in zip(whole, stride, strict=True)), n), np.float32)

    for there, here in window.lattice_places(stride, padding, size):
        window.in_items(lattice)[here] = window.in_items(image)[there]
    plain = window.windows(1, kernel, stride, dilation, count)
    for (offset, at), (same, box) in zip(plain, window.lattice_windows(kernel, stride, dilation, count), strict=True):
        assert offset == same
        np.testing.assert_array_equal(lattice[box], padded[at])

    back = np.full_like(image, np.nan)
    for there, here in window.lattice_places(stride, padding, size):
        window.in_items(back)[there] = window.in_items(lattice)[here]
    np.testing.assert_array_equal(back, image)
