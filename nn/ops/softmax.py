"""Softmax and log-softmax: y is all that the rules need."""

from __future__ import annotations

from typing import Any

from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.kernels import softmax as kernels
from nn.ops.arithmetic import exp
from nn.ops.precision import in_single
from nn.ops.reduction import sum


def _samples(r: Draw) -> list[Sample]:
    return [r.normal((2, 3), dim=1), r.normal((2, 3, 2), dim=-2)]


@in_single
def _softmax_x(g: Any, y: Any, dim: int) -> Any:
    return y * (g - sum(g * y, dim=dim, keepdim=True))


@in_single
def _log_softmax_x(g: Any, y: Any, dim: int) -> Any:
    return g - exp(y) * sum(g, dim=dim, keepdim=True)


softmax = Op(kernels.softmax, vjp=dict(x=_softmax_x), samples=_samples)
log_softmax = Op(kernels.log_softmax, vjp=dict(x=_log_softmax_x), samples=_samples)
