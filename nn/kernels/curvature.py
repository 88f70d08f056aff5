"""Steps that look at more than one element at a time: Muon's orthogonal step, L-BFGS's direction and line search."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.threads import dot, product
from nn.kernels.update import lerp_

Array = NDArray[Any]


def orthogonalized(m: Array, *, coefficients: tuple[float, float, float], steps: int, eps: float) -> Array:
    """About U V^T of m = U S V^T: odd quintics a x + b x^3 + c x^5 push the singular values of m / |m| towards 1."""
    a, b, c = coefficients
    tall = m.shape[0] > m.shape[1]
    x = m.T if tall else m
    flat = x.ravel("K")
    x = x / max(math.sqrt(dot(flat, flat)), eps)
    for _ in range(steps):
        gram = product(x, x.T)
        x = a * x + product(b * gram + c * product(gram, gram), x)
    return x.T if tall else x


def muon_(
    parameter: Array,
    g: Array,
    momentum_buffer: Array,
    *,
    lr: float,
    weight_decay: float,
    momentum: float,
    nesterov: bool,
    ns_coefficients: tuple[float, float, float],
    eps: float,
    ns_steps: int,
    adjust_lr_fn: str | None,
) -> None:
    """b = momentum b + (1 - momentum) g;  p = (1 - lr weight_decay) p - lr s orthogonalized(b), s by the shape."""
    lerp_(momentum_buffer, g, 1 - momentum)
    m = g + momentum * (momentum_buffer - g) if nesterov else momentum_buffer
    rows, columns = parameter.shape
    scale = (
        0.2 * math.sqrt(max(rows, columns)) if adjust_lr_fn == "match_rms_adamw" else math.sqrt(max(1, rows / columns))
    )
    parameter *= 1 - lr * weight_decay
    parameter -= lr * scale * orthogonalized(m, coefficients=ns_coefficients, steps=ns_steps, eps=eps)


def lbfgs_direction(
    g: Array, changes_of_g: Sequence[Array], steps: Sequence[Array], inverse_products: Sequence[Any], scale: Any
) -> Array:
    """-H g for the inverse Hessian H that the last steps s and changes of the gradient y tell of, by two loops.

    `inverse_products` are 1 / (y . s), `scale` is the multiple of the identity that H starts from; all are 1-d.
    """
    q = -g
    past = list(zip(changes_of_g, steps, inverse_products, strict=True))
    weights = []
    for y, s, inverse in reversed(past):
        weights.append(dot(s, q) * inverse)
        q -= weights[-1] * y
    q *= scale
    for (y, s, inverse), weight in zip(past, reversed(weights), strict=True):
        q += (weight - dot(y, q) * inverse) * s
    return q


def move_(parameters: Sequence[Array], direction: Array, *, t: float) -> None:
    """p += t d for parameters whose elements stand in the direction one after another."""
    ends = np.cumsum([p.size for p in parameters])
    for p, end in zip(parameters, ends, strict=True):
        p += t * direction[end - p.size : end].reshape(p.shape)


def cubic_minimum(
    x1: float, f1: float, slope1: float, x2: float, f2: float, slope2: float, bounds: tuple[float, float]
) -> float:
    """Where the cubic with these values and slopes at two points is least, within the bounds; else their middle."""
    low, high = bounds
    if x1 > x2:
        x1, f1, slope1, x2, f2, slope2 = x2, f2, slope2, x1, f1, slope1
    width = np.float64(x2 - x1)
    d1 = slope1 + slope2 - 3 * (f2 - f1) / width
    square = d1 * d1 - slope1 * slope2
    if not square >= 0:
        return (low + high) / 2
    d2 = np.sqrt(square)
    return float(min(max(x2 - width * ((slope2 + d2 - d1) / (slope2 - slope1 + 2 * d2)), low), high))
