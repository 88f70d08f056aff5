"""Make images larger or smaller (`interpolate`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.errors import DtypeError, RangeError, ShapeError
from nn.kernels import resizing as kernels
from nn.ops.resizing import resample
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["interpolate", "upsample", "upsample_bilinear", "upsample_nearest"]

Number = int | float
RANKS = {"linear": 1, "bilinear": 2, "bicubic": 2, "lanczos": 2, "trilinear": 3}
BY_PLACE = ("nearest", "nearest-exact", "area")


def interpolate(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: Number | Sequence[Number] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Every spatial axis resampled to another length.

    Args:
        input: images.
        size: the new lengths of the spatial axes, or one for all.
        scale_factor: by how much each axis grows, instead of `size`; the new lengths are rounded down.
        mode: "nearest" (the pixel to the left of the place; "nearest-exact": the one whose area the place lies in),
            "linear", "bilinear" or "trilinear" (the 2, 4 or 8 neighbours by their distance, for 1, 2 or 3 axes),
            "bicubic" (16 neighbours by Keys's kernel), "area" (the mean of the area, as `adaptive_avg_pool2d`), or
            "lanczos" (only with antialias).
        align_corners: whether the centres of the corner pixels lie on each other; by default their outer corners do.
        recompute_scale_factor: forget `scale_factor` after the lengths are known, which differs if they were rounded.
        antialias: let every pixel count where the image shrinks; for "bilinear", "bicubic" and "lanczos".

    Shape:
        (N, C, S) -> (N, C, S') for one to three spatial axes S.

    Raises:
        ValueError: `size` and `scale_factor` are both given or both missing, or an option does not suit the mode.
        NotImplementedError: the mode is for another number of axes.
        ShapeError: no spatial axes, or empty ones.

    Example:
        >>> import nn
        >>> x = nn.tensor([[[0.0, 10.0]]])
        >>> nn.functional.interpolate(x, scale_factor=2)
        tensor([[[ 0.,  0., 10., 10.]]])
        >>> nn.functional.interpolate(x, 4, mode="linear")
        tensor([[[ 0.0000,  2.5000,  7.5000, 10.0000]]])

    References:
        Keys, Cubic convolution interpolation for digital image processing, 1981.
    """
    name = "interpolate"
    x = checks.tensor(input, name).shape
    rank = len(x) - 2
    checks.choice(mode, (*BY_PLACE, *RANKS), name, "mode")
    if align_corners is not None and mode in BY_PLACE:
        raise RangeError(f"{name}: align_corners has no meaning for mode={mode!r}; leave it out")
    if antialias and not (mode in kernels.KERNELS and rank == 2):
        raise RangeError(f"{name}: antialias is for bilinear, bicubic and lanczos images, got mode={mode!r} and x {x}")
    if mode == "lanczos" and (align_corners or not antialias):
        raise RangeError(f"{name}: mode='lanczos' needs antialias=True and no align_corners")
    if not 1 <= rank <= 3 or RANKS.get(mode, rank) != rank:
        wanted = f"{RANKS[mode]}" if mode in RANKS else "one to three"
        raise NotImplementedError(f"{name}: mode={mode!r} is for {wanted} spatial axes after (N, C), x is {x}")
    if input.dtype.kind != "f" and not (input.dtype == np.uint8 and mode in BY_PLACE[:2]):
        raise DtypeError(f"{name}: x must be floating-point, it is {input.dtype}; use .float()")
    sizes, factors = _sizes(x[2:], size, scale_factor)
    if recompute_scale_factor and size is not None:
        raise RangeError(f"{name}: recompute_scale_factor has no meaning with a size; leave it out")
    if recompute_scale_factor or mode == "area":
        factors = [None] * rank
    elif mode == "nearest" and rank == 2:  # PyTorch's kernel for images forgets the factor at these two sizes
        factors = [None if m in (n, 2 * n) else f for n, m, f in zip(x[2:], sizes, factors, strict=True)]
    if min(*x[1:], *sizes) < 1:
        raise ShapeError(f"{name}: every axis but the first must have entries, x is {x} and the new size {sizes}")
    for axis in reversed(range(rank)):
        taps = _taps(mode, x[2 + axis], sizes[axis], factors[axis], bool(align_corners), antialias, rank, input.dtype)
        input = resample(input, dim=2 + axis, taps=taps)
    return input


def upsample(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: Number | Sequence[Number] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """As `interpolate`, of which it is the older name.

    Example:
        >>> import nn
        >>> nn.functional.upsample(nn.tensor([[[1.0, 2.0]]]), scale_factor=2)
        tensor([[[1., 1., 2., 2.]]])
    """
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: Number | Sequence[Number] | None = None,
) -> Tensor:
    """As `interpolate` by the nearest entries.

    Example:
        >>> import nn
        >>> nn.functional.upsample_nearest(nn.tensor([[[1.0, 2.0]]]), 4)
        tensor([[[1., 1., 2., 2.]]])
    """
    return interpolate(input, size, scale_factor, "nearest")


def upsample_bilinear(
    input: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: Number | Sequence[Number] | None = None,
) -> Tensor:
    """As `interpolate` of images by their four neighbours, corner pixels on corner pixels.

    Example:
        >>> import nn
        >>> nn.functional.upsample_bilinear(nn.tensor([[[[0.0, 2.0]]]]), (1, 3))
        tensor([[[[0., 1., 2.]]]])
    """
    return interpolate(input, size, scale_factor, "bilinear", align_corners=True)


def _sizes(space: tuple[int, ...], size: Any, scale_factor: Any) -> tuple[tuple[int, ...], list[float | None]]:
    """The new lengths, and the factor of each axis if factors were given."""
    if (size is None) == (scale_factor is None):
        raise RangeError(f"interpolate: give either size or scale_factor, got {size!r} and {scale_factor!r}")
    given = scale_factor if size is None else size
    several = list(given) if isinstance(given, tuple | list) else [given] * len(space)
    if len(several) != len(space):
        raise ShapeError(f"interpolate: expected one number for each spatial axis {space}, got {given!r}")
    if size is None:
        return tuple(kernels.scaled(n, f) for n, f in zip(space, several, strict=True)), several
    several = [n.item() if isinstance(n, Tensor) and n.numel() == 1 else n for n in several]
    if any(not isinstance(n, int | np.integer) for n in several):
        raise TypeError(f"interpolate: size must be integers, got {size!r}; for a factor use scale_factor")
    return tuple(int(n) for n in several), [None] * len(space)


def _taps(
    mode: str, length: int, size: int, factor: float | None, align: bool, antialias: bool, rank: int, dtype: Any
) -> kernels.Taps:
    if mode == "area":
        return kernels.averages(length, size)
    scale = kernels.step(length, size, factor, align)
    if antialias:
        return kernels.antialiased(length, size, scale, mode)
    if mode in BY_PLACE:
        return kernels.nearest(length, size, scale, mode == "nearest-exact", rank == 2, dtype != np.float64)
    return (kernels.cubic if mode == "bicubic" else kernels.linear)(length, size, scale, align)
