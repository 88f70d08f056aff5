"""Measure how variables vary together: the covariance matrix (`cov`), and the correlations (`corrcoef`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.errors import ShapeError
from nn.ops import shape
from nn.ops.precision import in_single
from nn.tensors import checks
from nn.tensors.methods import method
from nn.tensors.reduction import mean
from nn.tensors.tensor import Tensor, as_tensor

__all__ = ["corrcoef", "cov"]


@method
@in_single
def cov(
    input: Tensor, *, correction: int = 1, fweights: Tensor | None = None, aweights: Tensor | None = None
) -> Tensor:
    """The covariances of variables in rows, observed in columns: (k, n) -> (k, k); of one variable ().

    Args:
        input: the observations.
        correction: what the divisor is less than the number (or the weight) of the observations.
        fweights: how often each observation was made.
        aweights: how much each observation counts.

    Example:
        >>> import nn
        >>> nn.cov(nn.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]])).tolist()
        [[1.0, -1.0], [-1.0, 1.0]]
    """
    input = checks.tensor(input, "cov") if input.dtype.kind == "f" else input.to(np.float32)
    if input.ndim > 2:
        raise ShapeError(f"cov: expected at most 2 axes, got shape {input.shape}")
    x = input if input.ndim == 2 else shape.reshape(input, shape=(1, input.numel()))
    count: Any = x.shape[1]
    if fweights is None and aweights is None:
        centred = x - mean(x, 1, keepdim=True)
        total = centred @ centred.mT
        divisor: Any = max(0, count - correction)
    else:
        f = as_tensor(1.0 if fweights is None else fweights).to(x.dtype)
        a = as_tensor(1.0 if aweights is None else aweights).to(x.dtype)
        w = f * a + np.zeros(count, x.dtype)
        weight = w.sum()
        centred = x - (x * w).sum(1, keepdim=True) / weight
        total = (centred * w) @ centred.mT
        share = 1.0 if aweights is None else (w * a).sum() / weight
        divisor = (weight - correction * share).clamp(min=0)
    result: Tensor = shape.squeeze(total / divisor) if len(x) == 1 else total / divisor
    return result


@method
@in_single
def corrcoef(input: Tensor) -> Tensor:
    """The correlations of variables in rows, within [-1, 1].

    Example:
        >>> import nn
        >>> nn.corrcoef(nn.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
        tensor([[ 1., -1.],
                [-1.,  1.]])
    """
    c = cov(input)
    if not c.ndim:
        return c / c
    deviation = c.diagonal().sqrt()
    result: Tensor = (c / deviation.unsqueeze(1) / deviation).clamp(-1, 1)
    return result
