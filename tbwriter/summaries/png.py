"""PNG, both directions: 8 bits a channel; grey, grey and alpha, RGB, RGBA; it reads 16 bits and palettes, too.

References:
    https://www.w3.org/TR/png-3/
"""

import struct
import zlib

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # by number of channels
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type; 3 is a palette
_LEVEL = 4  # of zlib: below its default, since speed matters more to a training log than the last bytes


def encode(pixels: Pixels) -> bytes:
    """A PNG file.

    Args:
        pixels: uint8, ``(height, width, channels)`` with 1 to 4 channels.

    Returns:
        The file's bytes.

    Example:
        >>> encode(np.zeros((2, 3, 1), np.uint8))[:8]
        b'\\x89PNG\\r\\n\\x1a\\n'
    """
    height, width, channels = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    scanlines = zlib.compress(_filtered(pixels), _LEVEL)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", scanlines) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def _filtered(pixels: Pixels) -> bytes:
    """Scanlines, each after the number of its filter: 0 as they are, 1 minus the left pixel, 2 minus the one above.

    For each line the filter whose bytes, taken as signed, have the least sum of magnitudes: the rule of thumb of the
    specification (section 12.7).
    """
    height, _, channels = pixels.shape
    lines = pixels.reshape(height, -1)
    left, above = lines.copy(), lines.copy()
    left[:, channels:] -= lines[:, :-channels]
    above[1:] -= lines[:-1]
    candidates = np.stack([lines, left, above])
    cost = np.minimum(candidates, -candidates).sum(axis=2, dtype=np.uint32)
    best = cost.argmin(axis=0)
    chosen = np.take_along_axis(candidates, best[None, :, None], axis=0)[0]
    filtered: Pixels = np.hstack([best[:, None].astype(np.uint8), chosen])
    return filtered.tobytes()


def decode(data: bytes) -> Pixels:
    """The pixels of a PNG file that has no interlacing, and 8 or 16 bits a channel or a palette of 8 bits.

    Args:
        data: the file's bytes.

    Returns:
        uint8, ``(height, width, channels)``; of 16 bits the higher 8, of a palette its colours.

    Raises:
        ValueError: it is damaged, or a PNG of another kind.

    Example:
        >>> decode(encode(np.full((1, 2, 3), 7, np.uint8))).tolist()
        [[[7, 7, 7], [7, 7, 7]]]
    """
    try:
        return _decoded(data)
    except (struct.error, zlib.error, KeyError, IndexError) as error:
        raise ValueError(f"a damaged PNG: {type(error).__name__} {error}") from error


def _decoded(data: bytes) -> Pixels:
    chunks: dict[bytes, bytes] = {}
    place = len(SIGNATURE)
    while place < len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        chunks[kind] = chunks.get(kind, b"") + data[place + 8 : place + 8 + length]
        place += length + 12
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if interlaced or depth not in (8, 16) or (colour, depth) == (3, 16):
        got = f"{depth} bits{' and interlacing' if interlaced else ''}"
        raise ValueError(f"expected a PNG of 8 or 16 bits without interlacing, got {got}")
    pixel = _CHANNELS[colour] * depth // 8  # bytes
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + width * pixel)
    lines = np.zeros((height + 1, width * pixel), np.uint8)  # the first is the one above the picture
    for y, row in enumerate(rows):
        lines[y + 1] = _unfiltered(int(row[0]), row[1:], lines[y], pixel)
    result = lines[1:].reshape(height, width, -1)[..., :: depth // 8]
    return result if colour != 3 else np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)[result[..., 0]]


def _unfiltered(kind: int, line: Pixels, above: Pixels, pixel: int) -> Pixels:
    """One line from the differences that its filter left."""
    if kind == 0:
        return line
    if kind == 1:
        return line.reshape(-1, pixel).cumsum(axis=0, dtype=np.uint8).ravel()
    if kind == 2:
        return line + above
    result, up = bytearray(pixel) + line.tobytes(), bytes(pixel) + above.tobytes()
    for place in range(pixel, len(result)):  # each byte depends on the one to its left
        left, over, corner = result[place - pixel], up[place], up[place - pixel]
        guess = (left + over) // 2 if kind == 3 else _paeth(left, over, corner)
        result[place] = (result[place] + guess) & 0xFF
    return np.frombuffer(result, np.uint8)[pixel:]


def _paeth(left: int, over: int, corner: int) -> int:
    """The one of the three that is nearest to left + over - corner (section 9.4 of the specification)."""
    to_left, to_over, to_corner = abs(over - corner), abs(left - corner), abs(left + over - 2 * corner)
    if to_left <= to_over and to_left <= to_corner:
        return left
    return over if to_over <= to_corner else corner
