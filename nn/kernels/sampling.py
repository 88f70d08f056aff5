"""Sampling positions outside the image, and how `padding_mode` maps them back inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def brought_inside(place: Array, size: int, padding_mode: str, align_corners: bool) -> tuple[Array, Array]:
    """Places along an axis of `size` pixels brought inside, and the slope of that: 1, -1, or 0 at the edges.

    "border" stops at the first and the last pixel; "reflection" runs to and fro between them, or, without
    `align_corners`, between their outer sides. nan is brought to 0.
    """
    slope = np.ones_like(place)
    if padding_mode == "reflection":
        low, high = (0.0, size - 1.0) if align_corners else (-0.5, size - 0.5)
        span = high - low
        if span == 0:
            return np.zeros_like(place), np.zeros_like(place)
        away = place - low
        slope[away < 0] = -1
        away = np.abs(away)
        rest, turned = np.fmod(away, span), np.floor(away / span) % 2 == 1
        slope[turned] *= -1
        place = np.where(turned, span - rest, rest) + low
    slope[~((place > 0) & (place < size - 1))] = 0
    return np.clip(np.where(np.isnan(place), 0, place), 0, size - 1).astype(place.dtype, copy=False), slope


def whole(place: Array) -> Array:
    """Whole places as integers; what is far outside, infinite or nan stays outside."""
    wide = place.astype(np.float64)  # float16 has no 2^31
    return np.where(np.abs(wide) < 2**31, wide, -(2.0**31)).astype(np.int64)
