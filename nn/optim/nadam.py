"""NAdam: Adam with Nesterov's look ahead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nn.kernels.update import nadam_
from nn.optim.optimizer import Array, Optimizer, Ways, require_at_least_0, require_betas, start_of_count

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["NAdam"]


class NAdam(Optimizer):
    """Adam whose step mixes the gradient itself with the average as it will be at the next step.

    m, v as in Adam;  mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2);  M_t = mu_1 ... mu_t;
    p = p - lr (mu_{t+1} m / (1 - M_{t+1}) + (1 - mu_t) g / (1 - M_t)) / (sqrt(v / (1 - beta2^t)) + eps).

    Args:
        params: leaf tensors, or groups of them as dicts.
        lr: the learning rate, about the length of a step.
        betas: how much of the averages of g and of g^2 is kept.
        eps: added to the root, so that nothing is divided by 0.
        weight_decay: the factor of the L2 penalty's gradient.
        momentum_decay: how fast mu_t rises from beta1 / 2 to beta1.
        decoupled_weight_decay: shrink the parameter itself, as AdamW.
        maximize: climb instead of descending.
        ways: `foreach`, `fused` and the like, taken without effect.

    Raises:
        ValueError: a negative rate, eps or decay; betas outside [0, 1).

    Example:
        >>> import nn
        >>> w = nn.tensor([1.0, -20.0], requires_grad=True)
        >>> optimizer = nn.optim.NAdam([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([  0.8944, -19.8944], requires_grad=True)

    References:
        Dozat, Incorporating Nesterov Momentum into Adam, ICLR workshop 2016.
    """

    _kernel = staticmethod(nadam_)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
        **ways: Unpack[Ways],
    ) -> None:
        require_at_least_0(self, lr=lr, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay)
        require_betas(self, betas)
        options = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay)
        flags = dict(decoupled_weight_decay=decoupled_weight_decay, maximize=maximize)
        super().__init__(params, {**options, **flags}, **ways)

    def _start(self, parameter: Array, options: Mapping[str, Any]) -> dict[str, Array]:
        averages = dict(exp_avg=np.zeros_like(parameter), exp_avg_sq=np.zeros_like(parameter))
        return dict(step=start_of_count(), mu_product=np.ones((), np.float32), **averages)
