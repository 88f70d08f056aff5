"""Windows: how many fit."""

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
