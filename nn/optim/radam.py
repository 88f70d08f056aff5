"""RAdam: Adam that trusts its spread only once it is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nn.kernels.update import radam_
from nn.optim.optimizer import Array, Optimizer, Ways, require_at_least_0, require_betas, start_of_count

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["RAdam"]


class RAdam(Optimizer):
    """Rectified Adam: the first steps go by the average gradient alone, later ones by Adam's ratio times r <= 1.

    m, v as in Adam;  L = 2 / (1 - beta2) - 1;  l = L - 2 t beta2^t / (1 - beta2^t);
    p = p - lr m / (1 - beta1^t) r sqrt(1 - beta2^t) / (sqrt(v) + eps) where l > 5, else p - lr m / (1 - beta1^t);
    r^2 = (l - 4) (l - 2) L / ((L - 4) (L - 2) l).

    Args:
        params: leaf tensors, or groups of them as dicts.
        lr: the learning rate.
        betas: how much of the averages of g and of g^2 is kept.
        eps: added to the root, so that nothing is divided by 0.
        weight_decay: the factor of the L2 penalty's gradient.
        decoupled_weight_decay: shrink the parameter itself, as AdamW.
        maximize: climb instead of descending.
        ways: `foreach`, `fused` and the like, taken without effect.

    Raises:
        ValueError: a negative rate, eps or decay; betas outside [0, 1).

    Example:
        >>> import nn
        >>> w = nn.tensor([1.0, -20.0], requires_grad=True)
        >>> optimizer = nn.optim.RAdam([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([  0.8000, -16.0000], requires_grad=True)

    References:
        Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, ICLR 2020.
    """

    _kernel = staticmethod(radam_)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
        **ways: Unpack[Ways],
    ) -> None:
        require_at_least_0(self, lr=lr, eps=eps, weight_decay=weight_decay)
        require_betas(self, betas)
        options = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)
        flags = dict(decoupled_weight_decay=decoupled_weight_decay, maximize=maximize)
        super().__init__(params, {**options, **flags}, **ways)

    def _start(self, parameter: Array, options: Mapping[str, Any]) -> dict[str, Array]:
        return dict(step=start_of_count(), exp_avg=np.zeros_like(parameter), exp_avg_sq=np.zeros_like(parameter))
