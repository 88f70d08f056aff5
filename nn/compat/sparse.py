"""Sparse tensors, which are dense ones here: the numbers are right, the memory is not saved."""

from __future__ import annotations

from typing import Any

from nn.compat import settings
from nn.tensors.creation import zeros
from nn.tensors.tensor import Tensor, as_tensor

__all__ = ["sparse_coo_tensor"]

DENSE = "sparse tensors are dense ones here: right numbers, no memory saved"


def sparse_coo_tensor(indices: Any, values: Any, size: Any = None, **named: Any) -> Tensor:
    """The values in their places, what stands in one place added up; elsewhere 0.

    Shape:
        indices (axes, N), values (N, *)

    Example:
        >>> sparse_coo_tensor([[0, 1, 1], [2, 0, 0]], [3.0, 4.0, 5.0], (2, 3))
        tensor([[0., 0., 3.],
                [9., 0., 0.]])
    """
    settings.say_once(DENSE)
    places, numbers = as_tensor(indices).long(), as_tensor(values)
    if size is None:
        size = (*(int(row.max().item()) + 1 for row in places), *numbers.shape[1:])
    dtype = named.get("dtype") or numbers.dtype
    made = zeros(*size, dtype=dtype).index_put(tuple(places), numbers.to(dtype), accumulate=True)
    return made.requires_grad_() if named.get("requires_grad") else made


def as_dense(input: Tensor, *args: Any, **named: Any) -> Tensor:
    """The tensor itself: `to_sparse`, `to_dense` and `coalesce`."""
    settings.say_once(DENSE)
    return input
