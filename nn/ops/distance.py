"""Euclidean distances between all rows of two matrices: the one op behind `cdist` and `pdist`."""

from __future__ import annotations

from typing import Any

from nn.autograd.op import Op
from nn.kernels import distance as kernels
from nn.ops.arithmetic import where
from nn.ops.linear import matrix_product
from nn.ops.reduction import sum
from nn.ops.shape import transpose


def _share(g: Any, y: Any) -> Any:
    """g / y, and 0 where y is 0."""
    zero = y == 0
    return where(zero, 0.0, g / where(zero, 1.0, y))


euclidean = Op(
    kernels.euclidean,
    vjp=dict(  # each row is pulled along the differences
        x=lambda g, y, x, other: pull(_share(g, y), x, other),
        other=lambda g, y, x, other: pull(transpose(_share(g, y)), other, x),
    ),
    samples=lambda r: [r.normal((3, 2), (4, 2)), r.normal((2, 3, 2), (4, 2)), r.normal((2, 1, 3), (2, 3, 3))],
)
pull = Op(
    kernels.pull,
    vjp=dict(
        w=lambda g, x, other: sum(g * x, dim=-1, keepdim=True) - matrix_product(g, transpose(other)),
        x=lambda g, w: g * sum(w, dim=-1, keepdim=True),
        other=lambda g, w: -matrix_product(transpose(w), g),
    ),
    samples=lambda r: [r.normal((3, 4), (3, 2), (4, 2)), r.normal((2, 3, 4), (2, 3, 2), (4, 2))],
)
