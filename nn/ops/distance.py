"""Norms and distances of vectors, as composites. Where a vector is 0, so is the gradient of its norm."""

from __future__ import annotations

import math
from typing import Any

from nn.ops.arithmetic import abs, sign, sqrt, where
from nn.ops.reduction import amax, amin, sum

Dim = int | tuple[int, ...] | None


def norm(x: Any, p: float, dim: Dim, keepdim: bool = False) -> Any:
    """(sum of |x|^p)^(1/p) over `dim`; p = inf is the largest |x|, p = 0 the number of elements that are not 0."""
    if p == 2:
        return _root(sum(x**2, dim=dim, keepdim=keepdim), 2)
    size = abs(x)
    if p == math.inf:
        return amax(size, dim=dim, keepdim=keepdim)
    if p == -math.inf:
        return amin(size, dim=dim, keepdim=keepdim)
    if p == 0:
        return sum(sign(size), dim=dim, keepdim=keepdim)
    if p == 1:
        return sum(size, dim=dim, keepdim=keepdim)
    if p < 2:  # |x|^(p - 1) in the derivative: its slope at 0 is that of |x|, which is 0
        zero = size == 0
        powers = where(zero, 0.0 if p > 0 else math.inf, where(zero, 1.0, size) ** p)
    else:
        powers = size**p
    return _root(sum(powers, dim=dim, keepdim=keepdim), p)


def _root(x: Any, p: float) -> Any:
    """x^(1/p), with the derivative 0 at 0."""
    zero = x == 0
    safe = where(zero, 1.0, x)
    return where(zero, 0.0, sqrt(safe) if p == 2 else safe ** (1 / p))
