"""Functions that move elements or read them in another shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.errors import RangeError
from nn.functional import checks
from nn.ops import shape as ops
from nn.tensor import Tensor, as_shape

__all__ = ["cat", "flatten", "permute", "reshape", "squeeze", "stack", "transpose", "unsqueeze"]


def reshape(input: Tensor, shape: Any) -> Tensor:
    """The same elements in another shape; one length may be -1, which stands for what is left.

    Raises:
        ShapeError: the number of elements does not fit.

    Example:
        >>> import nn
        >>> nn.reshape(nn.arange(4), (2, -1))
        tensor([[0, 1],
                [2, 3]])
    """
    return checks.tensor(input, "reshape").reshape(as_shape((shape,)))


def permute(input: Tensor, dims: Any) -> Tensor:
    """The axes in another order.

    Example:
        >>> import nn
        >>> nn.permute(nn.zeros(2, 3, 4), (2, 0, 1)).shape
        (4, 2, 3)
    """
    return checks.tensor(input, "permute").permute(*dims)


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two axes exchanged.

    Example:
        >>> import nn
        >>> nn.transpose(nn.zeros(2, 3), 0, 1).shape
        (3, 2)
    """
    return checks.tensor(input, "transpose").transpose(dim0, dim1)


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The axes from `start_dim` to `end_dim` made one.

    Example:
        >>> import nn
        >>> nn.flatten(nn.zeros(2, 3, 4), 1).shape
        (2, 12)
    """
    return checks.tensor(input, "flatten").flatten(start_dim, end_dim)


def squeeze(input: Tensor, dim: int | tuple[int, ...] | None = None) -> Tensor:
    """Without the axes of length 1: all of them, or those among `dim`.

    Example:
        >>> import nn
        >>> nn.squeeze(nn.zeros(1, 3, 1)).shape
        (3,)
    """
    return checks.tensor(input, "squeeze").squeeze(dim)


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """With a new axis of length 1 at `dim`.

    Example:
        >>> import nn
        >>> nn.unsqueeze(nn.zeros(3), 0).shape
        (1, 3)
    """
    return checks.tensor(input, "unsqueeze").unsqueeze(dim)


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """The tensors one after another along an axis.

    Args:
        tensors: alike in every axis but `dim`.
        dim: the axis.

    Example:
        >>> import nn
        >>> nn.cat([nn.tensor([1.0]), nn.tensor([2.0, 3.0])])
        tensor([1., 2., 3.])
    """
    return ops.cat(_several(tensors, "cat"), dim)


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """The tensors, all of one shape, side by side along a new axis.

    Example:
        >>> import nn
        >>> nn.stack([nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0])]).shape
        (2, 2)
    """
    return ops.stack(_several(tensors, "stack"), dim)


def _several(tensors: Sequence[Tensor], caller: str) -> list[Tensor]:
    if isinstance(tensors, Tensor):
        raise TypeError(f"{caller}: a list of tensors is wanted, a tensor came; write {caller}([tensor])")
    if not tensors:
        raise RangeError(f"{caller}: at least one tensor is wanted, an empty list came")
    return [checks.tensor(t, caller, f"tensor {i}") for i, t in enumerate(tensors)]
