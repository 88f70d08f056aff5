"""Messages that other libraries hand over: each has classes of its own for the same bytes."""

from typing import Any

from tbwriter.values import describe


def message_bytes(where: str, kind: str, message: Any) -> bytes:
    """A message of that kind as bytes, whichever library's it is.

    Args:
        where: the method at work, for messages.
        kind: the message's name, such as "Summary".
        message: what the caller gave; bytes are returned as they are.

    Returns:
        The serialised message.

    Raises:
        TypeError: it is something else.

    Example:
        >>> message_bytes("add_event", "Event", b"any")
        b'any'
    """
    if isinstance(message, (bytes, bytearray, memoryview)):
        return bytes(message)
    name = getattr(getattr(message, "DESCRIPTOR", None), "name", None)
    if name != kind or not callable(getattr(message, "SerializeToString", None)):
        got = f"a message {name}" if name else describe(message)
        raise TypeError(f"{where}: expected a message {kind} of protobuf, or its bytes, got {got}")
    data: bytes = message.SerializeToString()
    return data


def checked_bytes(where: str, kind: type[Any], message: Any) -> bytes:
    """The same, read once as a check.

    Args:
        where: the method at work, for messages.
        kind: the message's class.
        message: what the caller gave.

    Returns:
        The serialised message.

    Raises:
        TypeError, ValueError: it is none.

    Example:
        >>> from tbwriter.messages.event_pb2 import Event
        >>> checked_bytes("add_event", Event, b"any")
        Traceback (most recent call last):
        ValueError: add_event: expected the bytes of a message Event, got bytes b'any'
    """
    data = message_bytes(where, kind.DESCRIPTOR.name, message)
    try:
        kind.FromString(data)
    except Exception as error:  # DecodeError, or ValueError of a protobuf without its C extension
        raise ValueError(
            f"{where}: expected the bytes of a message {kind.DESCRIPTOR.name}, got {describe(data)}"
        ) from error
    return data
