"""Many small pictures on one sheet, each with its caption: images, feature maps, filters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.errors import RangeError, ShapeError
from nn.viewing import layout
from nn.viewing.arrays import Array, as_array, labels_of, limits
from nn.viewing.layout import Part, coloured, framed, placed, text
from nn.viewing.picture import Picture, Pixels

__all__ = ["draw_pictures"]

SIDE, WIDTH = 64, 640
"""How many pixels a side of a small picture has at least, as far as it fits, and the sheet at most."""


def draw_pictures(
    images: Any,
    captions: Sequence[Any] | None = None,
    *,
    title: str = "",
    columns: int | None = None,
    bar_label: str = "",
    colours: str = "grey",
    low: float | None = None,
    high: float | None = None,
) -> Picture:
    """Draw pictures in rows, all in one scale, which a colour bar tells; those of three channels in their own colours.

    Args:
        images: the pictures. Those in colour are floats from 0 to 1, or bytes.
        captions: a short text for each, below it.
        title: above all.
        columns: how many stand in a row; by default as many as look well.
        bar_label: what the colours measure.
        colours: "grey", "viridis", "blues", or "diverging" for values on both sides of 0.
        low: the value of the scale's first colour; the least value of all by default.
        high: the value of its last colour; the greatest value of all by default.

    Shape:
        images (N, H, W), (N, 1, H, W) or (N, 3, H, W).

    Raises:
        ShapeError: these are no pictures, or not as many as the captions.
        RangeError: there are no such colours; low is above high; columns is below 1.

    Example:
        >>> import nn
        >>> digits, labels = nn.data.datasets.load_digits()
        >>> sheet = nn.viewing.draw_pictures(digits[:8], captions=labels[:8].tolist(), bar_label="ink")
        >>> sheet.shape[0]
        3
    """
    where = "draw_pictures"
    stack = as_array(where, "images", images)
    if stack.ndim == 4 and stack.shape[1] == 1:
        stack = stack[:, 0]
    if (stack.ndim != 3 and (stack.ndim != 4 or stack.shape[1] != 3)) or not stack.size:
        raise ShapeError(f"{where}: images must be (N, H, W), (N, 1, H, W) or (N, 3, H, W), got {stack.shape}")
    if columns is not None and columns < 1:
        raise RangeError(f"{where}: columns must be 1 or more, got {columns}")
    words = [text(line) for line in labels_of(where, "captions", captions, len(stack)) or [""] * len(stack)]
    bar: list[Part] = []
    if stack.ndim == 4:
        tiles = _own_colours(stack)
    else:
        low, high = limits(where, stack, low, high, colours == "diverging")
        tiles = coloured(stack, colours, low, high)
    times = max(1, math.ceil(SIDE / max(tiles.shape[1:3])))
    tiles = tiles.repeat(times, 1).repeat(times, 2)
    height, width = tiles.shape[1] + 2, max(tiles.shape[2] + 2, *(line.shape[1] for line in words))
    gap, caption = 2 * layout.GAP, (layout.LINE + 2 if any(line.size for line in words) else 0)
    columns = columns or _columns(len(stack), max(1, WIDTH // (width + gap)))
    rows = math.ceil(len(stack) / columns)
    parts: list[Part] = []
    for place, (tile, line) in enumerate(zip(tiles, words, strict=True)):
        top, left = (place // columns) * (height + caption + gap), (place % columns) * (width + gap)
        parts.append((framed(tile), top, left + (width - tile.shape[1] - 2) / 2))
        parts.append((line, top + height + 4, left + (width - line.shape[1]) / 2))
    right = min(columns, len(stack)) * (width + gap) - gap
    if stack.ndim == 3:
        bar = layout.colour_bar(
            colours, *(low or 0.0, high or 0.0), rows * (height + caption + gap) - caption - gap, bar_label
        )
        parts += [(part, top + 1, right + 2 * layout.GAP + left + 1) for part, top, left in bar]
    heading = text(title)
    return Picture(placed([*parts, (heading, -layout.LINE - layout.GAP, max(0, (right - heading.shape[1]) / 2))]))


def _own_colours(stack: Array) -> Pixels:
    """(N, 3, H, W) of floats from 0 to 1, or of bytes, as (N, H, W, 3) of bytes."""
    pixels = stack if stack.dtype.kind in "iu" else np.rint(np.nan_to_num(stack) * 255)
    return np.clip(pixels, 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)


def _columns(count: int, fitting: int) -> int:
    """As many as fit, in rows of equal length where that is possible with not many more rows."""
    rows = math.ceil(count / fitting)
    return math.ceil(count / rows)
