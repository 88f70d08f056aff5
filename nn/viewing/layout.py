"""Pictures put together from parts, texts, frames and colours, on white."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import RangeError
from nn.viewing.font import HEIGHT, WIDTH, dots
from nn.viewing.picture import Pixels

__all__ = ["COLOURS", "colour_bar", "coloured", "framed", "number", "placed", "plot", "text"]

Array = NDArray[Any]
Colour = tuple[int, int, int]
Part = tuple[Pixels, float, float]
"""What is drawn, and where: its top and its left, in pixels from the corner of the field."""

BLACK, GREY, WHITE = (0, 0, 0), (110, 110, 110), (255, 255, 255)
SCALE = 2
"""Pixels of a letter's dot, so that a viewer may show a picture at half its size."""
LINE, CAPITAL = HEIGHT * SCALE, 7 * SCALE
"""The height of a line of text, and of its capitals, in pixels."""
GAP = 6

COLOURS: dict[str, tuple[Colour, ...]] = {
    "grey": (BLACK, WHITE),
    "blues": ((247, 251, 255), (198, 219, 239), (107, 174, 214), (33, 113, 181), (8, 48, 107)),
    "viridis": ((68, 1, 84), (72, 40, 120), (62, 74, 137), (49, 104, 142), (38, 130, 142), (31, 158, 137),
                (53, 183, 121), (110, 206, 88), (181, 222, 43), (253, 231, 37)),
    "diverging": ((33, 102, 172), (146, 197, 222), (247, 247, 247), (244, 165, 130), (178, 24, 43)),
}  # fmt: skip
"""Scales of colours, from the lowest to the highest; what lies between two is mixed of them."""


def coloured(values: Array, colours: str, low: float, high: float) -> Pixels:
    """Numbers as colours: `low` and below is the scale's first, `high` and above its last; nan is grey.

    Shape:
        (...) -> (..., 3).

    Raises:
        RangeError: there is no such scale.
    """
    if colours not in COLOURS:
        raise RangeError(f"colours must be one of {', '.join(COLOURS)}; got {colours!r}")
    stops = np.array(COLOURS[colours], np.float64)
    values = np.asarray(values, np.float64)
    known = ~np.isnan(values)
    span = high - low if high > low else 1.0
    share = np.clip((np.where(known, values, low) - low) / span, 0, 1)
    mixed = [np.interp(share, np.linspace(0, 1, len(stops)), stops[:, c]) for c in range(3)]
    return np.where(known[..., None], np.rint(np.stack(mixed, -1)), 150).astype(np.uint8)


def text(line: str, colour: Colour = BLACK, scale: int = SCALE) -> Pixels:
    """One line of text; nothing for an empty one."""
    mask = dots(line).repeat(scale, 0).repeat(scale, 1)
    return np.where(mask[..., None], np.array(colour), 255).astype(np.uint8) if line else np.zeros((0, 0, 3), np.uint8)


