"""A GIF encoder: frames of at most 256 colours each, played for ever.

References:
    https://www.w3.org/Graphics/GIF/spec-gif89a.txt
    Heckbert, Color image quantization for frame buffer display, 1982 (the median cut).
"""

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.intp]

MOST_COLOURS = 256
LARGEST_SIDE = 65535  # pixels
_CODES = 4096  # of LZW: at most 12 bits


def encode(frames: Pixels, delay: int) -> bytes:
    """A GIF file.

    A frame with more than 256 colours is reduced to 256 of its own; one with fewer keeps them exactly.

    Args:
        frames: uint8 ``(T, H, W, C)``, C 1 for grey or 3 for RGB, sides of at most 65,535 pixels.
        delay: how long a frame stands, in hundredths of a second.

    Returns:
        The file's bytes.

    Example:
        >>> encode(np.zeros((2, 3, 4, 1), np.uint8), delay=25)[:6]
        b'GIF89a'
    """
    _, height, width, _ = frames.shape
    start = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x70, 0, 0)
    for_ever = b"\x21\xff\x0bNETSCAPE2.0" + struct.pack("<BBHB", 3, 1, 0, 0)
    return b"".join([start, for_ever, *(_frame(frame, delay) for frame in frames), b"\x3b"])


def _frame(pixels: Pixels, delay: int) -> bytes:
    height, width, channels = pixels.shape
    palette, indices = palettise(pixels.reshape(-1, channels))
    bits = max(1, (len(palette) - 1).bit_length())
    table = np.zeros((1 << bits, 3), np.uint8)
    table[: len(palette)] = palette
    timing = b"\x21\xf9" + struct.pack("<BBHBB", 4, 0, delay, 0, 0)
    place = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0x80 | bits - 1)
    code_bits = max(2, bits)
    data = lzw(indices.astype(np.uint8).tobytes(), code_bits)
    blocks = [bytes([len(data[at : at + 255])]) + data[at : at + 255] for at in range(0, len(data), 255)]
    return b"".join([timing, place, table.tobytes(), bytes([code_bits]), *blocks, b"\x00"])


def palettise(pixels: Pixels) -> tuple[Pixels, Integers]:
    """A palette of at most 256 colours, and each pixel's place in it.

    Args:
        pixels: ``(N, C)``.

    Returns:
        ``(colours, C)`` and ``(N,)``.

    Example:
        >>> palettise(np.array([[7], [9], [7]], np.uint8))[1].tolist()
        [0, 1, 0]
    """
    colours, indices = _distinct(pixels)
    if len(colours) <= MOST_COLOURS:
        return colours, indices
    groups, indices = _distinct(pixels & 0xFC)  # neighbours in colour together: less to sort
    counts = np.bincount(indices)
    boxes = _median_cut(groups, counts)
    of_pixel = boxes[indices]
    sizes = np.bincount(of_pixel)
    sums = [np.bincount(of_pixel, pixels[:, channel]) for channel in range(pixels.shape[1])]
    return np.rint(np.stack(sums, axis=1) / sizes[:, None]).astype(np.uint8), of_pixel


def _distinct(pixels: npt.NDArray[Any]) -> tuple[Pixels, Integers]:
    """The different rows, and which of them each row is."""
    shifts = 8 * np.arange(pixels.shape[1])
    packed, indices = np.unique((pixels.astype(np.int64) << shifts).sum(axis=1), return_inverse=True)
    return (packed[:, None] >> shifts & 0xFF).astype(np.uint8), indices.ravel()


def _median_cut(colours: Pixels, counts: Integers) -> Integers:
    """For each colour the number of its box: the box that holds most pixels, times its longest side, is cut in two
    at the median of that side, until there are 256.
    """
    members = [np.arange(len(colours))]

    def weight(box: Integers) -> float:
        return float(counts[box].sum() * np.ptp(colours[box], axis=0).max())

    weights = [weight(members[0])]
    while len(members) < MOST_COLOURS:
        number = int(np.argmax(weights))
        box = members[number]
        side = int(np.ptp(colours[box], axis=0).argmax())
        box = box[np.argsort(colours[box, side], kind="stable")]
        below = counts[box].cumsum()
        cut = int(np.clip(np.searchsorted(below, below[-1] / 2), 1, len(box) - 1))
        members[number : number + 1] = [box[:cut], box[cut:]]
        weights[number : number + 1] = [weight(box[:cut]), weight(box[cut:])]
    result = np.empty(len(colours), np.intp)
    for number, box in enumerate(members):
        result[box] = number
    return result


def lzw(data: bytes, code_bits: int) -> bytes:
    """The compression of GIF: known sequences become codes, whose width grows with their number.

    Args:
        data: numbers below ``2**code_bits``, one a byte.
        code_bits: from 2 to 8.

    Returns:
        The codes, least significant bit first.

    References:
        Welch, A technique for high-performance data compression, 1984.

    Example:
        >>> lzw(bytes([1, 1, 1, 1]), 2).hex()
        '8c53'
    """
    clear = 1 << code_bits
    codes, widths = [clear], [code_bits + 1]
    known: dict[int, int] = {}  # (code of a sequence, next byte) -> code of the longer sequence
    free, width = clear + 2, code_bits + 1
    sequence = data[0]
    for byte in data[1:]:
        key = sequence << 8 | byte
        code = known.get(key)
        if code is not None:
            sequence = code
            continue
        codes.append(sequence)
        widths.append(width)
        if free == _CODES:
            codes.append(clear)
            widths.append(width)
            known.clear()
            free, width = clear + 2, code_bits + 1
        else:
            if free == 1 << width:
                width += 1
            known[key] = free
            free += 1
        sequence = byte
    codes.append(sequence)
    widths.append(width)
    if free == 1 << width and width < 12:  # the reader adds an entry for that code, too
        width += 1
    codes.append(clear + 1)
    widths.append(width)
    return _packed(codes, widths)


def _packed(codes: list[int], widths: list[int]) -> bytes:
    """Numbers of the given widths, bit by bit, the least significant first."""
    places = np.arange(12)
    bits = (np.array(codes)[:, None] >> places & 1).astype(np.uint8)
    return np.packbits(bits[places < np.array(widths)[:, None]], bitorder="little").tobytes()
