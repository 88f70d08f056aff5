"""Images: arrays in any layout, made into pixels, and pixels into a PNG."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from tbwriter import png
from tbwriter.messages.summary_pb2 import Summary
from tbwriter.values import array, describe

Pixels = npt.NDArray[np.uint8]

GRID_COLUMNS = 8


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
    axes = dataformats.upper() if isinstance(dataformats, str) else ""
    if not {"H", "W"} <= set(axes) <= set("NCHW") or len(set(axes)) != len(axes):
        known = '"CHW", "HWC", "HW", "NCHW" or "NHWC"'
        raise ValueError(f"{where}: tag {tag!r}: dataformats is {dataformats!r}; it must be {known}")
    given = array(where, tag, value, "the picture")
    if given.ndim != len(axes):
        advice = f'it has {len(axes)} axes; say the layout, e.g. dataformats="{_likely(given.ndim)}"'
        raise ValueError(f"{where}: tag {tag!r}: got {describe(given)} for dataformats {axes!r}: {advice}")
    batch = np.transpose(given, [axes.index(a) for a in "NHWC" if a in axes])
    batch = batch if "C" in axes else batch[..., None]
    batch = batch if "N" in axes else batch[None]
    if batch.size == 0 or not 1 <= batch.shape[-1] <= 4:
        wanted = "1 to 4 channels and at least one pixel"
        advice = f"has {batch.shape[-1]} channels where {wanted} are wanted; check dataformats"
        raise ValueError(f"{where}: tag {tag!r}: {describe(given)} read as {axes!r} {advice}")
    return _grid(_to_bytes(batch))


def _likely(ndim: int) -> str:
    return {2: "HW", 3: "HWC", 4: "NCHW"}.get(ndim, "CHW")


def _to_bytes(values: npt.NDArray[Any]) -> Pixels:
    if values.dtype.kind == "f":
        values = np.rint(np.nan_to_num(values.clip(0, 1)).astype(np.float32) * 255)
    elif values.dtype.kind == "b":
        values = values * np.uint8(255)
    picture: Pixels = values.clip(0, 255).astype(np.uint8)
    return picture


def _grid(batch: Pixels) -> Pixels:
    """``(N, H, W, C)`` -> ``(rows H, columns W, C)``; places without a picture are black."""
    count, height, width, channels = batch.shape
    columns = min(count, GRID_COLUMNS)
    rows = math.ceil(count / columns)
    page = np.zeros((rows * columns, height, width, channels), np.uint8)
    page[:count] = batch
    by_line = page.reshape(rows, columns, height, width, channels).transpose(0, 2, 1, 3, 4)
    return np.ascontiguousarray(by_line).reshape(rows * height, columns * width, channels)


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
    height, width, channels = picture.shape
    encoded = Summary.Image(
        height=height, width=width, colorspace=channels, encoded_image_string=png.encode(picture)
    )  # fmt: skip
    data: bytes = Summary(value=[Summary.Value(tag=tag, image=encoded)]).SerializeToString()
    return data
