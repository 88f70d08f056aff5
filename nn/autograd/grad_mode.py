"""Whether this thread records: `no_grad`, `enable_grad` and their kin."""

from __future__ import annotations

import contextlib
from typing import Any

from nn.autograd.mode import Watcher, mode

__all__ = ["enable_grad", "inference_mode", "is_grad_enabled", "no_grad", "set_grad_enabled"]


class no_grad(contextlib.ContextDecorator):
    """Do not record: within the `with` block, or the decorated function, results do not require gradients.

    The mode belongs to the thread. Parameters are changed inside it (`optim` does so), evaluation runs faster in it.
    """

    _records = False

    def __init__(self) -> None:
        self._before: list[bool | Watcher] = []

    def _recreate_cm(self) -> no_grad:  # a decorated function may run in several threads at once
        return type(self)()

    def __enter__(self) -> no_grad:
        self._before.append(mode.grad)
        mode.grad = self._records and (mode.watcher or True)
        return self

    def __exit__(self, *error: object) -> None:
        mode.grad = self._before.pop()


class enable_grad(no_grad):
    """Record again, inside `no_grad`."""

    _records = True


class inference_mode(no_grad):
    """As `no_grad`, under the name that PyTorch has for code that will never want gradients.

    Args:
        mode: False records, as `enable_grad` does.
    """

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self._records = not mode

    def _recreate_cm(self) -> inference_mode:
        return type(self)(not self._records)


class set_grad_enabled(inference_mode):
    """Record or not, from now on; as a context manager, within its block.

    Args:
        mode: whether to record.
    """

    def __init__(self, mode: bool) -> None:
        super().__init__(not mode)
        super().__enter__()

    def _recreate_cm(self) -> set_grad_enabled:
        return type(self)(self._records)

    def __enter__(self) -> set_grad_enabled:
        return self

    def __call__(self, function: Any) -> Any:
        """As a decorator: only while the function runs."""
        self.__exit__()
        return super().__call__(function)


def is_grad_enabled() -> bool:
    """Whether this thread records ops at the moment."""
    return bool(mode.grad)
