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

SIDES, WIDTH = (64, 128), 480
"""How many pixels a side of a small picture has, few or many of them, and the sheet at most, as far as one fits."""


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
    if stack.ndim == 4:
        return sheet(where, _own_colours(stack), captions, title, columns)
    low, high = limits(where, stack, low, high, colours == "diverging")
    return sheet(where, coloured(stack, colours, low, high), captions, title, columns, (colours, low, high, bar_label))


def sheet(
    where: str,
    tiles: Pixels,
    captions: Sequence[Any] | None,
    title: str = "",
    columns: int | None = None,
    bar: tuple[str, float, float, str] | None = None,
) -> Picture:
    """Tiles (N, H, W, 3) in rows, made larger where they are small, with captions, a title and a colour bar."""
    count = len(tiles)
    words = [text(line) for line in labels_of(where, "captions", captions, count) or [""] * count]
    side = max(SIDES[0], min(SIDES[1], WIDTH // count - 2 * layout.GAP))
    times = max(1, side // max(tiles.shape[1:3]))
    tiles = tiles.repeat(times, 1).repeat(times, 2)
    height, width = tiles.shape[1] + 2, max(tiles.shape[2] + 2, *(line.shape[1] for line in words))
    gap, caption = 2 * layout.GAP, (layout.LINE + 2 if any(line.size for line in words) else 0)
    columns = min(count, columns or _columns(count, max(1, WIDTH // (width + gap))))
    rows = math.ceil(count / columns)
    parts: list[Part] = []
    for place, (tile, line) in enumerate(zip(tiles, words, strict=True)):
        top, left = (place // columns) * (height + caption + gap), (place % columns) * (width + gap)
        parts.append((framed(tile), top, left + (width - tile.shape[1] - 2) / 2))
        parts.append((line, top + height + 4, left + (width - line.shape[1]) / 2))
    bottom, right = (rows - 1) * (height + caption + gap) + height, columns * (width + gap) - gap
    if bar is not None:
        colours, low, high, label = bar
        drawn = layout.colour_bar(colours, low, high, bottom - 2, label)
        parts += [(part, top + 1, right + 2 * layout.GAP + left) for part, top, left in drawn]
    heading = text(title)
    top = min(part[1] for part in parts if part[0].size) - layout.LINE - layout.GAP
    return Picture(placed([*parts, (heading, top, max(0, (right - heading.shape[1]) / 2))]))


def _own_colours(stack: Array) -> Pixels:
    """(N, 3, H, W) of floats from 0 to 1, or of bytes, as (N, H, W, 3) of bytes."""
    pixels = stack if stack.dtype.kind in "iu" else np.rint(np.nan_to_num(stack) * 255)
    return np.clip(pixels, 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)


def _columns(count: int, fitting: int) -> int:
    """As many as fit, in rows of equal length where that is possible with not many more rows."""
    rows = math.ceil(count / fitting)
    return math.ceil(count / rows)
