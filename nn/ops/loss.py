"""Losses with a kernel of their own: the mean squared error, and the binary cross-entropy of probabilities.

All other losses are composites and stand in `nn.functional.loss`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.autograd.op import Op
from nn.autograd.plain import Binary
from nn.autograd.samples import Draw, Sample
from nn.kernels import loss as kernels
from nn.kernels.arithmetic import promote
from nn.ops.arithmetic import clamp, clamp_backward, log, log1p


def _probabilities(r: Draw, extra: int = 0) -> list[Sample]:
    shapes = ((2, 3), (4,), ())
    return [
        r.of(*r.normal(*[s] * extra).operands, *(np.float64(r.rng.uniform(0.1, 0.9, size=s)) for _ in range(2)))
        for s in shapes
    ]


def _classes(r: Draw) -> list[Sample]:
    """Values for three classes, and the class of each sample."""
    return [
        r.of(r.rng.normal(size=3), np.array(2), dim=0),
        r.of(r.rng.normal(size=(4, 3)), np.array([2, 0, 1, 0]), dim=1),
        r.of(r.rng.normal(size=(2, 3, 2)), np.array([[2, 2], [0, 1]]), dim=1),
    ]


def _backward_probs(u: Any, g: Any, probs: Any, target: Any) -> Any:
    """d/dp of g (p - t) / d, with d = max(p (1 - p), 1e-12) and d' = 1 - 2 p above that floor."""
    d, slope = _denominator(probs)
    return u * g * (d - (probs - target) * slope) / d**2


def _denominator(probs: Any) -> tuple[Any, Any]:
    product = probs * (1 - probs)
    return clamp(product, min=1e-12), clamp_backward(1 - 2 * probs, product, min=1e-12)


def _slope(g: Any, x: Any, target: Any) -> Any:
    """2 (x - t) g / n."""
    distance = x - target
    return 2 / max(1, math.prod(distance.shape)) * g * distance


mean_squared_error = Binary(
    kernels.mean_squared_error,
    vjp=dict(x=_slope, target=lambda g, x, target: -_slope(g, x, target)),
    samples=lambda r: [r.normal((2, 3), (2, 3)), r.normal((3, 1), (4,)), r.normal((), ())],
    prepare=promote,
)
nll = Op(
    kernels.nll,
    vjp=dict(x=lambda g, x_shape, index, dim: nll_backward(g, index, dim=dim, size=x_shape[dim])),
    samples=_classes,
)
nll_backward = Op(
    kernels.nll_backward,
    vjp=dict(g=lambda u, index, dim: nll(u, index, dim=dim)),
    samples=lambda r: [
        r.of(r.rng.normal(size=s.operands[1].shape), s.operands[1], size=3, **s.attributes) for s in _classes(r)
    ],
)
binary_cross_entropy = Op(
    kernels.binary_cross_entropy,
    vjp=dict(
        probs=lambda g, probs, target: binary_cross_entropy_backward(g, probs, target),
        target=lambda g, probs: g * (log1p(-probs) - log(probs)),
    ),
    samples=_probabilities,
)
binary_cross_entropy_backward = Op(
    kernels.binary_cross_entropy_backward,
    vjp=dict(
        g=lambda u, probs, target: binary_cross_entropy_backward(u, probs, target),
        probs=_backward_probs,
        target=lambda u, g, probs: -u * g / _denominator(probs)[0],
    ),
    samples=lambda r: _probabilities(r, 1),
)
