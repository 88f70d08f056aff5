"""Another program in the place of this one."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys


def flush() -> None:
    """Write what is still in Python's buffer, so that a reader that has gone, or a full disk, is noticed here."""
    if sys.stdout is not None:
        sys.stdout.flush()


def become(*arguments: str) -> int:
    """Run another Python program in the place of this process, so that a signal to this process reaches it."""
    command = [sys.executable, *arguments]
    flush()
    if os.name == "posix":
        os.execv(sys.executable, command)
    with contextlib.suppress(KeyboardInterrupt):  # where a process cannot be replaced, wait for another one
        return subprocess.call(command)
    return 0
