"""Turn numbers into shares that sum to 1 (`softmax`), or into their logarithms (`log_softmax`).

PyTorch has each twice, with the element type as the third argument or as the fourth, after `_stacklevel`: which line a
warning is about, 3 for the one that calls. The one function here tells a number of lines from a type.
"""

from __future__ import annotations

import warnings
from typing import Any

from numpy.typing import DTypeLike

from nn.ops import softmax as ops
from nn.tensors import checks
from nn.tensors.methods import method
from nn.tensors.tensor import Tensor

__all__ = ["log_softmax", "softmax"]


@method
def softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int | DTypeLike = 3, dtype: DTypeLike | None = None
) -> Tensor:
    """e^x / (sum of e^x along `dim`): positive numbers that sum to 1; large x do not overflow.

    Args:
        input: logits, any shape.
        dim: the axis of the classes; without it one is guessed, with a warning, as in old programs.
        dtype: the element type to compute in; that of the input by default.

    Example:
        >>> import nn
        >>> nn.functional.softmax(nn.tensor([[0.0, 0.0], [1000.0, 0.0]]), dim=1)
        tensor([[0.5000, 0.5000],
                [1.0000, 0.0000]])
    """
    frames, dtype = in_order(_stacklevel, dtype)
    x = checks.floating(_cast(input, dtype, "softmax"), "softmax")
    return ops.softmax(x, dim=guessed(x, "softmax", frames + 1) if dim is None else dim)


@method
def log_softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int | DTypeLike = 3, dtype: DTypeLike | None = None
) -> Tensor:
    """x - ln(sum of e^x along `dim`), exact where the softmax itself would round to 0.

    Args:
        input: logits, any shape.
        dim: the axis of the classes.
        dtype: the element type to compute in; that of the input by default.

    Example:
        >>> import nn
        >>> nn.functional.log_softmax(nn.tensor([1000.0, 0.0]), dim=0)
        tensor([    0., -1000.])
    """
    frames, dtype = in_order(_stacklevel, dtype)
    x = checks.floating(_cast(input, dtype, "log_softmax"), "log_softmax")
    return ops.log_softmax(x, dim=guessed(x, "log_softmax", frames + 1) if dim is None else dim)


def in_order(stacklevel: Any, dtype: DTypeLike | None) -> tuple[int, DTypeLike | None]:
    """How far away the line of a warning is, and the element type, wherever they stand."""
    return (stacklevel, dtype) if isinstance(stacklevel, int) else (3, dtype if stacklevel is None else stacklevel)


def guessed(input: Tensor, caller: str, frames: int) -> int:
    """The axis of the classes where none is given, with a warning about a line so many frames away."""
    warnings.warn(f"{caller}: the axis is guessed as PyTorch does; say dim=..., e.g. dim=-1", stacklevel=frames)
    return 0 if input.ndim in (0, 1, 3) else 1


def _cast(input: Tensor, dtype: DTypeLike | None, caller: str) -> Tensor:
    return checks.tensor(input, caller) if dtype is None else checks.tensor(input, caller).to(dtype)
