"""Adagrad: the more an element has moved, the shorter its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nn.kernels.update import adagrad_
from nn.optim.optimizer import Array, Optimizer, Ways, require_at_least_0, start_of_count

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    """Steps in units of the root of all squared gradients so far: rare features keep a large rate.

    s = s + g^2;  p = p - lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps).

    Args:
        params: leaf tensors, or groups of them as dicts.
        lr: the learning rate, the length of the first step.
        lr_decay: how fast the rate falls with the number of steps.
        weight_decay: the factor of the L2 penalty's gradient.
        initial_accumulator_value: what s starts from.
        eps: added to the root, so that nothing is divided by 0.
        maximize: climb instead of descending.
        ways: `foreach`, `fused` and the like, taken without effect.

    Raises:
        ValueError: a negative rate, decay, start or eps.

    Example:
        >>> import nn
        >>> w = nn.tensor([1.0, -20.0], requires_grad=True)
        >>> optimizer = nn.optim.Adagrad([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([  0.9000, -19.9000], requires_grad=True)

    References:
        Duchi et al., Adaptive Subgradient Methods for Online Learning and Stochastic Optimization, JMLR 2011.
    """

    _kernel = staticmethod(adagrad_)
    _for_start = ("initial_accumulator_value",)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
        **ways: Unpack[Ways],
    ) -> None:
        options = dict(lr=lr, lr_decay=lr_decay, weight_decay=weight_decay, eps=eps)
        options["initial_accumulator_value"] = initial_accumulator_value
        require_at_least_0(self, **options)
        super().__init__(params, {**options, "maximize": maximize}, **ways)

    def _start(self, parameter: Array, options: Mapping[str, Any]) -> dict[str, Array]:
        return dict(step=start_of_count(), sum=np.full_like(parameter, options["initial_accumulator_value"]))
