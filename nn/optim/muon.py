"""Muon: steps that are orthogonal matrices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from nn.errors import ShapeError
from nn.kernels.curvature import muon_
from nn.optim.optimizer import Array, Optimizer, require_at_least_0

__all__ = ["Muon"]

ADJUSTMENTS = (None, "original", "match_rms_adamw")


class Muon(Optimizer):
    """Momentum orthogonalised by Newton-Schulz: all directions of a weight matrix move by about the same length.

    b = momentum b + (1 - momentum) g;  m = b, or with nesterov (1 - momentum) g + momentum b;
    x = m / |m|, then ns_steps times x = a x + b (x x') x + c (x x')^2 x;  p = (1 - lr weight_decay) p - lr s x.
    PyTorch rounds x to bfloat16 on the way; here it has the precision of the parameter.

    Args:
        params: leaf tensors with 2 axes, the weights of hidden layers (leave the others to AdamW), or groups of them.
        lr: the learning rate.
        weight_decay: how strongly a parameter is pulled to 0.
        momentum: how much of the average of g is kept.
        nesterov: look ahead along the average.
        ns_coefficients: a, b, c.
        eps: the least |m| that is divided by.
        ns_steps: how often the singular values are pushed towards 1; less than 100.
        adjust_lr_fn: "original" (the default) for s = sqrt(max(1, rows / columns)), "match_rms_adamw" for
            s = 0.2 sqrt(max(rows, columns)), with which AdamW's rate and decay can be used.

    Raises:
        ValueError: a negative rate, decay or momentum; an unknown adjustment; not three coefficients; too many steps.
        ShapeError: a parameter that is no matrix.

    Example:
        >>> import nn
        >>> w = nn.tensor([[3.0, 0.0], [0.0, 1.0]], requires_grad=True)
        >>> optimizer = nn.optim.Muon([w], lr=0.1, weight_decay=0)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> ((w[0, 0] < 2.95) & (w[1, 1] < 0.95)).item()
        True

    References:
        Jordan et al., Muon: An Optimizer for Hidden Layers in Neural Networks, 2024; Liu et al., Muon is Scalable for
        LLM Training, 2025 (match_rms_adamw).
    """

    _kernel = staticmethod(muon_)

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        require_at_least_0(self, lr=lr, weight_decay=weight_decay, momentum=momentum)
        if adjust_lr_fn not in ADJUSTMENTS:
            raise ValueError(f"Muon: adjust_lr_fn must be original, match_rms_adamw or None, got {adjust_lr_fn!r}")
        if len(ns_coefficients) != 3:
            raise ValueError(f"Muon: ns_coefficients must be three numbers, got {ns_coefficients}")
        if ns_steps >= 100:
            raise ValueError(f"Muon: ns_steps must be less than 100, got {ns_steps}")
        options = dict(lr=lr, weight_decay=weight_decay, momentum=momentum, nesterov=nesterov, eps=eps)
        newton_schulz = dict(ns_coefficients=ns_coefficients, ns_steps=ns_steps, adjust_lr_fn=adjust_lr_fn)
        super().__init__(params, {**options, **newton_schulz})

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add a group of matrices with options of its own."""
        super().add_param_group(param_group)
        for p in self.param_groups[-1]["params"]:
            if p.ndim != 2:
                del self.param_groups[-1]
                raise ShapeError(f"Muon: parameters must have 2 axes, got one of shape {p.shape}; give it to AdamW")

    def _start(self, parameter: Array, options: Mapping[str, Any]) -> dict[str, Array]:
        return dict(momentum_buffer=np.zeros_like(parameter))
