"""Windows: what a piece of a signal is multiplied with, so that it fades in and out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nn.errors import DtypeError
from nn.tensors.arguments import as_dtype
from nn.tensors.creation import made, size_of
from nn.tensors.place import Place
from nn.tensors.tensor import Tensor

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"]


_ROW = 1024
"""Neighbours of a long window that are computed from one cosine and one sine."""


def _phase(window_length: int, periodic: bool, dtype: DTypeLike | None, caller: str) -> NDArray[Any]:
    """n / (N - 1) for n = 0, 1, ..., where N is one more than the length if the window is to be repeated."""
    if as_dtype(dtype).kind != "f":
        raise DtypeError(f"{caller}: expected a floating-point dtype, got {as_dtype(dtype)}")
    (length,) = size_of((window_length,))
    if length == 1:
        return np.full(1, 0.5)
    return np.arange(length) / max(length - 1 + periodic, 1)


def _cosines(phase: NDArray[Any], coefficients: Sequence[float]) -> NDArray[Any]:
    """a0 - a1 cos 2 pi t + a2 cos 4 pi t."""
    window = np.full_like(phase, coefficients[0])
    for k, a in enumerate(coefficients[1:], start=1):
        window += _cosine(2 * np.pi * k, phase) * ((-1) ** k * a)
    return window


def _cosine(factor: float, phase: NDArray[Any]) -> NDArray[Any]:
    """cos(factor phase), phase being multiples of one step.

    Of many as cos(a + b) = cos a cos b - sin a sin b, a being the first angle of a row and b one of the first row's.
    """
    if len(phase) <= 4 * _ROW:
        return np.cos(factor * phase)
    a, b = factor * phase[::_ROW, None], factor * phase[:_ROW]
    rows = np.cos(a) * np.cos(b)
    rows -= np.sin(a) * np.sin(b)
    return rows.reshape(-1)[: len(phase)]


def hann_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    **place: Unpack[Place],
) -> Tensor:
    """w[n] = 1/2 - 1/2 cos(2 pi n / (N - 1)).

    Args:
        window_length: how many numbers.
        periodic: the window is one period (N is one more than the length), as a Fourier transform expects it.

    Example:
        >>> import nn
        >>> nn.hann_window(4)
        tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    phase = _phase(window_length, periodic, dtype, "hann_window")
    return made(_cosines(phase, (0.5, 0.5)), dtype, requires_grad, place, "hann_window")


def hamming_window(
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    *,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    **place: Unpack[Place],
) -> Tensor:
    """w[n] = alpha - beta cos(2 pi n / (N - 1)); arguments as those of `hann_window`.

    Example:
        >>> import nn
        >>> nn.hamming_window(4)
        tensor([0.0800, 0.5400, 1.0000, 0.5400])
    """
    phase = _phase(window_length, periodic, dtype, "hamming_window")
    return made(
        np.ones(1) if window_length == 1 else _cosines(phase, (alpha, beta)),
        dtype,
        requires_grad,
        place,
        "hamming_window",
    )


def blackman_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    **place: Unpack[Place],
) -> Tensor:
    """w[n] = 0.42 - 0.5 cos(2 pi n / (N - 1)) + 0.08 cos(4 pi n / (N - 1)); arguments as those of `hann_window`.

    Example:
        >>> import nn
        >>> nn.blackman_window(5, periodic=False)[1:4]
        tensor([0.3400, 1.0000, 0.3400])
    """
    phase = _phase(window_length, periodic, dtype, "blackman_window")
    return made(_cosines(phase, (0.42, 0.5, 0.08)), dtype, requires_grad, place, "blackman_window")


def bartlett_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    **place: Unpack[Place],
) -> Tensor:
    """A triangle: w[n] = 1 - |2 n / (N - 1) - 1|; arguments as those of `hann_window`.

    Example:
        >>> import nn
        >>> nn.bartlett_window(4)
        tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    phase = _phase(window_length, periodic, dtype, "bartlett_window")
    return made(1 - np.abs(2 * phase - 1), dtype, requires_grad, place, "bartlett_window")


def kaiser_window(
    window_length: int,
    periodic: bool = True,
    beta: float = 12.0,
    *,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    **place: Unpack[Place],
) -> Tensor:
    """w[n] = I0(beta sqrt(1 - (2 n / (N - 1) - 1)^2)) / I0(beta), with the modified Bessel function I0.

    Example:
        >>> import nn
        >>> nn.kaiser_window(5, periodic=False, beta=0.0)
        tensor([1., 1., 1., 1., 1.])
    """
    phase = _phase(window_length, periodic, dtype, "kaiser_window")
    inside = np.sqrt(np.maximum(1 - (2 * phase - 1) ** 2, 0))
    return made(np.i0(beta * inside) / np.i0(beta), dtype, requires_grad, place, "kaiser_window")
