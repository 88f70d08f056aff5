"""Standardising: the one op behind batch, layer, group and instance normalisation."""

from __future__ import annotations

from typing import Any

from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.autograd.tape import TensorBase
from nn.kernels import normalization as kernels
from nn.ops.reduction import count, mean, sum


def _samples(r: Draw, operands: int = 1) -> list[Sample]:
    made = [((4, 3), (0,)), ((2, 5), (1,)), ((3, 2, 4), (0, 2))]
    return [r.normal(*[shape] * operands, dim=dim, eps=0.1) for shape, dim in made]


def _bare(y: Any) -> Any:
    """The array of a result, to be kept beside the operand that it was made from."""
    return y._array if isinstance(y, TensorBase) else y


def inverse_std(x: Any, dim: tuple[int, ...], eps: float) -> Any:
    """1 / sqrt(variance + eps) over `dim`, as ops."""
    distance = x - mean(x, dim=dim, keepdim=True)
    return (mean(distance**2, dim=dim, keepdim=True) + eps) ** -0.5


def _backward_x(u: Any, y: Any, g: Any, x: Any, dim: tuple[int, ...], eps: float) -> Any:
    """d/dx of <u, r (g - mean g - s mean(g s))>, through s = standardize(x) and through r with its slope -r^2 s / N."""
    s, r = standardize(x, dim=dim, eps=eps), inverse_std(x, dim, eps)
    crossed = u * mean(g * s, dim=dim, keepdim=True) + g * mean(u * s, dim=dim, keepdim=True)
    through_s = standardize_backward(crossed * r, x, dim=dim, eps=eps)
    share = sum(u * y, dim=dim, keepdim=True) * (1 / max(1, count(x.shape, dim)))
    return -(through_s + share * r * s)


standardize = Op(
    kernels.standardize,
    saves=("mean", "rstd"),
    vjp=dict(
        x=lambda g, y, x, dim, eps, mean, rstd: standardize_backward(
            g, x, dim=dim, eps=eps, mean=mean, rstd=rstd, scores=_bare(y)
        )
    ),
    samples=_samples,
)
standardize_backward = Op(
    kernels.standardize_backward,
    vjp=dict(
        g=lambda u, x, dim, eps, mean, rstd, scores: standardize_backward(
            u, x, dim=dim, eps=eps, mean=mean, rstd=rstd, scores=scores
        ),
        x=_backward_x,
    ),
    samples=lambda r: _samples(r, 2),
)
