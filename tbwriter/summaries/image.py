"""Images: arrays in any layout, made into pixels, and pixels into summaries."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from tbwriter.messages.summary_pb2 import DATA_CLASS_BLOB_SEQUENCE, Summary
from tbwriter.summaries import png
from tbwriter.summaries.tensor import string_tensor, summary, tensor_value
from tbwriter.values import array, describe, without_nan

Pixels = npt.NDArray[np.uint8]

GRID_COLUMNS = 8
_LAYOUTS = {"NHWC": '"CHW", "HWC", "HW", "NCHW" or "NHWC"', "NTHWC": '"NTCHW", "NTHWC", "TCHW", "THWC" or "THW"'}


def pixels(where: str, tag: str, value: object, dataformats: str) -> Pixels:
    """One picture ``(H, W, C)`` of bytes from an array of any layout; a batch becomes a grid, 8 pictures to a row.

    Floats run from 0 to 1 and bools from off to on; integers are taken as bytes. What lies outside is clipped, NaN is
    black. The result shares no memory with ``value``.

    Args:
        where: the method at work, for messages.
        tag: the tag at work, for messages.
        value: the array.
        dataformats: what each axis means: "H" and "W", maybe "C" (1 to 4 channels), maybe "N" (pictures), in any order.

    Returns:
        uint8 ``(H, W, C)``, C from 1 to 4; grey stays one channel.

    Raises:
        TypeError: the value holds no numbers.
        ValueError: the layout is unknown, or the value does not have it.

    Example:
        >>> pixels("add_image", "digit", [[0.0, 1.0]], "HW").tolist()
        [[[0], [255]]]
    """
    return grid(batch(where, tag, value, dataformats))


def batch(where: str, tag: str, value: object, dataformats: str, order: str = "NHWC") -> Pixels:
    """Pictures, or frames, of bytes with the axes in that order, from an array of any layout.

    Args:
        where: as for `pixels`.
        tag: as for `pixels`.
        value: as for `pixels`; a list may hold pictures that have the axes of ``dataformats``.
        dataformats: as for `pixels`; with "T" (time) where the order has it.
        order: the axes of the result.

    Returns:
        uint8, ``(N, H, W, C)`` or ``(N, T, H, W, C)``; axes that the value lacks are of length 1.

    Raises:
        TypeError, ValueError: as `pixels`.

    Example:
        >>> batch("add_image", "digit", [[0.0, 1.0]], "HW").shape
        (1, 1, 2, 1)
    """
    axes = dataformats.upper() if isinstance(dataformats, str) else ""
    if not set(order) - set("NC") <= set(axes) <= set(order) or len(set(axes)) != len(axes):
        raise ValueError(f"{where}: tag {tag!r}: dataformats must be {_LAYOUTS[order]}, got {dataformats!r}")
    given = array(where, tag, value, "the picture")
    if isinstance(value, (list, tuple)) and "N" not in axes and given.ndim == len(axes) + 1:
        axes = "N" + axes
    if given.ndim != len(axes):
        likely = "" if "T" in order else f'; say the layout, e.g. dataformats="{_likely(given.ndim)}"'
        advice = f"that layout has {len(axes)} axes{likely}"
        raise ValueError(f"{where}: tag {tag!r}: got {describe(given)} for dataformats {axes!r}: {advice}")
    ordered = np.transpose(given, [axes.index(axis) for axis in order if axis in axes])
    ordered = np.expand_dims(ordered, [place for place, axis in enumerate(order) if axis not in axes])
    if ordered.size == 0 or not 1 <= ordered.shape[-1] <= 4:
        expected = "expected 1 to 4 channels and at least one pixel"
        got = f"got {ordered.shape[-1]} channels from {describe(given)} read as {axes!r}"
        raise ValueError(f"{where}: tag {tag!r}: {expected}, {got}; check dataformats")
    return _to_bytes(ordered)


def _likely(ndim: int) -> str:
    return {2: "HW", 3: "HWC", 4: "NCHW"}.get(ndim, "CHW")


def _to_bytes(values: npt.NDArray[Any]) -> Pixels:
    if values.dtype.kind == "f":
        values = np.rint(without_nan(values.clip(0, 1)).astype(np.float32) * 255)
    elif values.dtype.kind == "b":
        values = values * np.uint8(255)
    picture: Pixels = values.clip(0, 255).astype(np.uint8)
    return picture


def grid(pictures: Pixels, columns: int = GRID_COLUMNS) -> Pixels:
    """Pictures side by side, in rows; places without a picture are black.

    Args:
        pictures: ``(N, ..., H, W, C)``; what stands between, such as time, stays.
        columns: at most so many to a row.

    Returns:
        ``(..., rows H, columns W, C)``.

    Example:
        >>> grid(np.zeros((10, 28, 28, 1), np.uint8)).shape
        (56, 224, 1)
    """
    count, *between, height, width, channels = pictures.shape
    columns = min(count, columns)
    rows = math.ceil(count / columns)
    page = np.zeros((rows * columns, *between, height, width, channels), np.uint8)
    page[:count] = pictures
    page = page.reshape(rows, columns, *between, height, width, channels)
    by_line = np.moveaxis(page, (0, 1), (-5, -3))  # (..., rows, H, columns, W, C)
    return np.ascontiguousarray(by_line).reshape(*between, rows * height, columns * width, channels)


def image(tag: str, picture: Pixels) -> bytes:
    """A Summary of one picture.

    Args:
        tag: its name in the run.
        picture: uint8 ``(H, W, C)``.

    Returns:
        The serialised Summary.

    Example:
        >>> Summary.FromString(image("digit", np.zeros((2, 3, 1), np.uint8))).value[0].image.width
        3
    """
    return encoded_image(tag, png.encode(picture), picture.shape)


def encoded_image(tag: str, data: bytes, shape: tuple[int, ...]) -> bytes:
    """A Summary of one picture that is encoded already.

    Args:
        tag: its name in the run.
        data: a PNG or GIF file.
        shape: ``(..., H, W, C)``.

    Returns:
        The serialised Summary.

    Example:
        >>> Summary.FromString(encoded_image("digit", b"GIF89a", (2, 3, 1))).value[0].image.height
        2
    """
    height, width, channels = shape[-3:]
    picture = Summary.Image(height=height, width=width, colorspace=channels, encoded_image_string=data)
    return summary(Summary.Value(tag=tag, image=picture))


def image_samples(tag: str, pictures: Pixels) -> bytes:
    """A Summary of several pictures under one tag; the dashboard has a slider for them.

    Args:
        tag: their name in the run.
        pictures: uint8 ``(N, H, W, C)``.

    Returns:
        The serialised Summary.

    Example:
        >>> Summary.FromString(image_samples("digits", np.zeros((2, 4, 3, 1), np.uint8))).value[0].tensor.string_val[:2]
        [b'3', b'4']
    """
    _, height, width, _ = pictures.shape
    items = [str(width).encode(), str(height).encode(), *map(png.encode, pictures)]
    tensor = string_tensor(items, (len(items),))
    return summary(tensor_value(tag, tensor, "images", data_class=DATA_CLASS_BLOB_SEQUENCE))
