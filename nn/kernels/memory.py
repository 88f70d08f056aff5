"""Freed memory is kept for the next step: every step of a training asks for the same large arrays again.

glibc gives large blocks back to the system when they are freed, and the system zeroes each page when they are
asked for again: a quarter of a CNN's step. Its own settings stand if the user has made any (`MALLOC_TRIM_THRESHOLD_`,
`MALLOC_MMAP_THRESHOLD_`, `GLIBC_TUNABLES`); other C libraries are left alone.
"""

from __future__ import annotations

import ctypes
import os

__all__ = ["empty_cache"]

KEPT = 1 << 30
"""Bytes of freed memory at the end of the heap that stay with the process."""

LARGEST = 1 << 28
"""Bytes up to which a block comes from the heap; larger ones come from the system and go back to it."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # as <malloc.h> numbers them
_OWN_SETTINGS = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


def keep_freed_memory() -> bool:
    """Ask the C library to keep freed memory; returns whether it does."""
    if any(name in os.environ for name in _OWN_SETTINGS):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # not glibc
        return False
    return bool(mallopt(_MMAP_THRESHOLD, LARGEST) and mallopt(_TRIM_THRESHOLD, KEPT))


def empty_cache() -> None:
    """Give freed memory, which is kept for the next step, back to the system.

    Nothing that is in use is touched. Worth a call after the largest step of a program, or before another process needs
    the memory. C libraries other than glibc keep none for us, and there the call does nothing.

    Example:
        >>> import nn
        >>> nn.empty_cache()
    """
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):  # not glibc
        return
