"""Rows of a table by index, alone or in bags: linear ops, each with its transpose."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.kernels import embedding as kernels
from nn.ops.arithmetic import where


def _indices(r: Draw) -> list[Any]:
    """Indices of five rows: repeated ones, in two axes, and one alone."""
    return [np.array([1, 0, 1, 4, 1]), r.rng.integers(0, 5, (2, 3)), np.array(3)]


def _backward_samples(r: Draw) -> list[Sample]:
    """Narrow rows, and wide ones, which are added whole."""
    wide = r.of(r.rng.normal(size=(5, 33)), _indices(r)[0], rows=5)
    return [*(r.of(r.rng.normal(size=(*index.shape, 2)), index, rows=5) for index in _indices(r)), wide]


def _weight(g: Any, index: Any, weight_shape: tuple[int, ...], factor: Any) -> Any:
    if factor is not None:
        g = where(factor == 0, 0.0, g * factor)  # what padding is given may be nan
    return embedding_backward(g, index, rows=weight_shape[0])


embedding = Op(
    kernels.embedding,
    vjp=dict(weight=_weight),
    samples=lambda r: [r.of(r.rng.normal(size=(5, 2)), index) for index in _indices(r)],
)
embedding_backward = Op(
    kernels.embedding_backward,
    vjp=dict(g=lambda u, index: embedding(u, index)),
    samples=_backward_samples,
)
bags = Op(
    kernels.bags,
    vjp=dict(
        weight=lambda g, weight_shape, index, average: bags_backward(g, index, rows=weight_shape[0], average=average)
    ),
    samples=lambda r: [
        r.of(r.rng.normal(size=(5, 2)), np.array([[1, 0], [1, 4], [3, 3]]), average=False),
        r.of(r.rng.normal(size=(5, 3)), np.array([[1, 0, 1, 4]]), average=True),
    ],
)
bags_backward = Op(
    kernels.bags_backward,
    vjp=dict(g=lambda u, index, average: bags(u, index, average=average)),
    samples=lambda r: [
        r.of(r.rng.normal(size=(3, 2)), np.array([[1, 0], [1, 4], [3, 3]]), rows=5, average=False),
        r.of(r.rng.normal(size=(4, 33)), np.array([[1, 0], [1, 4], [3, 3], [2, 1]]), rows=5, average=True),
    ],
)
