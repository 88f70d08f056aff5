"""Dropout: random elements, or whole channels, are left out in training. The draws come from the global generator."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from nn.autograd.mode import mode
from nn.errors import RangeError, ShapeError
from nn.kernels.dropout import kept
from nn.ops.shape import squeeze, unsqueeze
from nn.tensors import checks
from nn.tensors.in_place import replacing
from nn.tensors.random import drawn
from nn.tensors.tensor import Tensor

__all__ = ["alpha_dropout", "dropout", "dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout"]

ALPHA = 1.7580993408473766
"""Where SELU ends on the left: scale times alpha."""


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Each element is 0 with probability p, and otherwise divided by 1 - p, so that the mean stays.

    Args:
        input: x, any shape.
        p: the probability, in [0, 1].
        training: if False, x itself is returned.
        inplace: write the result into x and give x back; autograd follows, as for `x.mul_()`.

    Raises:
        RangeError: p is not in [0, 1].

    Example:
        >>> import nn
        >>> _ = nn.manual_seed(0)
        >>> sorted(set(nn.functional.dropout(nn.ones(100), p=0.5).tolist()))
        [0.0, 2.0]
        >>> nn.functional.dropout(nn.ones(2), training=False)
        tensor([1., 1.])

    References:
        Srivastava et al., Dropout, JMLR 15, 2014.
    """
    return _dropped(input, p, training, inplace, "dropout", False)


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """As `dropout`, for whole channels of (N, C, L) or (C, L).

    Raises:
        ShapeError: x has another number of axes.

    Example:
        >>> import nn
        >>> nn.functional.dropout1d(nn.ones(2, 3, 4), p=1.0).sum()
        tensor(0.)

    References:
        Tompson et al., Efficient Object Localization Using Convolutional Networks, CVPR 2015.
    """
    if checks.floating(input, "dropout1d").ndim not in (2, 3):
        raise ShapeError(f"dropout1d: input must be (N, C, L) or (C, L), its shape is {input.shape}")
    return _channels(input, p, training, inplace, "dropout1d", input.ndim == 3)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """As `dropout`, for whole channels of images (N, C, H, W); three axes are taken for (N, C, L), as in PyTorch.

    Example:
        >>> import nn
        >>> nn.functional.dropout2d(nn.ones(2, 3, 4, 4), p=1.0).sum()
        tensor(0.)
    """
    if checks.floating(input, "dropout2d").ndim != 4:
        warnings.warn(
            f"dropout2d: expected input (N, C, H, W), got {input.shape}: its second axis is taken for the "
            "channels; use dropout1d for (N, C, L)",
            stacklevel=2,
        )
    return _channels(input, p, training, inplace, "dropout2d", True)


def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """As `dropout`, for whole channels of (N, C, D, H, W) or (C, D, H, W).

    Example:
        >>> import nn
        >>> nn.functional.dropout3d(nn.ones(2, 3, 2, 2, 2), p=1.0).sum()
        tensor(0.)
    """
    rank = checks.floating(input, "dropout3d").ndim
    if rank not in (4, 5):
        warnings.warn(
            f"dropout3d: expected input (N, C, D, H, W) or (C, D, H, W), got {input.shape}: its first axis "
            "is taken for the channels",
            stacklevel=2,
        )
    return _channels(input, p, training, inplace, "dropout3d", rank == 5)


def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Dropout that keeps mean 0 and variance 1, for SELU: a dropped element becomes SELU's limit on the left.

    With s = 1.758 (SELU's scale times its alpha) and a = 1 / sqrt((1 + s^2 p)(1 - p)): x -> a x + a s p where x is
    kept, and -a s (1 - p) where it is dropped.

    Args are those of `dropout`, but `training` is False unless said.

    Example:
        >>> import nn
        >>> nn.functional.alpha_dropout(nn.ones(2))
        tensor([1., 1.])

    References:
        Klambauer et al., Self-Normalizing Neural Networks, NIPS 2017.
    """
    return _alpha(input, p, training, inplace, "alpha_dropout", False)


def feature_alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """As `alpha_dropout`, for whole channels of (N, C, ...).

    Raises:
        ShapeError: x has fewer than two axes.

    Example:
        >>> import nn
        >>> nn.functional.feature_alpha_dropout(nn.ones(1, 2, 3), p=1.0, training=True).sum()
        tensor(0.)
    """
    return _alpha(input, p, training, inplace, "feature_alpha_dropout", True)


def _kept(input: Tensor, p: float, by_channel: bool, caller: str, factor: float = 1.0) -> Any:
    """`factor` where an element (or its channel) stays, 0 where it goes, in the input's type."""
    shape: tuple[int, ...] = input.shape
    if by_channel:
        if len(shape) < 2:
            raise ShapeError(f"{caller}: input must be (N, C, ...), its shape is {shape}")
        shape = (*shape[:2], *(1,) * (len(shape) - 2))
    numbers = drawn(None, "random", shape, dtype=np.float32)
    return mode.quiet(kept, numbers, p=p, dtype=input._array.dtype, factor=factor)


def _unchanged(input: Tensor, p: float, training: bool, caller: str) -> bool:
    checks.floating(input, caller)
    if not 0 <= p <= 1:
        raise RangeError(f"{caller}: p is a probability and must be in [0, 1], got {p}")
    return not training or p == 0


def _dropped(input: Tensor, p: float, training: bool, inplace: bool, caller: str, by_channel: bool) -> Tensor:
    if _unchanged(input, p, training, caller):
        return input
    if inplace:
        return replacing(_dropped, f"{caller}_")(input, p, training, False, caller, by_channel)
    return input * _kept(input, p, by_channel, caller, 1 / (1 - p) if p < 1 else 1.0)


def _channels(input: Tensor, p: float, training: bool, inplace: bool, caller: str, batched: bool) -> Tensor:
    if batched or _unchanged(input, p, training, caller):
        return _dropped(input, p, training, inplace, caller, True)
    if inplace:
        return replacing(_channels, f"{caller}_")(input, p, training, False, caller, batched)
    return squeeze(_dropped(unsqueeze(input, 0), p, training, False, caller, True), 0)


def _alpha(input: Tensor, p: float, training: bool, inplace: bool, caller: str, by_channel: bool) -> Tensor:
    if _unchanged(input, p, training, caller):
        return input
    if inplace:
        return replacing(_alpha, f"{caller}_")(input, p, training, False, caller, by_channel)
    keep = _kept(input, p, by_channel, caller)
    if p == 1:
        return input * keep
    a = 1 / math.sqrt((ALPHA**2 * p + 1) * (1 - p))
    return a * (input * keep + ALPHA * (keep - 1 + p))
