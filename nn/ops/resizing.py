"""Resampling along an axis: one linear map, whose transpose is itself with the taps transposed."""

from __future__ import annotations

from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.kernels import resizing as kernels


def _resamples(r: Draw) -> list[Sample]:
    return [
        r.normal((2, 5), dim=-1, taps=kernels.linear(5, 7, 5 / 7, False)),
        r.normal((7, 2), dim=0, taps=kernels.averages(7, 3)),
        r.normal((2, 5), dim=-1, taps=kernels.nearest(5, 3, 5 / 3, False, False, False)),
        r.normal((2, 3, 2), dim=1, taps=kernels.nearest(5, 3, 5 / 3, False, False, False).transposed),
    ]


resample = Op(
    kernels.resample,
    vjp=dict(x=lambda g, dim, taps: resample(g, dim=dim, taps=taps.transposed)),
    samples=_resamples,
)
