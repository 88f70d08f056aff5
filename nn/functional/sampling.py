"""Read images at any places, as spatial transformers do: make a grid (`affine_grid`), sample it (`grid_sample`)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.autograd.tape import wrap
from nn.errors import DtypeError, RangeError, ShapeError
from nn.kernels.sampling import brought_inside, whole
from nn.ops.arithmetic import sign, where
from nn.ops.indexing import gather, getitem
from nn.ops.linear import matmul
from nn.ops.shape import flatten, reshape, transpose
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["affine_grid", "grid_sample"]


def affine_grid(theta: Tensor, size: Sequence[int], align_corners: bool | None = None) -> Tensor:
    """Where each pixel of an image comes from under an affine map: a grid for `grid_sample`.

    Args:
        theta: for each image a matrix from (x, y, 1) in the result to (x, y) in the image, or from (x, y, z, 1) to
            (x, y, z), in the coordinates of `grid_sample`.
        size: the shape of the result, (N, C, H, W) or (N, C, D, H, W).
        align_corners: whether -1 and 1 are the centres of the corner pixels, or (by default) their outer sides.

    Shape:
        (N, 2, 3) -> (N, H, W, 2), or (N, 3, 4) -> (N, D, H, W, 3).

    Raises:
        ShapeError: theta does not fit the size.

    Example:
        >>> import nn
        >>> nn.functional.affine_grid(nn.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.5]]]), (1, 1, 1, 2))
        tensor([[[[-0.5000,  0.5000],
                  [ 0.5000,  0.5000]]]])
    """
    shape, rank = checks.tensor(theta, "affine_grid", "theta").shape, len(size) - 2
    if theta.dtype.kind != "f":
        raise RangeError(f"affine_grid: theta must be floating-point, it is {theta.dtype}; use .float()")
    if rank not in (2, 3):
        raise NotImplementedError(f"affine_grid: size must be (N, C, H, W) or (N, C, D, H, W), it is {tuple(size)}")
    if shape != (size[0], rank, rank + 1) or min(size) < 1:
        raise ShapeError(f"affine_grid: theta for {tuple(size)} must be {(size[0], rank, rank + 1)}, it is {shape}")
    lines = [np.linspace(-1, 1, n) * (1 if align_corners else (n - 1) / n) if n > 1 else np.zeros(n) for n in size[2:]]
    places = [*np.meshgrid(*lines, indexing="ij")][::-1]  # x runs along the last axis
    base = np.stack([*places, np.ones(size[2:])], -1).reshape(-1, rank + 1).astype(theta.dtype)
    return reshape(matmul(wrap(base), transpose(theta)), shape=(size[0], *size[2:], rank))


def grid_sample(
    input: Tensor, grid: Tensor, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool | None = None
) -> Tensor:
    """The image read at the places of a grid; differentiable by both.

    Args:
        input: images.
        grid: for each pixel of the result the place (x, y) or (x, y, z) in the image, from -1 (left, top) to 1.
        mode: "bilinear" (between the neighbours, by distance), "nearest", or "bicubic" (16 neighbours; images only).
        padding_mode: what is outside: "zeros", "border" (the pixel at the edge) or "reflection".
        align_corners: whether -1 and 1 are the centres of the corner pixels, or (by default) their outer sides.

    Shape:
        (N, C, H, W), (N, H', W', 2) -> (N, C, H', W'), or (N, C, D, H, W), (N, D', H', W', 3) -> (N, C, D', H', W').

    Raises:
        ShapeError: the grid does not fit the images.

    Example:
        >>> import nn
        >>> x = nn.tensor([[[[0.0, 10.0]]]])
        >>> nn.functional.grid_sample(x, nn.tensor([[[[0.0, 0.0], [0.25, 0.0]]]]))
        tensor([[[[5.0000, 7.5000]]]])

    References:
        Jaderberg et al., Spatial transformer networks, 2015.
    """
    x, g = checks.floating(input, "grid_sample").shape, checks.tensor(grid, "grid_sample", "grid").shape
    checks.choice(mode, ("bilinear", "nearest", "bicubic"), "grid_sample", "mode")
    checks.choice(padding_mode, ("zeros", "border", "reflection"), "grid_sample", "padding_mode")
    rank = len(x) - 2
    if rank not in (2, 3) or len(g) != len(x) or g[0] != x[0] or g[-1] != rank or 0 in x[2:]:
        raise ShapeError(
            f"grid_sample: the grid must be (N, H', W', 2) for x (N, C, H, W), and (N, D', H', W', 3) for x "
            f"(N, C, D, H, W); got x {x} and grid {g}"
        )
    if mode == "bicubic" and rank != 2:
        raise ShapeError(f"grid_sample: mode='bicubic' is for images (N, C, H, W), x is {x}")
    if input.dtype != grid.dtype:
        raise DtypeError(f"grid_sample: x is {input.dtype} and the grid {grid.dtype}; make them equal")
    align = bool(align_corners)
    axes = []  # for each axis of the image its neighbours: (places, weights)
    for axis, size in enumerate(x[2:]):
        place = reshape(
            getitem(grid, index=(..., rank - 1 - axis)), shape=(len(grid), -1) if grid.numel() else (x[0], 0)
        )
        scaled = (place + 1) * (size - 1) / 2 if align else ((place + 1) * size - 1) / 2
        if padding_mode != "zeros" and mode != "bicubic":
            scaled = _inside(scaled, size, padding_mode, align)
        axes.append(_neighbours(scaled, mode, size, padding_mode, align))
    flat, total = flatten(input, 2), None
    for corner in itertools.product(*axes):
        index, seen, factor = np.zeros((1, 1), np.int64), np.ones((1, 1), np.bool_), None
        for (place, weight), size in zip(corner, x[2:], strict=True):
            seen = seen & (place >= 0) & (place < size)
            index = index * size + np.clip(place, 0, size - 1)
            factor = weight if factor is None else factor * weight
        index, seen = index[:, None, :], wrap(seen[:, None, :])
        pixels = gather(flat, wrap(np.broadcast_to(index, (*x[:2], index.shape[-1]))), dim=2)
        part = where(seen, pixels, 0.0) * reshape(factor, shape=index.shape)
        total = part if total is None else total + part
    return reshape(total, shape=(*x[:2], *g[1:-1]))


def _inside(place: Tensor, size: int, padding_mode: str, align_corners: bool) -> Any:
    """The places brought inside: piecewise linear, so a slope and a constant for each."""
    moved, slope = brought_inside(place._array, size, padding_mode, align_corners)
    flat = slope == 0
    offset = moved - np.where(flat, 0, slope * np.where(flat, 0, place._array))
    return where(wrap(flat), wrap(moved), place * wrap(slope) + wrap(offset))


def _neighbours(place: Tensor, mode: str, size: int, padding_mode: str, align_corners: bool) -> list[tuple[Any, Any]]:
    """The pixels along one axis that a place reads, (N, P) each, and their weights."""
    if mode == "nearest":
        one = sign(where(wrap(np.isnan(place._array)), 0.0, place)) * 0 + 1  # the gradient by the grid is 0
        return [(whole(np.rint(place._array)), one)]
    below = np.floor(place._array)
    first, part = whole(below), place - wrap(below)
    if mode == "bilinear":
        return [(first, 1 - part), (first + 1, part)]
    weights = [_far(1 + part), _near(part), _near(1 - part), _far(2 - part)]
    places = [first + k for k in range(-1, 3)]
    if padding_mode != "zeros":
        places = [whole(brought_inside(p.astype(np.float64), size, padding_mode, align_corners)[0]) for p in places]
    return list(zip(places, weights, strict=True))


def _near(distance: Any) -> Any:
    """Keys's cubic kernel, a = -3/4, up to a distance of 1."""
    return (1.25 * distance - 2.25) * distance**2 + 1


def _far(distance: Any) -> Any:
    """The same between 1 and 2."""
    return ((-0.75 * distance + 3.75) * distance - 6) * distance + 3
