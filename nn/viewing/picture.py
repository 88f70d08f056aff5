"""A picture: an array of bytes that any writer's `add_image` takes, that a notebook shows, and that `save` keeps."""

from __future__ import annotations

import struct
import zlib
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import ShapeError

__all__ = ["Picture"]

Pixels = NDArray[np.uint8]


class Picture(np.ndarray[Any, Any]):
    """A colour picture, (3, H, W) of uint8: `writer.add_image(tag, picture, step)`; in a notebook it shows itself.

    Args:
        pixels: (H, W, 3), from 0 to 255.

    Example:
        >>> picture = Picture(np.zeros((2, 4, 3), np.uint8))
        >>> picture, picture.shape, picture.png()[1:4]
        (<Picture of 4 x 2 pixels>, (3, 2, 4), b'PNG')
    """

    def __new__(cls, pixels: Pixels) -> Picture:
        """Turn the axes, as writers take them."""
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise ShapeError(f"Picture: expected bytes (H, W, 3), got {pixels.dtype} {pixels.shape}")
        return np.ascontiguousarray(pixels.transpose(2, 0, 1)).view(cls)

    def png(self) -> bytes:
        """The picture as a PNG file."""
        pixels = np.asarray(self, np.uint8)
        if pixels.ndim != 3 or pixels.shape[0] != 3:
            raise ShapeError(f"Picture: a part of a picture, {pixels.shape}, is none; a whole one is (3, H, W)")
        _, height, width = pixels.shape
        rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each begins with the number of its filter: 0, none
        rows[:, 1:] = pixels.transpose(1, 2, 0).reshape(height, 3 * width)
        parts = [
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            (b"IDAT", zlib.compress(rows.tobytes(), 9)),
            (b"IEND", b""),
        ]
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
            for kind, body in parts
        )

    def save(self, path: str | PathLike[str]) -> None:
        """Write the picture to a file of the name `path`, a PNG."""
        Path(path).write_bytes(self.png())

    def __repr__(self) -> str:
        whole = self.ndim == 3 and self.shape[0] == 3 and self.dtype == np.uint8
        return f"<Picture of {self.shape[2]} x {self.shape[1]} pixels>" if whole else repr(np.asarray(self))

    def _repr_png_(self) -> bytes | None:
        """What a notebook shows; a part of a picture is an array like others."""
        return self.png() if self.ndim == 3 and self.shape[0] == 3 and self.dtype == np.uint8 else None
