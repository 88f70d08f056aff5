"""Adafactor: Adam without momentum, whose second moments of a matrix are kept as one number a row and a column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nn.kernels.update import adafactor_
from nn.optim.optimizer import Array, Optimizer, require_at_least_0, start_of_count

__all__ = ["Adafactor"]


class Adafactor(Optimizer):
    """Steps as long as the parameter is large, in units of a root mean square that takes little memory.

    r and c are the averages of g^2 over the columns and the rows of a matrix, moved by t^beta2_decay at step t;
    v = r c / mean(r);  u = g / sqrt(v);  p = p - max(eps2, rms(p)) min(lr, 1 / sqrt(t)) u / max(1, rms(u) / d).

    Args:
        params: leaf tensors, or groups of them as dicts.
        lr: the largest relative step.
        beta2_decay: the exponent by which the averages move less and less.
        eps: eps1, which keeps the root away from 0 (None for the step from 1 to the next number of the type), and eps2,
            the least size that a parameter is taken to have.
        d: the largest root mean square of a step in units of its length.
        weight_decay: the share by which the parameter shrinks, times lr.
        maximize: climb instead of descending.

    Raises:
        ValueError: a negative rate, eps or decay; a positive beta2_decay; d below 1.

    Example:
        >>> import nn
        >>> w = nn.tensor([[1.0, -20.0]], requires_grad=True)
        >>> optimizer = nn.optim.Adafactor([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([[ -0.4160, -18.5840]], requires_grad=True)

    References:
        Shazeer and Stern, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost, ICML 2018.
    """

    _kernel = staticmethod(adafactor_)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        require_at_least_0(self, lr=lr, weight_decay=weight_decay, eps1=eps[0] or 0.0, eps2=eps[1])
        if beta2_decay > 0 or d < 1:
            raise ValueError(f"Adafactor: beta2_decay must be 0 or less and d at least 1, got {beta2_decay} and {d}")
        options = dict(lr=lr, beta2_decay=beta2_decay, eps=eps, d=d, weight_decay=weight_decay, maximize=maximize)
        super().__init__(params, options)

    def _start(self, parameter: Array, options: Mapping[str, Any]) -> dict[str, Array]:
        if parameter.ndim < 2:
            return dict(step=start_of_count(), variance=np.zeros_like(parameter))
        *before, m, n = parameter.shape
        return dict(
            step=start_of_count(),
            row_var=np.zeros((*before, m, 1), parameter.dtype),
            col_var=np.zeros((*before, 1, n), parameter.dtype),
        )