def letters(pixels: int) -> int:
    """How many letters fit into so many pixels."""
    return max(1, (pixels + SCALE) // (WIDTH * SCALE))


def number(value: float) -> str:
    """A number in few letters."""
    return "0" if value == 0 else f"{value:.3g}"


def numbers(count: int) -> list[str]:
    """A number for each, or for every fifth, tenth ... where there are many."""
    every = 1 if count <= 16 else round(step(0, count))
    return [str(i) if i % every == 0 else "" for i in range(count)]


def step(low: float, high: float) -> float:
    """The greatest of 1, 2 and 5 times a power of ten that fits three times or more."""
    third = (high - low) / 3 * (1 + 1e-9)
    magnitude = float(10.0 ** np.floor(np.log10(third)))
    return next(magnitude * factor for factor in (5.0, 2.0, 1.0) if magnitude * factor <= third)


def framed(picture: Pixels, colour: Colour = GREY) -> Pixels:
    """With a line of one pixel around it."""
    height, width, _ = picture.shape
    result = np.empty((height + 2, width + 2, 3), np.uint8)
    result[:] = colour
    result[1:-1, 1:-1] = picture
    return result


def placed(parts: Iterable[Part], margin: int = GAP) -> Pixels:
    """The smallest white sheet that holds all parts, and a margin."""
    drawn = [(part, round(top), round(left)) for part, top, left in parts if part.size]
    start = [min(place[axis] for place in drawn) - margin for axis in (1, 2)]
    end = [max(place[axis] + place[0].shape[axis - 1] for place in drawn) + margin for axis in (1, 2)]
    sheet = np.full((end[0] - start[0], end[1] - start[1], 3), 255, np.uint8)
    for part, top, left in drawn:
        sheet[top - start[0] :, left - start[1] :][: part.shape[0], : part.shape[1]] = part
    return sheet


def _edge(parts: Iterable[Part], axis: int) -> float:
    """How far the parts reach down (0) or to the right (1)."""
    return max((part[1 + axis] + part[0].shape[axis] for part in parts if part[0].size), default=0)


def plot(
    field: Pixels,
    *,
    title: str = "",
    left: Sequence[tuple[str, float]] = (),
    bottom: Sequence[tuple[str, float]] = (),
    left_label: str = "",
    bottom_label: str = "",
    bar: Sequence[Part] = (),
) -> Pixels:
    """A field in a frame, with a title, a label for each axis, labels along them, and a colour bar.

    Args:
        field: what is drawn.
        title: above it.
        left: labels and the pixel of the field that each stands beside; those without room are left out.
        bottom: the same for the axis below; they stand upright if one of them has no room otherwise.
        left_label: what the axis on the left is.
        bottom_label: what the axis below is.
        bar: see `colour_bar`.
    """
    height, width, _ = field.shape
    parts: list[Part] = [(framed(field), -1, -1)]
    beside = [(text(label), at - CAPITAL / 2) for label, at in left]
    parts += [(line, top, -GAP - line.shape[1]) for line, top in _apart(beside, 0, CAPITAL + 2)]
    words = text(left_label)
    parts.append((np.rot90(words), (height - words.shape[1]) / 2, min(p[2] for p in parts) - 2 * GAP - LINE))
    bottom = [label for label in bottom if label[0]]
    below = [text(label) for label, _ in bottom]
    room = min((b[1] - a[1] for a, b in itertools.pairwise(bottom)), default=width)
    if any(line.shape[1] > room - SCALE for line in below):
        below = [np.rot90(line) for line in below]
    centred = [(line, at - line.shape[1] / 2) for line, (_, at) in zip(below, bottom, strict=True)]
    parts += [(line, height + 2 * GAP, start) for line, start in _apart(centred, 1, SCALE)]
    words = text(bottom_label)
    parts.append((words, _edge(parts, 0) + GAP, (width - words.shape[1]) / 2))
    parts += [(part, top, width + 2 * GAP + start) for part, top, start in bar]
    words = text(title)
    top = min(p[1] for p in parts if p[0].size) - GAP - LINE
    parts.append((words, top, max(min(p[2] for p in parts if p[0].size), (width - words.shape[1]) / 2)))
    return placed(parts)


def _apart(labels: Iterable[tuple[Pixels, float]], axis: int, gap: int) -> list[tuple[Pixels, float]]:
    """The labels without those that would touch the one before; in whatever direction they go."""
    kept: list[tuple[Pixels, float]] = []
    for line, start in sorted(labels, key=lambda label: label[1]):
        if line.size and (not kept or start >= kept[-1][1] + (kept[-1][0].shape[1] if axis else 0) + gap):
            kept.append((line, start))
    return kept


def colour_bar(colours: str, low: float, high: float, height: int, label: str = "") -> list[Part]:
    """A scale of colours with its numbers, the highest at the top, and upright what it measures."""
    height = max(height, 3 * LINE)
    flat = not high > low
    ramp = coloured(np.linspace(high, low, height)[:, None].repeat(14, 1), colours, low, high)
    numbers = [(low, height / 2)] if flat else [(high, 0), ((low + high) / 2, height / 2), (low, height)]
    parts: list[Part] = [(framed(ramp), -1, -1)]
    parts += [(text(number(value)), at - CAPITAL / 2, 14 + GAP) for value, at in numbers]
    start = _edge(parts, 1) + 2 * GAP
    for line in textwrap.wrap(label, letters(height), break_long_words=False):
        words = text(line)
        parts.append((np.rot90(words), (height - words.shape[1]) / 2, start))
        start += LINE
    return parts
