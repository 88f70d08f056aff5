"""Ops that move elements, or read the same memory in another shape. Each is linear: the rule of the rule is the op."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.autograd.op import Op
from nn.errors import OutOfBoundsError, RangeError
from nn.kernels import shape as kernels
from nn.kernels.arithmetic import common_type
from nn.kernels.layout import is_row_major_or_maps
from nn.ops.arithmetic import cast
from nn.ops.indexing import put_together

reshape = Op(
    kernels.reshape,
    vjp=dict(x=lambda g, x_shape: reshape(g, shape=x_shape)),
    samples=lambda r: [r.normal((2, 6), shape=(3, 4)), r.normal((2, 6), shape=(-1,)), r.normal((), shape=(1, 1))],
)
clone = Op(
    kernels.clone,
    vjp=dict(x=lambda g: g),
    samples=lambda r: [r.normal((2, 3)), r.normal(()), r.normal((2, 3), row_major=True)],
)
permute = Op(
    kernels.permute,
    vjp=dict(x=lambda g, dims: permute(g, dims=tuple(int(i) for i in np.argsort([d % len(dims) for d in dims])))),
    samples=lambda r: [r.normal((2, 3, 4), dims=(2, 0, 1)), r.normal((2, 3), dims=(-1, 0))],
)
transpose = Op(
    kernels.transpose,
    vjp=dict(x=lambda g, dim0, dim1: transpose(g, dim0=dim0, dim1=dim1)),
    samples=lambda r: [r.normal((2, 3)), r.normal((2, 3, 4), dim0=0, dim1=-1)],
)
expand = Op(
    kernels.expand,
    vjp=dict(x=lambda g: g),  # the engine undoes the broadcast
    samples=lambda r: [r.normal((3, 1), shape=(3, 4)), r.normal((2,), shape=(3, 2)), r.normal((), shape=(2,))],
)
narrow = Op(
    kernels.narrow,
    vjp=dict(x=lambda g, x_shape, dim, start: narrow_backward(g, shape=x_shape, dim=dim, start=start)),
    samples=lambda r: [r.normal((4, 3), dim=0, start=1, length=2), r.normal((2, 5), dim=-1, start=0, length=3)],
    part=(kernels.narrowed, put_together),
)


narrow_backward = Op(
    kernels.narrow_backward,
    vjp=dict(g=lambda u, g_shape, dim, start: narrow(u, dim=dim, start=start, length=g_shape[dim])),
    samples=lambda r: [r.normal((2, 3), shape=(4, 3), dim=0, start=1), r.normal((2, 3), shape=(2, 5), dim=-1, start=2)],
)


def _piece(g: Any, position: int, dim: int, starts: tuple[int, ...]) -> Any:
    return narrow(g, dim=dim, start=starts[position], length=starts[position + 1] - starts[position])


concatenate = Op(
    kernels.concatenate,
    vjp=dict(tensors=_piece),
    samples=lambda r: [
        r.normal((2, 3), (1, 3), (2, 3), dim=0, starts=(0, 2, 3, 5)),
        r.normal((2, 1), (2, 2), dim=-1, starts=(0, 1, 3)),
    ],
)


flip = Op(
    kernels.flip,
    vjp=dict(x=lambda g, dims: flip(g, dims=dims)),
    samples=lambda r: [r.normal((2, 3), dims=(0,)), r.normal((2, 3, 2), dims=(-1, 0))],
)
roll = Op(
    kernels.roll,
    vjp=dict(x=lambda g, shifts, dims: roll(g, shifts=tuple(-s for s in shifts), dims=dims)),
    samples=lambda r: [r.normal((3, 4), shifts=(1,), dims=(0,)), r.normal((3, 4), shifts=(-6, 2), dims=(1, 0))],
)
triu = Op(
    kernels.triu,
    vjp=dict(x=lambda g, diagonal: triu(g, diagonal=diagonal)),
    samples=lambda r: [r.normal((3, 4)), r.normal((2, 3, 3), diagonal=-1)],
)
tril = Op(
    kernels.tril,
    vjp=dict(x=lambda g, diagonal: tril(g, diagonal=diagonal)),
    samples=lambda r: [r.normal((3, 4)), r.normal((2, 3, 3), diagonal=1)],
)
diagonal = Op(
    kernels.diagonal,
    vjp=dict(
        x=lambda g, x_shape, offset, dim1, dim2: diagonal_backward(
            g, shape=x_shape, offset=offset, dim1=dim1, dim2=dim2
        )
    ),
    samples=lambda r: [r.normal((3, 4)), r.normal((3, 2, 4), offset=1, dim1=-1, dim2=0), r.normal((3, 2), offset=-1)],
)
diagonal_backward = Op(
    kernels.diagonal_backward,
    vjp=dict(g=lambda u, offset, dim1, dim2: diagonal(u, offset=offset, dim1=dim1, dim2=dim2)),
    samples=lambda r: [r.normal((3,), shape=(3, 4)), r.normal((2, 2), shape=(3, 2, 4), offset=1, dim1=-1, dim2=0)],
)
unfold = Op(
    kernels.unfold,
    vjp=dict(x=lambda g, x_shape, dim, step: unfold_backward(g, shape=x_shape, dim=dim, step=step)),
    samples=lambda r: [r.normal((2, 7), dim=-1, size=3, step=2), r.normal((4, 2), dim=0, size=2, step=1)],
)
unfold_backward = Op(
    kernels.unfold_backward,
    vjp=dict(g=lambda u, g_shape, dim, step: unfold(u, dim=dim, size=g_shape[-1], step=step)),
    samples=lambda r: [
        r.normal((2, 3, 3), shape=(2, 7), dim=-1, step=2),
        r.normal((3, 2, 2), shape=(4, 2), dim=0, step=1),
    ],
)
as_strided = Op(
    kernels.as_strided,
    vjp=dict(x=lambda g, x_shape, stride, offset: as_strided_backward(g, shape=x_shape, stride=stride, offset=offset)),
    samples=lambda r: [
        r.normal((3, 4), size=(2, 3), stride=(1, 4), offset=2),
        r.normal((6,), size=(3, 3), stride=(1, 1), offset=1),
        r.normal((2,), size=(), stride=(), offset=1),
    ],
)
as_strided_backward = Op(
    kernels.as_strided_backward,
    vjp=dict(
        g=lambda u, g_shape, stride, offset: as_strided(u, size=g_shape, stride=stride, offset=offset),
    ),
    samples=lambda r: [
        r.normal((2, 3), shape=(3, 4), stride=(1, 4), offset=2),
        r.normal((3, 3), shape=(6,), stride=(1, 1), offset=1),
    ],
)


# -- composites -------------------------------------------------------------------------------------------------------
def whole(value: Any, caller: str, name: str) -> int:
    """An integer as Python's own, which may be given as one of NumPy's or as a tensor of one."""
    if value.__class__ is int:
        return value
    try:
        return int(operator.index(value))
    except TypeError:
        raise TypeError(f"{caller}: {name} must be an integer, got {value!r}") from None


def axis(dim: int, rank: int, caller: str) -> int:
    """`dim` counted from the front; a tensor without axes counts as having one, as in PyTorch."""
    rank = rank or 1
    if dim.__class__ is not int:
        dim = whole(dim, caller, "dim")
    if not -rank <= dim < rank:
        raise OutOfBoundsError(f"{caller}: dim {dim} is out of range, it must be from {-rank} to {rank - 1}")
    return dim % rank


def cat(tensors: Sequence[Any], dim: int = 0) -> Any:
    """The tensors one after another along axis `dim`, in their common dtype; an empty vector counts for nothing."""
    tensors = [t for t in tensors if t.shape != (0,)] or list(tensors[:1])
    shapes = [tuple(t.shape) for t in tensors]  # a length of which is read at once
    if len({t.dtype for t in tensors}) > 1:
        dtype = common_type([t._array for t in tensors])
        tensors = [cast(t, dtype=dtype) for t in tensors]
    dim = axis(dim, len(shapes[0]), "cat")
    sizes = [shape[dim] if dim < len(shape) else 0 for shape in shapes]
    return concatenate(*tensors, dim=dim, starts=tuple(itertools.accumulate(sizes, initial=0)))


def stack(tensors: Sequence[Any], dim: int = 0) -> Any:
    """The tensors side by side along a new axis `dim`."""
    return cat([unsqueeze(t, dim) for t in tensors], dim)


def in_rows(x: Any) -> Any:
    """The result of a composite in the order of its indices; maps that lie batch-last stay so."""
    return x if is_row_major_or_maps(x._array) else clone(x, row_major=True)


def unsqueeze(x: Any, dim: int) -> Any:
    """A new axis of length 1 at `dim`."""
    shape = tuple(x.shape)  # a slice of which is made at once
    dim = axis(dim, len(shape) + 1, "unsqueeze")
    return reshape(x, shape=(*shape[:dim], 1, *shape[dim:]))


def squeeze(x: Any, dim: int | tuple[int, ...] | None = None) -> Any:
    """Without the axes of length 1: all, or those among `dim`."""
    rank = len(x.shape)
    dims = range(rank) if dim is None else [axis(d, rank, "squeeze") for d in ((dim,) if isinstance(dim, int) else dim)]
    return reshape(x, shape=tuple(n for i, n in enumerate(x.shape) if not (i in dims and n == 1)))


def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The axes from `start_dim` to `end_dim` made one."""
    shape = tuple(x.shape)
    rank = len(shape)
    if rank == 0:
        return reshape(x, shape=(1,))
    start, end = axis(start_dim, rank, "flatten"), axis(end_dim, rank, "flatten")
    if start > end:
        raise RangeError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim}; exchange them")
    return reshape(x, shape=(*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))
