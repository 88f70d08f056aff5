"""Video: frames, made into a GIF, which the images dashboard plays."""

import numpy as np

from tbwriter.summaries import gif
from tbwriter.summaries.image import Pixels, batch, grid
from tbwriter.values import describe, scalar


def frames(tag: str, value: object, dataformats: str) -> Pixels:
    """Frames of bytes from an array of any layout; several videos play side by side, 8 to a row.

    Args:
        tag: the tag at work, for messages.
        value: floats from 0 to 1, integers from 0 to 255, or bools.
        dataformats: what each axis means: "T" (time), "H" and "W", maybe "C" and "N" (videos), in any order.

    Returns:
        uint8 ``(T, H, W, C)``, C 1 for grey or 3 for RGB; an alpha channel is dropped.

    Raises:
        TypeError: the value holds no numbers.
        ValueError: the layout is unknown, or the value does not have it.

    Example:
        >>> frames("pole", np.zeros((2, 30, 3, 16, 16)), "NTCHW").shape
        (30, 16, 32, 3)
    """
    side_by_side = grid(batch("add_video", tag, value, dataformats, "NTHWC"))
    _, height, width, channels = side_by_side.shape
    if max(height, width) > gif.LARGEST_SIDE:
        limit = f"GIF takes {gif.LARGEST_SIDE} pixels a side at most"
        raise ValueError(f"add_video: tag {tag!r}: the frames are {width} wide and {height} high; {limit}")
    return side_by_side[..., : 1 if channels < 3 else 3]


def delay(tag: str, fps: object) -> int:
    """How long a frame stands.

    Args:
        tag: the tag at work, for messages.
        fps: frames a second.

    Returns:
        Hundredths of a second, at least 1; browsers slow down what is faster than 2.

    Raises:
        TypeError, ValueError: it is not a positive number.

    Example:
        >>> delay("pole", 4)
        25
    """
    rate = scalar("add_video", tag, fps, "fps")
    if not 0 < rate < np.inf:
        raise ValueError(f"add_video: tag {tag!r}: fps must be a positive number, got {describe(fps)}")
    return int(np.clip(round(100 / rate), 1, 65535))
