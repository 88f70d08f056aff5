"""Functions that move elements or read them in another shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.errors import RangeError, ShapeError
from nn.functional import checks
from nn.ops import shape as ops
from nn.tensor import Tensor, as_dim, as_shape, axes_method, method

__all__ = ["cat", "clone", "flatten", "permute", "reshape", "squeeze", "stack", "t", "transpose", "unsqueeze"]


@axes_method
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
    return ops.reshape(checks.tensor(input, "reshape"), shape=as_shape((shape,)))


axes_method(reshape, "view")


@axes_method
def permute(input: Tensor, dims: Any) -> Tensor:
    """The axes in another order.

    Example:
        >>> import nn
        >>> nn.permute(nn.zeros(2, 3, 4), (2, 0, 1)).shape
        (4, 2, 3)
    """
    return ops.permute(checks.tensor(input, "permute"), dims=as_shape((dims,)))


@method
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two axes exchanged.

    Example:
        >>> import nn
        >>> nn.transpose(nn.zeros(2, 3), 0, 1).shape
        (3, 2)
    """
    return ops.transpose(checks.tensor(input, "transpose"), dim0=dim0, dim1=dim1)


@method
def t(input: Tensor) -> Tensor:
    """A matrix transposed; a vector stays as it is.

    Raises:
        ShapeError: there are more than two axes.

    Example:
        >>> import nn
        >>> nn.zeros(2, 3).t().shape
        (3, 2)
    """
    if checks.tensor(input, "t").ndim > 2:
        raise ShapeError(f"t: at most 2 axes are wanted, this tensor is {input.shape}; use transpose or mT")
    return input.T


@axes_method
def expand(input: Tensor, size: Any) -> Tensor:
    """Broadcast to a shape, without a copy; -1 keeps an axis.

    Example:
        >>> import nn
        >>> nn.tensor([[1], [2]]).expand(-1, 3)
        tensor([[1, 1, 1],
                [2, 2, 2]])
    """
    wanted = as_shape((size,))
    if len(wanted) < input.ndim:
        raise ShapeError(f"expand: {wanted} has fewer axes than the tensor's shape {input.shape}; name every axis")
    own = (1,) * (len(wanted) - input.ndim) + input.shape
    return ops.expand(input, shape=tuple(n if w == -1 else w for w, n in zip(wanted, own, strict=True)))


@method
def clone(input: Tensor) -> Tensor:
    """A copy that gradients flow through.

    Example:
        >>> import nn
        >>> nn.clone(nn.ones(2))
        tensor([1., 1.])
    """
    return ops.clone(checks.tensor(input, "clone"))


@method
def contiguous(input: Tensor) -> Tensor:
    """The same values in C order.

    Example:
        >>> import nn
        >>> nn.zeros(2, 3).T.contiguous().numpy().flags.c_contiguous
        True
    """
    return input if input._array.flags.c_contiguous else ops.clone(input)


@method
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The axes from `start_dim` to `end_dim` made one.

    Example:
        >>> import nn
        >>> nn.flatten(nn.zeros(2, 3, 4), 1).shape
        (2, 12)
    """
    return ops.flatten(checks.tensor(input, "flatten"), start_dim, end_dim)


@method
def squeeze(input: Tensor, dim: int | tuple[int, ...] | None = None) -> Tensor:
    """Without the axes of length 1: all of them, or those among `dim`.

    Example:
        >>> import nn
        >>> nn.squeeze(nn.zeros(1, 3, 1)).shape
        (3,)
    """
    return ops.squeeze(checks.tensor(input, "squeeze"), as_dim(dim))


@method
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """With a new axis of length 1 at `dim`.

    Example:
        >>> import nn
        >>> nn.unsqueeze(nn.zeros(3), 0).shape
        (1, 3)
    """
    return ops.unsqueeze(checks.tensor(input, "unsqueeze"), dim)


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
