"""TFRecord frames over any binary file object, both directions.

A frame is the length of its data (8 bytes, little-endian), the masked CRC-32C of those 8 bytes, the data, and the
masked CRC-32C of the data. An event file is nothing but frames, each holding one Event.
"""

import functools
import itertools
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import numpy as np
from crc32c import crc32c

_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_HEADER = struct.Struct("<QI")
FRAME_BYTES = _HEADER.size + _U32.size  # what a frame adds to its data
_CHUNK = 1 << 20  # bytes; a frame is read in pieces, so that its length field alone never allocates more than this
_PLAUSIBLE = re.compile(rb"(?=(.{4}\0{4}.{4}))", re.DOTALL)  # a header of a frame below 4 GiB, as any message is


class DamagedRecordError(ValueError):
    """A file of frames holds one that its checksum, or its reader, refuses.

    Attributes:
        offset: where the damaged frame begins, in bytes from the start of the file.
        reason: what is wrong with it.
        path: the file's name, where it has one.
        skipped: how many bytes were left out to go on after it; None where reading ended.
    """

    def __init__(self, offset: int, reason: str, path: str | None = None, skipped: int | None = None) -> None:
        super().__init__(offset, reason, path, skipped)
        self.offset, self.reason, self.path, self.skipped = offset, reason, path, skipped

    def __str__(self) -> str:
        fate = "" if self.skipped is None else f"; {self.skipped} bytes are left out"
        return f"{self.path or 'the file'}: the record at byte {self.offset} is damaged: {self.reason}{fate}"


def masked_crc(data: bytes, crc: int = 0) -> int:
    """CRC-32C of ``data``, rotated and shifted so that a checksum of data that hold checksums stays a good one.

    Args:
        data: the bytes to check.
        crc: unmasked CRC-32C of what stands before ``data``.

    Returns:
        An unsigned 32-bit integer.

    References:
        RFC 3720, appendix B.4 (CRC-32C); the mask is TFRecord's.

    Example:
        >>> hex(masked_crc(b"123456789"))
        '0xc78ab0e5'
    """
    crc = crc32c(data, crc)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@functools.lru_cache(maxsize=1024)
def _header(length: int) -> bytes:
    return _HEADER.pack(length, masked_crc(_U64.pack(length)))


def frame(data: bytes) -> bytes:
    """One frame around ``data``.

    Args:
        data: what the frame holds.

    Returns:
        The frame, `FRAME_BYTES` longer than ``data``.

    Example:
        >>> frame(b"hello").hex()
        '0500000000000000eab2043e68656c6c6fbb1f1c19'
    """
    return b"%b%b%b" % (_header(len(data)), data, _U32.pack(masked_crc(data)))


def frames(records: Sequence[bytes]) -> bytes:
    """The frames of many records, several times faster than one by one.

    Args:
        records: what each frame holds.

    Returns:
        The frames, one after the other.

    Example:
        >>> frames([b"one", b"two"]) == frame(b"one") + frame(b"two")
        True
    """
    crcs = np.fromiter(map(crc32c, records), np.uint32, len(records))
    masked = (crcs >> 15 | crcs << 17) + np.uint32(0xA282EAD8)
    footers = masked.astype("<u4").view("V4").tolist()
    headers = map(_header, map(len, records))
    return b"".join(itertools.chain.from_iterable(zip(headers, records, footers, strict=True)))


def write_record(file: BinaryIO, data: bytes) -> int:
    """Write one frame.

    Args:
        file: anything with ``write(bytes)``.
        data: what the frame holds.

    Returns:
        The number of bytes written.

    Example:
        >>> import io
        >>> file = io.BytesIO()
        >>> write_record(file, b"hello")
        21
    """
    framed = frame(data)
    file.write(framed)
    return len(framed)


def read_records(
    file: BinaryIO, path: str | None = None, on_damage: Callable[[DamagedRecordError], object] | None = None
) -> Iterator[tuple[int, bytes]]:
    """Read frames up to the end of the file.

    A frame that the end of the file cuts off counts as the end: its writer may still be at it, or was killed.

    Args:
        file: anything with ``read(n)``, at the start of a frame. It is read strictly forward, unless ``on_damage`` has
            it go on after damage, which takes ``tell`` and ``seek``, too.
        path: its name for messages; the one that the file itself has by default.
        on_damage: called with each damage instead of raising it; then reading goes on with the next frame that is
            whole, wherever it begins.

    Yields:
        ``(offset, data)``: where the frame begins, in bytes from where reading began, and what it holds.

    Raises:
        DamagedRecordError: a checksum does not fit. All frames before the damage have been yielded by then.

    Example:
        >>> import io
        >>> file = io.BytesIO(frame(b"one") + frame(b"two") + frame(b"cut off")[:-1])
        >>> list(read_records(file))
        [(0, b'one'), (19, b'two')]
        >>> file = io.BytesIO(frame(b"one") + b"torn" + frame(b"two"))
        >>> list(read_records(file, on_damage=print))
        the file: the record at byte 19 is damaged: the checksum of its length does not fit; 4 bytes are left out
        [(0, b'one'), (23, b'two')]
    """
    name = getattr(file, "name", None)
    path = path or (name if isinstance(name, str) else None)
    start = 0 if on_damage is None else file.tell()
    offset = 0
    while True:
        found = _read_record(file)
        if found is None:
            return
        if isinstance(found, bytes):
            yield offset, found
            offset += len(found) + FRAME_BYTES
            continue
        if on_damage is None:
            raise DamagedRecordError(offset, found, path)
        end = _next_frame(file, start + offset + 1)
        on_damage(DamagedRecordError(offset, found, path, end - start - offset))
        file.seek(end)
        offset = end - start


def _read_record(file: BinaryIO) -> bytes | str | None:
    """What the frame holds that begins here; or what is wrong with it; or None, where the file ends before it does."""
    header = _read_fully(file, _HEADER.size)
    if len(header) < _HEADER.size:
        return None
    length, crc = _HEADER.unpack(header)
    if crc != masked_crc(header[:8]):
        return "the checksum of its length does not fit"
    data = _read_fully(file, length)
    footer = _read_fully(file, _U32.size)
    if len(footer) < _U32.size:
        return None
    return data if _U32.unpack(footer) == (masked_crc(data),) else "the checksum of its data does not fit"


def _next_frame(file: BinaryIO, place: int) -> int:
    """Where the next whole frame begins at ``place`` or behind it; or the file ends."""
    while True:
        file.seek(place)
        chunk = _read_fully(file, _CHUNK)
        for match in _PLAUSIBLE.finditer(chunk):
            if _HEADER.unpack(match[1])[1] == masked_crc(match[1][:8]):
                file.seek(place + match.start())
                if isinstance(_read_record(file), bytes):
                    return place + match.start()
        if len(chunk) < _CHUNK:
            return place + len(chunk)
        place += len(chunk) - _HEADER.size + 1


def _read_fully(file: BinaryIO, size: int) -> bytes:
    """``size`` bytes, or fewer at the end of the file; allocates what is there, not what is asked for."""
    chunks = []
    while size > 0 and (chunk := file.read(min(size, _CHUNK))):
        chunks.append(chunk)
        size -= len(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
