"""Steps of optimisers, in place: a trailing underscore changes its first operands."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]


def sgd_(
    parameter: Array,
    g: Array,
    buffer: Array | None,
    *,
    lr: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
    maximize: bool = False,
) -> Array | None:
    """One step of SGD; returns the velocity (None without momentum), which is made at the first step.

    d = g + weight_decay p;  v = momentum v + (1 - dampening) d, at first d;  p -= lr v, or lr (d + momentum v).
    """
    if maximize:
        g = -g
    if weight_decay:
        g = g + weight_decay * parameter
    if momentum:
        if buffer is None:
            buffer = g.copy()
        else:
            buffer *= momentum
            buffer += g if not dampening else (1 - dampening) * g
        g = g + momentum * buffer if nesterov else buffer
    parameter -= lr * g
    return buffer
