"""Choose whether this thread records: `no_grad`, `enable_grad`, `inference_mode`, `set_grad_enabled`."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.decorator import Decorating
from nn.autograd.mode import Watcher, mode

__all__ = ["enable_grad", "inference_mode", "is_grad_enabled", "no_grad", "set_grad_enabled"]


class no_grad(Decorating):
    """Do not record: within the `with` block, or the decorated function, results do not require gradients.

    A decorated generator, coroutine or asynchronous generator does not record while it runs; what others do between
    its steps is recorded as before. The mode belongs to the thread. Parameters are changed inside it (`optim` does so),
    evaluation runs faster in it.

    Example:
        >>> import nn
        >>> @nn.no_grad()  # or @nn.no_grad
        ... def predictions(model, batches):
        ...     for x in batches:
        ...         yield model(x)
        >>> [y.requires_grad for y in predictions(nn.Linear(2, 1), nn.ones(3, 2))]
        [False, False, False]
    """

    _records = False

    def __init__(self) -> None:
        self._before: list[bool | Watcher] = []

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
    """As `no_grad`, under the name that PyTorch has for code that will never need gradients.

    Args:
        mode: False records, as `enable_grad` does.
    """

    def __new__(cls, mode: Any = True) -> Any:
        """A context; or the decorated function, if a function is what is given."""
        return cls()(mode) if callable(mode) or isinstance(mode, classmethod) else object.__new__(cls)

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        if type(mode) not in (bool, np.bool_):
            name = type(self).__name__
            raise TypeError(f"{name}: mode must be True or False, got {mode!r}; as a decorator, write @{name}(True)")
        self._records = not mode

    def _recreate_cm(self) -> inference_mode:
        return type(self)(not self._records)


class set_grad_enabled(inference_mode):
    """Record or not, from now on; as a context manager, within its block.

    Args:
        mode: whether to record.
    """

    def __init__(self, mode: bool) -> None:
        super().__init__(mode)
        self._records = bool(mode)
        super().__enter__()

    def __new__(cls, mode: Any) -> Any:
        """A context: there is no mode to decorate with, unless it is given."""
        return object.__new__(cls)

    def _recreate_cm(self) -> set_grad_enabled:
        return type(self)(self._records)

    def __enter__(self) -> set_grad_enabled:
        return self

    def __exit__(self, *error: object) -> None:
        if self._before:  # what was set is undone once, though the context may be used again
            super().__exit__(*error)

    def __call__(self, function: Any) -> Any:
        """As a decorator: only while the function runs."""
        self.__exit__()
        return super().__call__(function)


def is_grad_enabled() -> bool:
    """Whether this thread records ops at the moment."""
    return bool(mode.grad)
