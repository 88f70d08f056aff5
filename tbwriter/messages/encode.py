"""The hot path, encoded by hand: the same bytes as protobuf's for an Event around a Summary, and for scalars.

Building a message object costs several times what packing its bytes does, and a training loop logs scalars by the
thousand. In the encoding a field is a key (``number << 3 | kind``) and a value; the kinds here are 0 (varint),
1 (8 bytes), 2 (length and bytes), 5 (4 bytes). A field that holds its default is left out.

References:
    https://protobuf.dev/programming-guides/encoding/
"""

import functools
import math
import struct
from collections.abc import Callable, Sequence

Scalar = tuple[float, int, str, float]  # wall time, step, tag, value

_FLOAT = struct.Struct("<f")
_KEY_AND_DOUBLE = struct.Struct("<Bd")

_WALL_TIME = 0x09  # Event.wall_time = 1, 8 bytes
_STEP = b"\x10"  # Event.step = 2, varint
_SUMMARY = b"\x2a"  # Event.summary = 5, bytes
_VALUE = b"\x0a"  # Summary.value = 1, bytes
_TAG = b"\x0a"  # Summary.Value.tag = 1, bytes
_SIMPLE_VALUE = b"\x15"  # Summary.Value.simple_value = 2, 4 bytes


def varint(number: int) -> bytes:
    """A base-128 integer, least significant group first; a negative one counts as its two's complement in 64 bits.

    Args:
        number: from -2**63 to 2**64 - 1.

    Returns:
        One to ten bytes.

    Example:
        >>> varint(300).hex()
        'ac02'
    """
    number &= 0xFFFFFFFFFFFFFFFF
    groups = bytearray()
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)


_LOW_GROUPS = [_STEP + bytes([group | 0x80]) for group in range(0x80)]  # the step's key and its lowest seven bits
_high_groups = functools.lru_cache(maxsize=256)(varint)  # they change but every 128 steps


def step_field(step: int) -> bytes:
    """The step of an Event; after a serialised Event without one it sets its step.

    Args:
        step: within 64 bits, signed.

    Returns:
        Nothing for step 0, else key and varint.

    Example:
        >>> step_field(300).hex()
        '10ac02'
    """
    if step >= 0x80:
        return _LOW_GROUPS[step & 0x7F] + _high_groups(step >> 7)
    return _STEP + varint(step) if step else b""


@functools.lru_cache(maxsize=4096)
def _scalar_head(tag: str) -> bytes:
    """A Summary of one scalar up to the four bytes of its number."""
    name = tag.encode()
    body = (_TAG + varint(len(name)) + name if name else b"") + _SIMPLE_VALUE
    return _VALUE + varint(len(body) + _FLOAT.size) + body


@functools.lru_cache(maxsize=4096)
def _scalar_event_head(tag: str) -> bytes:
    """The summary field of an Event of one scalar up to the four bytes of its number."""
    head = _scalar_head(tag)
    return _SUMMARY + varint(len(head) + _FLOAT.size) + head


def float32_bytes(value: float) -> bytes:
    """Four bytes, little-endian; what is too large for them becomes infinite.

    Args:
        value: any float.

    Returns:
        The bytes of the nearest IEEE 754 single.

    Example:
        >>> float32_bytes(1e300) == float32_bytes(float("inf"))
        True
    """
    try:
        return _FLOAT.pack(value)
    except OverflowError:
        return _FLOAT.pack(math.copysign(math.inf, value))


def scalar_event(wall_time: float, step: int, tag: str, value: float) -> bytes:
    """An Event that holds one scalar.

    Args:
        wall_time: seconds since 1970.
        step: within 64 bits, signed.
        tag: its name.
        value: the number, stored as float32.

    Returns:
        The serialised Event.

    Example:
        >>> from tbwriter.messages.event_pb2 import Event
        >>> event = Event.FromString(scalar_event(1.5, 7, "loss", 0.25))
        >>> event.step, event.summary.value[0].tag, event.summary.value[0].simple_value
        (7, 'loss', 0.25)
    """
    return scalar_events([(wall_time, step, tag, value)])[0]


def scalar_events(scalars: Sequence[Scalar]) -> list[bytes]:
    """Events that hold one scalar each; many at once cost a third less than one by one.

    Args:
        scalars: wall time, step, tag and value of each, as for `scalar_event`.

    Returns:
        The serialised Events.

    Example:
        >>> scalar_events([(1.5, 7, "loss", 0.25)]) == [scalar_event(1.5, 7, "loss", 0.25)]
        True
    """
    try:
        return _packed(scalars, _FLOAT.pack)
    except OverflowError:  # rarely a value is too large
        return _packed(scalars, float32_bytes)


def _packed(scalars: Sequence[Scalar], number: Callable[[float], bytes]) -> list[bytes]:
    return [
        b"".join((_time_field(wall_time), step_field(step), _scalar_event_head(tag), number(value)))
        for wall_time, step, tag, value in scalars
    ]


def scalars_summary(scalars: Sequence[tuple[str, float]]) -> bytes:
    """A Summary of many scalars, for one Event of one step.

    Args:
        scalars: pairs of tag and number.

    Returns:
        The serialised Summary.

    Example:
        >>> from tbwriter.messages.summary_pb2 import Summary
        >>> [value.tag for value in Summary.FromString(scalars_summary([("loss", 0.5), ("acc", 0.75)])).value]
        ['loss', 'acc']
    """
    try:
        return b"".join([_scalar_head(tag) + _FLOAT.pack(value) for tag, value in scalars])
    except OverflowError:
        return b"".join([_scalar_head(tag) + float32_bytes(value) for tag, value in scalars])


def summary_event(wall_time: float, step: int, summary: bytes) -> bytes:
    """An Event around a serialised Summary.

    Args:
        wall_time: seconds since 1970.
        step: within 64 bits, signed.
        summary: the serialised Summary.

    Returns:
        The serialised Event.

    Example:
        >>> from tbwriter.messages.event_pb2 import Event
        >>> Event.FromString(summary_event(1.5, 7, b"")).step
        7
    """
    return b"".join((_time_field(wall_time), step_field(step), _SUMMARY, varint(len(summary)), summary))


def _time_field(wall_time: float) -> bytes:
    return _KEY_AND_DOUBLE.pack(_WALL_TIME, wall_time) if wall_time else b""
