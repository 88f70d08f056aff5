"""Surround a tensor with constants, or with its own entries mirrored, repeated or carried round (`pad`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.autograd.tape import wrap
from nn.errors import RangeError, ShapeError
from nn.ops import arithmetic, indexing
from nn.ops import shape as ops
from nn.tensors import checks
from nn.tensors.arguments import converted, fitting
from nn.tensors.tensor import Tensor

__all__ = ["pad"]


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """Entries added before and after axes, the last axis first; a negative number takes entries away.

    Args:
        input: the tensor.
        pad: (before, after) for the last axis, then for the one before it, and so on, in one sequence.
        mode: "constant" (any axes); "reflect" (the edge is the mirror and not doubled), "replicate" (the edge goes on)
            or "circular" (the other end comes in): these pad the last 1, 2 or 3 axes behind one or two others.
        value: the constant; 0 by default.

    Raises:
        NotImplementedError: mode is not "constant", and `pad` does not fit the number of axes.
        RangeError: more is taken away than there is, or more reflected than there is.

    Example:
        >>> import nn
        >>> F = nn.functional
        >>> F.pad(nn.tensor([1, 2, 3]), (1, 2))
        tensor([0, 1, 2, 3, 0, 0])
        >>> F.pad(nn.tensor([[1, 2, 3]]), (2, 1), mode="reflect")
        tensor([[3, 2, 1, 2, 3, 2]])
    """
    checks.choice(mode, ("constant", "reflect", "replicate", "circular"), "pad", "mode")
    amounts = [int(n) for n in pad]
    rank = checks.tensor(input, "pad").ndim
    if len(amounts) % 2 or len(amounts) > 2 * rank:
        raise ShapeError(
            f"pad: expected an even number of amounts, at most {2 * rank} for shape {input.shape}; got {amounts}"
        )
    sides = {rank - 1 - i: (amounts[2 * i], amounts[2 * i + 1]) for i in range(len(amounts) // 2)}
    for dim, (before, after) in sides.items():
        if input.shape[dim] + before + after < 0:
            raise RangeError(f"pad: {before, after} take more than the {input.shape[dim]} entries of axis {dim} away")
    if mode == "constant":
        return _constant(input, sides, 0 if value is None else value)
    if value is not None and value != 0:
        raise RangeError(f"pad: a value belongs to mode 'constant', got {value} with {mode!r}; leave it out")
    if (len(amounts), rank) not in {(2 * n, n + k) for n in (1, 2, 3) for k in (1, 2)}:
        raise NotImplementedError(
            f"pad: mode {mode!r} pads the last 1, 2 or 3 axes behind one or two others; got {amounts} for shape "
            f"{input.shape}"
        )
    padded = input
    for dim, (before, after) in sides.items():
        padded = _around(padded, dim, before, after, mode)
    return ops.clone(padded) if np.may_share_memory(padded._array, input._array) else padded  # never a view


def _constant(x: Tensor, sides: dict[int, tuple[int, int]], value: Any) -> Tensor:
    """x cropped by the negative amounts, in the middle of a larger tensor of `value`."""
    around = [sides.get(d, (0, 0)) for d in range(x.ndim)]
    x = indexing.getitem(
        x, index=tuple(slice(max(0, -b), n - max(0, -a)) for n, (b, a) in zip(x.shape, around, strict=True))
    )
    shape = tuple(n + max(0, b) + max(0, a) for n, (b, a) in zip(x.shape, around, strict=True))
    middle = tuple(slice(max(0, b), max(0, b) + n) for n, (b, _) in zip(x.shape, around, strict=True))
    wide = indexing.getitem_backward(x, index=middle, shape=shape)
    if value == 0:
        return wide
    outside = np.ones(shape, np.bool_)
    outside[middle] = False
    return arithmetic.where(wrap(outside), converted(fitting(value, x.dtype, "pad", floats=True), x.dtype), wide)


def _reflected(x: Tensor, dim: int, start: int, length: int) -> Tensor:
    return ops.flip(_plain(x, dim, start, length), dims=(dim,))


def _plain(x: Tensor, dim: int, start: int, length: int) -> Tensor:
    return ops.narrow(x, dim=dim, start=start, length=length)


def _edge(x: Tensor, dim: int, start: int, length: int) -> Tensor:
    edge = _plain(x, dim, start, 1)
    return ops.expand(edge, shape=(*x.shape[:dim], length, *x.shape[dim + 1 :]))


def _around(x: Tensor, dim: int, before: int, after: int, mode: str) -> Tensor:
    """What comes before, x, what comes after, along one axis."""
    crop = max(0, -before), max(0, -after)
    if mode == "circular":  # what is taken away does not come in at the other end
        x = _cropped(x, dim, *crop)
    size = x.shape[dim]
    most = {"reflect": size - 1, "circular": size, "replicate": max(before, after) if size else 0}[mode]
    if max(before, after) > max(most, 0):
        raise RangeError(
            f"pad: mode {mode!r} adds at most {max(most, 0)} entries to the {size} of axis {dim}; got {before, after}"
        )
    make = {"reflect": _reflected, "replicate": _edge, "circular": _plain}[mode]
    left = {"reflect": 1, "replicate": 0, "circular": size - before}[mode]
    right = {"reflect": size - 1 - after, "replicate": size - 1, "circular": 0}[mode]
    parts = [make(x, dim, left, before)] if before > 0 else []
    parts.append(x)
    if after > 0:
        parts.append(make(x, dim, right, after))
    whole = ops.cat(parts, dim) if len(parts) > 1 else x
    return whole if mode == "circular" else _cropped(whole, dim, *crop)


def _cropped(x: Tensor, dim: int, before: int, after: int) -> Tensor:
    return ops.narrow(x, dim=dim, start=before, length=x.shape[dim] - before - after) if before or after else x
