"""Adamax: Adam with the largest gradient in place of the root mean square."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nn.kernels.update import adamax_
from nn.optim.optimizer import Array, Optimizer, Ways, require_at_least_0, require_betas, start_of_count

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["Adamax"]


class Adamax(Optimizer):
    """Steps by the average gradient, in units of the largest recent one.

    m = beta1 m + (1 - beta1) g;  u = max(beta2 u, |g| + eps);  p = p - lr m / (1 - beta1^t) / u.

    Args:
        params: leaf tensors, or groups of them as dicts.
        lr: the learning rate, about the length of a step.
        betas: how much is kept of the average of g, and of the largest |g|.
        eps: added to |g|, so that nothing is divided by 0.
        weight_decay: the factor of the L2 penalty's gradient.
        maximize: climb instead of descending.
        ways: `foreach`, `fused` and the like, taken without effect.

    Raises:
        ValueError: a negative rate, eps or decay; betas outside [0, 1).

    Example:
        >>> import nn
        >>> w = nn.tensor([1.0, -20.0], requires_grad=True)
        >>> optimizer = nn.optim.Adamax([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([  0.9000, -19.9000], requires_grad=True)

    References:
        Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, section 7.1.
    """

    _kernel = staticmethod(adamax_)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **ways: Unpack[Ways],
    ) -> None:
        require_at_least_0(self, lr=lr, eps=eps, weight_decay=weight_decay)
        require_betas(self, betas)
        super().__init__(
            params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize), **ways
        )

    def _start(self, parameter: Array, options: Mapping[str, Any]) -> dict[str, Array]:
        return dict(step=start_of_count(), exp_avg=np.zeros_like(parameter), exp_inf=np.zeros_like(parameter))
