"""Stochastic gradient descent, with momentum and weight decay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.kernels.update import sgd_
from nn.optim.optimizer import Array, Optimizer, Ways, require_at_least_0

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["SGD"]


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum (Polyak's or Nesterov's) and weight decay.

    d = g + weight_decay p;  v = momentum v + (1 - dampening) d, at the first step v = d;
    p = p - lr v, or with nesterov p - lr (d + momentum v).

    Args:
        params: leaf tensors, or groups of them as dicts.
        lr: the learning rate.
        momentum: how much of the last velocity is kept.
        dampening: how much of the gradient is left out of the velocity.
        weight_decay: the factor of the L2 penalty's gradient.
        nesterov: look ahead along the velocity.
        maximize: climb instead of descending.
        ways: `foreach`, `fused` and the like, taken without effect.

    Raises:
        ValueError: a negative rate, momentum or decay; nesterov without momentum or with dampening.

    Example:
        >>> import nn
        >>> w = nn.tensor([1.0], requires_grad=True)
        >>> optimizer = nn.optim.SGD([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.8000], requires_grad=True)

    References:
        Sutskever et al., On the Importance of Initialization and Momentum in Deep Learning, ICML 2013.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        **ways: Unpack[Ways],
    ) -> None:
        require_at_least_0(self, lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("SGD: nesterov needs momentum above 0 and dampening 0")
        options = dict(lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay)
        super().__init__(params, {**options, "nesterov": nesterov, "maximize": maximize}, **ways)

    def _update(self, parameter: Array, g: Array, state: dict[str, Any], options: Mapping[str, Any]) -> None:
        buffer = state.get("momentum_buffer")  # made by the first step: there it is the gradient, without dampening
        velocity = mode.quiet(sgd_, parameter, g, None if buffer is None else buffer._array, **options)
        if buffer is None and velocity is not None:
            state["momentum_buffer"] = wrap(velocity)
