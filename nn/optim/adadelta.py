"""Adadelta: steps that have the unit of the parameter, without a rate to choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nn.kernels.update import adadelta_
from nn.optim.optimizer import Array, Optimizer, Ways, require_at_least_0, start_of_count

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    """Steps by the gradient times the ratio of the root mean squares of past steps and past gradients.

    v = rho v + (1 - rho) g^2;  d = sqrt(u + eps) / sqrt(v + eps) g;  u = rho u + (1 - rho) d^2;  p = p - lr d.

    Args:
        params: leaf tensors, or groups of them as dicts.
        lr: a factor of the steps.
        rho: how much of the averages is kept.
        eps: under both roots; it decides how long the first steps are.
        weight_decay: the factor of the L2 penalty's gradient.
        maximize: climb instead of descending.
        ways: `foreach`, `fused` and the like, taken without effect.

    Raises:
        ValueError: a negative rate, eps or decay; rho outside [0, 1].

    Example:
        >>> import nn
        >>> w = nn.tensor([1.0, -20.0], requires_grad=True)
        >>> optimizer = nn.optim.Adadelta([w], eps=0.01)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([  0.6877, -19.6838], requires_grad=True)

    References:
        Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012.
    """

    _kernel = staticmethod(adadelta_)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **ways: Unpack[Ways],
    ) -> None:
        require_at_least_0(self, lr=lr, eps=eps, weight_decay=weight_decay)
        if not 0 <= rho <= 1:
            raise ValueError(f"Adadelta: rho must be in [0, 1], got {rho}")
        super().__init__(params, dict(lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize), **ways)

    def _start(self, parameter: Array, options: Mapping[str, Any]) -> dict[str, Array]:
        return dict(step=start_of_count(), square_avg=np.zeros_like(parameter), acc_delta=np.zeros_like(parameter))
