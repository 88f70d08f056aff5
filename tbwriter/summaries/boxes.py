"""Boxes around what a detector has found, drawn into a picture."""

import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tbwriter.summaries.image import Pixels
from tbwriter.values import array, describe, scalar

Corners = npt.NDArray[np.float64]

_WHERE = "add_image_with_boxes"
_COLOUR = np.array([255, 0, 0], np.uint8)
_LINE = 2  # pixels


def box_options(tag: str, options: Sequence[object]) -> dict[str, Any]:
    """The arguments after the wall time, which the other writers order differently, by name.

    Args:
        tag: the tag at work, for messages.
        options: ``dataformats, labels`` as in tensorboardX, or ``rescale, dataformats, labels`` as in torch.

    Returns:
        Those that there are.

    Raises:
        TypeError: there are too many.

    Example:
        >>> box_options("cats", ["HWC"]), box_options("cats", [2, "HWC"])
        ({'dataformats': 'HWC'}, {'rescale': 2, 'dataformats': 'HWC'})
    """
    names = ["rescale", "dataformats", "labels"]
    if options and isinstance(options[0], str):
        del names[0]
    if len(options) > len(names):
        raise TypeError(f"{_WHERE}: tag {tag!r}: got {describe(options[-1])} after {', '.join(names)}; leave it out")
    return dict(zip(names, options, strict=False))


def draw_boxes(tag: str, picture: Pixels, boxes: object, labels: object = None, rescale: object = 1) -> Pixels:
    """A copy of a picture, in RGB, with red boxes; their labels are drawn where Pillow is installed.

    Args:
        tag: the tag at work, for messages.
        picture: ``(H, W, C)``; an alpha channel is dropped.
        boxes: ``(N, 4)``, or ``(4,)`` for one: left, top, right, bottom in pixels of the picture; what lies outside
            of it is cut off.
        labels: N strings, one string for one box, or None.
        rescale: how much larger the result is; its pixels are the nearest ones of the picture.

    Returns:
        uint8 ``(rescale H, rescale W, 3)``.

    Raises:
        TypeError, ValueError: the boxes, labels or factor are not such, or do not fit together.

    Example:
        >>> drawn = draw_boxes("cats", np.zeros((8, 8, 1), np.uint8), [1, 1, 6, 6])
        >>> drawn[1, 1].tolist(), drawn[4, 4].tolist()
        ([255, 0, 0], [0, 0, 0])
    """
    factor = scalar(_WHERE, tag, rescale, "rescale")
    if not 0 < factor < np.inf:
        raise ValueError(f"{_WHERE}: tag {tag!r}: rescale must be a positive number, got {describe(rescale)}")
    corners = _corners(tag, boxes)
    texts = _texts(tag, labels, len(corners))
    coloured = np.repeat(picture[..., :1], 3, axis=2) if picture.shape[2] < 3 else picture[..., :3]
    drawn = _rescaled(coloured, factor)
    x, y = np.arange(drawn.shape[1]), np.arange(drawn.shape[0])
    for left, top, right, bottom in np.rint(corners * factor):
        columns, rows = (left <= x) & (x <= right), (top <= y) & (y <= bottom)
        at_side = columns & ((x < left + _LINE) | (x > right - _LINE))
        at_end = rows & ((y < top + _LINE) | (y > bottom - _LINE))
        drawn[np.ix_(rows, at_side)] = _COLOUR
        drawn[np.ix_(at_end, columns)] = _COLOUR
    if any(texts) and importlib.util.find_spec("PIL"):
        drawn = _draw_texts(drawn, corners * factor, texts)
    return drawn


def _corners(tag: str, boxes: object) -> Corners:
    corners = array(_WHERE, tag, boxes, "the boxes").astype(np.float64)
    if corners.shape == (4,) or not corners.size:
        corners = corners.reshape(-1, 4)
    if corners.ndim != 2 or corners.shape[1] != 4 or not np.isfinite(corners).all():
        expected = "an array (N, 4) of left, top, right and bottom in pixels"
        raise ValueError(f"{_WHERE}: tag {tag!r}: the boxes must be {expected}, got {describe(boxes)}")
    return corners


def _texts(tag: str, labels: object, count: int) -> Sequence[str]:
    """A label for each box, or none at all."""
    texts = [] if labels is None else [labels] if isinstance(labels, str) else labels
    if not isinstance(texts, Sequence) or not all(isinstance(text, str) for text in texts):
        raise TypeError(f"{_WHERE}: tag {tag!r}: labels must be a list of strings, got {describe(labels)}")
    if labels is not None and len(texts) != count:
        raise ValueError(f"{_WHERE}: tag {tag!r}: got {len(texts)} labels for {count} boxes; give one for each")
    return texts


def _rescaled(picture: Pixels, factor: float) -> Pixels:
    height, width = (max(1, round(size * factor)) for size in picture.shape[:2])
    rows = ((np.arange(height) + 0.5) * picture.shape[0] / height).astype(np.intp)
    columns = ((np.arange(width) + 0.5) * picture.shape[1] / width).astype(np.intp)
    result: Pixels = picture[rows[:, None], columns]
    return result


def _draw_texts(picture: Pixels, corners: Corners, texts: Sequence[str]) -> Pixels:
    """Each on a red ground above its box, or inside it where there is no room."""
    from PIL import Image, ImageDraw

    page = Image.fromarray(picture)
    pen = ImageDraw.Draw(page)
    for (box_left, box_top, *_), text in zip(corners, texts, strict=True):
        left, top, right, bottom = pen.multiline_textbbox((0, 0), text)
        width, height = right - left + 2, bottom - top + 2
        x = max(0.0, min(box_left, picture.shape[1] - width))
        y = box_top - height if box_top >= height else max(0.0, box_top)
        pen.rectangle((x, y, x + width, y + height), fill="red")
        pen.multiline_text((x + 1 - left, y + 1 - top), text, fill="white")
    drawn: Pixels = np.array(page)
    return drawn
