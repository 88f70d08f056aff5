"""The IDX format of MNIST's files: four bytes that name the type and the number of axes, their lengths, the numbers."""

from __future__ import annotations

import gzip
import math
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["read_idx"]

DTYPES = {0x08: "|u1", 0x09: "|i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"


def read_idx(path: str | os.PathLike[str]) -> NDArray[Any]:
    """Read an array from an IDX file, compressed by gzip or not.

    Args:
        path: the file.

    Returns:
        The array, in the byte order of this machine.

    Raises:
        ValueError: the file is damaged, cut off, or of another format.
        OSError: the file cannot be read; FileNotFoundError if there is none.

    Example:
        >>> import tempfile, pathlib, nn
        >>> path = pathlib.Path(tempfile.gettempdir(), "two-idx1-ubyte")
        >>> _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 5, 7]))
        >>> nn.data.datasets.read_idx(path)
        array([5, 7], dtype=uint8)
        >>> path.unlink()

    References:
        LeCun, Cortes, Burges: The MNIST Database of Handwritten Digits, 1998, "The IDX file format".
    """
    data = Path(path).read_bytes()
    try:
        if data.startswith(GZIP):
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"read_idx: {path} is damaged or cut off ({error}); download it again") from error
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in DTYPES:
        raise ValueError(f"read_idx: {path} is no IDX file, its first bytes are {data[:4]!r}")
    dtype, ndim = np.dtype(DTYPES[data[2]]), data[3]
    start = 4 + 4 * ndim
    shape = tuple(int.from_bytes(data[i : i + 4], "big") for i in range(4, start, 4))
    if len(data) != start + math.prod(shape) * dtype.itemsize:
        wanted = start + math.prod(shape) * dtype.itemsize
        raise ValueError(
            f"read_idx: {path} must have {wanted} bytes for an array of shape {shape}, got {len(data)}; "
            "download it again"
        )
    return np.frombuffer(data, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))
