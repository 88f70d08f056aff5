"""Rounding: constant between its jumps, so every derivative is 0."""

from __future__ import annotations

from typing import Any

from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.kernels import rounding as kernels
from nn.ops.arithmetic import zeros_like


def _fractions(r: Draw) -> list[Sample]:
    return [r.distinct((2, 3)), r.distinct(())]


def _places(r: Draw) -> list[Sample]:
    return [r.distinct((2, 3)), r.of(r.rng.uniform(-3, 3, size=4), decimals=1), r.distinct((2, 3), decimals=-1)]


def _flat(kernel: Any, samples: Any = _fractions) -> Op:
    return Op(kernel, vjp=dict(x=lambda g: zeros_like(g)), samples=samples)


floor = _flat(kernels.floor)
ceil = _flat(kernels.ceil)
trunc = _flat(kernels.trunc)
round = _flat(kernels.round, _places)
