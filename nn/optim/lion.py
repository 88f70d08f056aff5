"""Lion: steps by the sign of the momentum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nn.kernels.update import lion_
from nn.optim.optimizer import Array, Optimizer, require_at_least_0, require_betas

__all__ = ["Lion"]


class Lion(Optimizer):
    """Evolved sign momentum: every element moves by lr, whatever the size of its gradient. Not in PyTorch.

    p = p - lr (sign(beta1 m + (1 - beta1) g) + weight_decay p);  m = beta2 m + (1 - beta2) g.

    Args:
        params: leaf tensors, or groups of them as dicts.
        lr: the length of a step; the authors advise 3 to 10 times less than for AdamW.
        betas: how much of the momentum goes into the step, and how much of it is kept.
        weight_decay: how strongly a parameter is pulled to 0; 3 to 10 times more than for AdamW.
        maximize: climb instead of descending.

    Raises:
        ValueError: a negative rate or decay; betas outside [0, 1).

    Example:
        >>> import nn
        >>> w = nn.tensor([1.0, -20.0], requires_grad=True)
        >>> optimizer = nn.optim.Lion([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([  0.9000, -19.9000], requires_grad=True)

    References:
        Chen et al., Symbolic Discovery of Optimization Algorithms, NeurIPS 2023.
    """

    _kernel = staticmethod(lion_)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        require_at_least_0(self, lr=lr, weight_decay=weight_decay)
        require_betas(self, betas)
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay, maximize=maximize))

    def _start(self, parameter: Array, options: Mapping[str, Any]) -> dict[str, Array]:
        return dict(exp_avg=np.zeros_like(parameter))
