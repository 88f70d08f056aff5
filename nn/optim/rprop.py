"""Rprop: steps by the sign of the gradient, for full batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nn.kernels.update import rprop_
from nn.optim.optimizer import Array, Optimizer, Ways, require_at_least_0, start_of_count

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["Rprop"]


class Rprop(Optimizer):
    """Resilient backpropagation: a step size for each element, longer while the sign stays, shorter when it turns.

    s = min(s eta_plus, largest) where the sign of g is that of the last step, max(s eta_minus, least) where it turned
    (there g counts as 0);  p = p - s sign(g).

    Args:
        params: leaf tensors, or groups of them as dicts.
        lr: the first step size.
        etas: eta_minus and eta_plus.
        step_sizes: the least and the largest step size.
        maximize: climb instead of descending.
        ways: `foreach`, `fused` and the like, taken without effect.

    Raises:
        ValueError: a negative rate; etas not on both sides of 1.

    Example:
        >>> import nn
        >>> w = nn.tensor([1.0, -20.0], requires_grad=True)
        >>> optimizer = nn.optim.Rprop([w], lr=0.1)
        >>> for _ in range(2):
        ...     optimizer.zero_grad()
        ...     (w**2).sum().backward()
        ...     optimizer.step()
        >>> w
        tensor([  0.7800, -19.7800], requires_grad=True)

    References:
        Riedmiller and Braun, A Direct Adaptive Method for Faster Backpropagation Learning: The RPROP Algorithm, 1993.
    """

    _kernel = staticmethod(rprop_)
    _for_start = ("lr",)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        maximize: bool = False,
        **ways: Unpack[Ways],
    ) -> None:
        require_at_least_0(self, lr=lr)
        if not 0 < etas[0] < 1 < etas[1]:
            raise ValueError(f"Rprop: etas must be one number in (0, 1) and one above 1, got {etas}")
        super().__init__(params, dict(lr=lr, etas=etas, step_sizes=step_sizes, maximize=maximize), **ways)

    def _start(self, parameter: Array, options: Mapping[str, Any]) -> dict[str, Array]:
        sizes = np.full_like(parameter, options["lr"])
        return dict(step=start_of_count(), prev=np.zeros_like(parameter), step_size=sizes)
