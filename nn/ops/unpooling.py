"""Unpooling: its rule picks the gradient where the elements were put."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.kernels import unpooling as kernels
from nn.ops.indexing import gather
from nn.ops.shape import flatten, reshape


def _unpools(r: Draw) -> list[Sample]:
    index = np.stack([r.rng.permutation(20)[:6].reshape(2, 3) for _ in range(4)]).reshape(2, 2, 2, 3)
    return [r.of(r.rng.normal(size=index.shape), index, output_size=(4, 5))]


def picked(x: Any, index: Any) -> Any:
    """The elements of x (N, C, S) at `index` (N, C, S'), which counts through S in row-major order."""
    shape = (*x.shape[:2], -1) if 0 not in index.shape else (*x.shape[:2], 0)
    return reshape(gather(flatten(x, 2), reshape(index, shape=shape), dim=2), shape=index.shape)


max_unpool = Op(
    kernels.max_unpool,
    vjp=dict(x=lambda g, index: picked(g, index)),
    samples=_unpools,
)
