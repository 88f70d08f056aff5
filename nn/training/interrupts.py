"""Interrupts while training: the first one is noted, and the loop stops where a batch ends; a second one breaks in."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

__all__: list[str] = []


class Interrupts:
    """Notes SIGINT (Ctrl-C, a notebook's stop button) and SIGTERM (what a cluster sends) within its block.

    Only in the main thread, the only one that may, and only where the program has no handler of its own.
    """

    def __init__(self) -> None:
        self.noted: int | None = None
        self.broke_in = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
        if threading.current_thread() is threading.main_thread():
            for number, handler in usual.items():
                if signal.getsignal(number) is handler:
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.noted is not None:
            self.broke_in = True
            raise KeyboardInterrupt
        self.noted = number

    def check(self) -> None:
        """Stop here if one was noted.

        Raises:
            KeyboardInterrupt: one was.
        """
        if self.noted is not None:
            raise KeyboardInterrupt
