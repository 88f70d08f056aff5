"""Ops that find an order: indices, which have no derivative. What is picked by them has that of `gather`."""

from __future__ import annotations

from nn.autograd.op import Op
from nn.kernels import sorting as kernels

argsort = Op(
    kernels.argsort,
    samples=lambda r: [r.distinct((3, 4)), r.distinct((3, 4), dim=0, descending=True), r.of(r.rng.integers(0, 3, 9))],
)
topk = Op(
    kernels.topk,
    samples=lambda r: [
        r.distinct((3, 4), k=2),
        r.distinct((4, 3), k=3, dim=0, largest=False),
        r.distinct((2, 3), k=3),
        r.distinct((3,), k=0),
    ],
)
