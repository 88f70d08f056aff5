"""Averaged stochastic gradient descent: the mean over the path is kept beside the parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nn.kernels.update import asgd_
from nn.optim.optimizer import Array, Optimizer, Ways, require_at_least_0, start_of_count

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["ASGD"]


class ASGD(Optimizer):
    """Stochastic gradient descent with a falling rate, and in the state ("ax") the average of the parameter's path.

    p = (1 - lambd eta) p - eta g;  ax = ax + mu (p - ax), mu = 1 / max(1, t - t0);  eta = lr / (1 + lambd lr t)^alpha.

    Args:
        params: leaf tensors, or groups of them as dicts.
        lr: the learning rate.
        lambd: how strongly a parameter is pulled to 0, and how fast the rate falls.
        alpha: the power with which the rate falls.
        t0: the step at which the average begins; until then "ax" is the parameter.
        weight_decay: the factor of the L2 penalty's gradient.
        maximize: climb instead of descending.
        ways: `foreach`, `fused` and the like, taken without effect.

    Raises:
        ValueError: a negative rate or weight decay.

    Example:
        >>> import nn
        >>> w = nn.tensor([1.0], requires_grad=True)
        >>> optimizer = nn.optim.ASGD([w], lr=0.1, t0=0)
        >>> for _ in range(2):
        ...     optimizer.zero_grad()
        ...     (w**2).sum().backward()
        ...     optimizer.step()
        >>> w
        tensor([0.6400], requires_grad=True)

    References:
        Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging, SIAM J. Control Optim. 1992.
    """

    _kernel = staticmethod(asgd_)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **ways: Unpack[Ways],
    ) -> None:
        require_at_least_0(self, lr=lr, weight_decay=weight_decay)
        options = dict(lr=lr, lambd=lambd, alpha=alpha, t0=t0, weight_decay=weight_decay)
        super().__init__(params, {**options, "maximize": maximize}, **ways)

    def _start(self, parameter: Array, options: Mapping[str, Any]) -> dict[str, Array]:
        rates = dict(eta=np.array(options["lr"], np.float32), mu=np.ones((), np.float32))
        return dict(step=start_of_count(), **rates, ax=np.zeros_like(parameter))
