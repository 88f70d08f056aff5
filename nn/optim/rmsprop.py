"""RMSprop: steps in units of the gradient's root mean square."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nn.kernels.update import rmsprop_
from nn.optim.optimizer import Array, Optimizer, Ways, require_at_least_0, start_of_count

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    """Steps by the gradient over its root mean square (or, centered, its standard deviation), with momentum.

    v = alpha v + (1 - alpha) g^2;  centered: a = alpha a + (1 - alpha) g, and v - a^2 stands for v;
    b = momentum b + g / (sqrt(v) + eps);  p = p - lr b.

    Args:
        params: leaf tensors, or groups of them as dicts.
        lr: the learning rate.
        alpha: how much of the averages is kept.
        eps: added to the root, so that nothing is divided by 0.
        weight_decay: the factor of the L2 penalty's gradient.
        momentum: how much of the last step is kept.
        centered: divide by the standard deviation.
        maximize: climb instead of descending.
        ways: `foreach`, `fused` and the like, taken without effect.

    Raises:
        ValueError: a negative option.

    Example:
        >>> import nn
        >>> w = nn.tensor([1.0, -20.0], requires_grad=True)
        >>> optimizer = nn.optim.RMSprop([w], lr=0.01)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([  0.9000, -19.9000], requires_grad=True)

    References:
        Tieleman and Hinton, Neural Networks for Machine Learning, lecture 6.5, 2012; Graves, Generating Sequences With
        Recurrent Neural Networks, 2013 (centered).
    """

    _kernel = staticmethod(rmsprop_)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
        **ways: Unpack[Ways],
    ) -> None:
        options = dict(lr=lr, momentum=momentum, alpha=alpha, eps=eps, weight_decay=weight_decay)
        require_at_least_0(self, **options)
        super().__init__(params, {**options, "centered": centered, "maximize": maximize}, **ways)

    def _start(self, parameter: Array, options: Mapping[str, Any]) -> dict[str, Array]:
        names = ["square_avg"] + ["momentum_buffer"] * (options["momentum"] > 0) + ["grad_avg"] * options["centered"]
        return {"step": start_of_count(), **{name: np.zeros_like(parameter) for name in names}}
