"""Turn numbers into shares that sum to 1 (`softmax`), or into their logarithms (`log_softmax`)."""

from __future__ import annotations

from numpy.typing import DTypeLike

from nn.ops import softmax as ops
from nn.tensors import checks
from nn.tensors.methods import method
from nn.tensors.tensor import Tensor

__all__ = ["log_softmax", "softmax"]


@method
def softmax(input: Tensor, dim: int, dtype: DTypeLike | None = None) -> Tensor:
    """e^x / (sum of e^x along `dim`): positive numbers that sum to 1; large x do not overflow.

    Args:
        input: logits, any shape.
        dim: the axis of the classes.
        dtype: the element type to compute in; that of the input by default.

    Example:
        >>> import nn
        >>> nn.functional.softmax(nn.tensor([[0.0, 0.0], [1000.0, 0.0]]), dim=1)
        tensor([[0.5000, 0.5000],
                [1.0000, 0.0000]])
    """
    return ops.softmax(checks.floating(_cast(input, dtype, "softmax"), "softmax"), dim=dim)


@method
def log_softmax(input: Tensor, dim: int, dtype: DTypeLike | None = None) -> Tensor:
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
    return ops.log_softmax(checks.floating(_cast(input, dtype, "log_softmax"), "log_softmax"), dim=dim)


def _cast(input: Tensor, dtype: DTypeLike | None, caller: str) -> Tensor:
    return checks.tensor(input, caller) if dtype is None else checks.tensor(input, caller).to(dtype)
