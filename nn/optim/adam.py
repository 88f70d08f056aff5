"""Adam, and AdamW, whose weight decay does not pass through the averages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nn.kernels.update import adam_
from nn.optim.optimizer import Array, Optimizer, Ways, require_at_least_0, require_betas, start_of_count

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["Adam", "AdamW"]


class Adam(Optimizer):
    """Adaptive moments: steps by the average gradient, in units of its root mean square, element by element.

    m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
    p = p - lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps).

    Args:
        params: leaf tensors, or groups of them as dicts.
        lr: the learning rate, about the length of a step.
        betas: how much of the averages of g and of g^2 is kept.
        eps: added to the root, so that nothing is divided by 0.
        weight_decay: the factor of the L2 penalty's gradient.
        amsgrad: divide by the largest v so far.
        maximize: climb instead of descending.
        decoupled_weight_decay: shrink the parameter itself, as AdamW.
        ways: `foreach`, `fused` and the like, taken without effect.

    Raises:
        ValueError: a negative rate, eps or decay; betas outside [0, 1).

    Example:
        >>> import nn
        >>> w = nn.tensor([1.0, -20.0], requires_grad=True)
        >>> optimizer = nn.optim.Adam([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([  0.9000, -19.9000], requires_grad=True)

    References:
        Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015; Reddi et al., On the Convergence of Adam
        and Beyond, ICLR 2018 (amsgrad).
    """

    _kernel = staticmethod(adam_)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
        **ways: Unpack[Ways],
    ) -> None:
        require_at_least_0(self, lr=lr, eps=eps, weight_decay=weight_decay)
        require_betas(self, betas)
        options = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize)
        super().__init__(params, {**options, "decoupled_weight_decay": decoupled_weight_decay}, **ways)

    def _start(self, parameter: Array, options: Mapping[str, Any]) -> dict[str, Array]:
        names = ["exp_avg", "exp_avg_sq"] + ["max_exp_avg_sq"] * options["amsgrad"]
        return {"step": start_of_count(), **{name: np.zeros_like(parameter) for name in names}}


class AdamW(Adam):
    """Adam with decoupled weight decay: each step first shrinks the parameter by the factor 1 - lr weight_decay.

    Args:
        params: leaf tensors, or groups of them as dicts.
        lr: the learning rate, about the length of a step.
        betas: how much of the averages of g and of g^2 is kept.
        eps: added to the root, so that nothing is divided by 0.
        weight_decay: how strongly a parameter is pulled to 0.
        amsgrad: divide by the largest v so far.
        maximize: climb instead of descending.
        ways: `foreach`, `fused` and the like, taken without effect.

    Raises:
        ValueError: a negative rate, eps or decay; betas outside [0, 1).

    Example:
        >>> import nn
        >>> w = nn.tensor([1.0], requires_grad=True)
        >>> optimizer = nn.optim.AdamW([w], lr=0.1, weight_decay=0.5)
        >>> w.sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.8500], requires_grad=True)

    References:
        Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        **ways: Unpack[Ways],
    ) -> None:
        options = dict(maximize=maximize, decoupled_weight_decay=True)
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, **options, **ways)
