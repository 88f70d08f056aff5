"""Image files as tensors of bytes (C, H, W), and back, by the names of `torchvision.io`; Pillow does the work."""

from __future__ import annotations

import enum
import io
import os
from pathlib import Path
from typing import Any

import numpy as np

from nn.data.transforms.pixels import channels_first, pillow
from nn.errors import DtypeError, ShapeError
from nn.tensors.tensor import Tensor, from_numpy

__all__ = [
    "ImageReadMode", "decode_image", "decode_jpeg", "decode_png", "encode_jpeg", "encode_png", "read_file",
    "read_image", "write_file", "write_jpeg", "write_png",
]  # fmt: skip

Path_ = str | os.PathLike[str]


class ImageReadMode(enum.Enum):
    """The channels that a file is read as; UNCHANGED keeps those of the file, of which a palette's are its colours."""

    UNCHANGED, GRAY, GRAY_ALPHA, RGB, RGB_ALPHA = range(5)


_MODES = {"GRAY": "L", "GRAY_ALPHA": "LA", "RGB": "RGB", "RGB_ALPHA": "RGBA", "RGBA": "RGBA"}
"""What Pillow calls them."""


def read_file(path: Path_) -> Tensor:
    """The bytes of a file, as a vector."""
    return from_numpy(np.fromfile(path, np.uint8))


def write_file(filename: Path_, data: Tensor) -> None:
    """Write a vector of bytes into a file."""
    Path(filename).write_bytes(data.numpy().tobytes())


def decode_image(
    input: Tensor | Path_, mode: ImageReadMode | str = ImageReadMode.UNCHANGED, apply_exif_orientation: bool = False
) -> Tensor:
    """The image that the bytes of a file hold, as bytes (C, H, W).

    Args:
        input: the bytes, or the path of a file.
        mode: the channels to return, as an `ImageReadMode` or by its name.
        apply_exif_orientation: whether to turn the image as the camera noted.

    Raises:
        ImportError: Pillow is not installed (extra `media`).
    """
    library = _library("decode_image")
    source = io.BytesIO(input.numpy().tobytes()) if isinstance(input, Tensor) else input
    with library.open(source) as image:
        if apply_exif_orientation:
            from PIL import ImageOps

            image = ImageOps.exif_transpose(image)
        kept = {"P": "RGB", "1": "L"}.get(image.mode, image.mode)
        name = mode.name if isinstance(mode, ImageReadMode) else mode.upper()
        return from_numpy(channels_first(image.convert(_MODES.get(name, kept))))


decode_png = decode_jpeg = decode_image


def read_image(
    path: Path_, mode: ImageReadMode | str = ImageReadMode.UNCHANGED, apply_exif_orientation: bool = False
) -> Tensor:
    """The image in a file, as bytes (C, H, W); the arguments are those of `decode_image`."""
    return decode_image(path, mode, apply_exif_orientation)


def encode_png(input: Tensor, compression_level: int = 6) -> Tensor:
    """The bytes of a PNG file, of bytes (1, H, W) or (3, H, W)."""
    return _encoded(input, "encode_png", format="PNG", compress_level=compression_level)


def encode_jpeg(input: Tensor, quality: int = 75) -> Tensor:
    """The bytes of a JPEG file, of bytes (1, H, W) or (3, H, W); the quality is from 1 to 100."""
    return _encoded(input, "encode_jpeg", format="JPEG", quality=quality)


def write_png(input: Tensor, filename: Path_, compression_level: int = 6) -> None:
    """Write bytes (1, H, W) or (3, H, W) into a PNG file."""
    write_file(filename, encode_png(input, compression_level))


def write_jpeg(input: Tensor, filename: Path_, quality: int = 75) -> None:
    """Write bytes (1, H, W) or (3, H, W) into a JPEG file."""
    write_file(filename, encode_jpeg(input, quality))


def _encoded(image: Tensor, caller: str, **how: Any) -> Tensor:
    library = _library(caller)
    if image.dtype != np.uint8:
        raise DtypeError(f"{caller}: input must be uint8, got {image.dtype}; multiply by 255 and use .to(nn.uint8)")
    if image.ndim != 3 or image.shape[0] not in (1, 3):
        raise ShapeError(f"{caller}: input must be (1, H, W) or (3, H, W), got {image.shape}")
    last = image.numpy().transpose(1, 2, 0)
    file = io.BytesIO()
    library.fromarray(np.ascontiguousarray(last[:, :, 0] if last.shape[2] == 1 else last)).save(file, **how)
    return from_numpy(np.frombuffer(file.getvalue(), np.uint8).copy())


def _library(caller: str) -> Any:
    library = pillow()
    if library is None:
        raise ImportError(f"{caller}: Pillow is not installed; pip install 'fromzero[media]'")
    return library
