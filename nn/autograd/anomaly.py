"""Anomaly detection: the first nan of a backward, with the line of the forward that it goes back to."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

import numpy as np

from nn.autograd.decorator import Decorating
from nn.autograd.mode import mode
from nn.autograd.tape import TensorBase

__all__ = ["detect_anomaly", "is_anomaly_enabled", "set_detect_anomaly"]

_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120  (pathlib imports slowly)
_EXAMPLES = os.path.join(_OWN, "examples")  # noqa: PTH118


class detect_anomaly(Decorating):
    """Within the block, ops remember the line that called them, and a backward through a nan names where it arose.

    Noting the line costs several microseconds an op: for debugging only. The backward may be inside the block or after
    it.

    Args:
        check_nan: False notes and refuses nothing.

    Raises:
        GradError: in the backward, if its tensor has a nan: the first op that made one of operands without; or at the
            first rule that makes a gradient with nan of one without.

    Example:
        >>> import nn
        >>> x = nn.tensor([0.0, 1.0], requires_grad=True)
        >>> with nn.detect_anomaly():
        ...     (x * x.log()).sum().backward()  # 0 times -inf
        Traceback (most recent call last):
        ...
        nn.errors.GradError: backward: the tensor has nan, which mul made first; it was called at ...
    """

    def __new__(cls, function: Any = None, check_nan: bool = True) -> Any:
        """A context; or the decorated function, if a function is what is given."""
        return object.__new__(cls) if function is None or isinstance(function, bool) else cls()(function)

    def __init__(self, check_nan: bool = True) -> None:
        self._check_nan = check_nan

    def _recreate_cm(self) -> detect_anomaly:
        return type(self)(self._check_nan)

    def __enter__(self) -> detect_anomaly:
        self._before = mode.watcher, mode.grad
        if self._check_nan:
            mode.watcher = _note
            mode.grad = bool(mode.grad) and _note
        return self

    def __exit__(self, *error: object) -> None:
        mode.watcher, mode.grad = self._before


class set_detect_anomaly(detect_anomaly):
    """The same from now on, or no longer; as a context manager, until the end of its block.

    Args:
        mode: whether to detect.
        check_nan: False notes and refuses nothing.

    Example:
        >>> import nn
        >>> _ = nn.autograd.set_detect_anomaly(True)
        >>> nn.tensor([0.0], requires_grad=True).log().grad_fn.made_at
        '<doctest nn.autograd.anomaly.set_detect_anomaly[2]>:1, in <module>'
        >>> _ = nn.autograd.set_detect_anomaly(False)
    """

    def __new__(cls, mode: Any, check_nan: bool = True) -> Any:
        """A context, in force at once."""
        return object.__new__(cls)

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        super().__init__(check_nan)
        if mode:
            super().__enter__()
        else:
            self._before = _stopped()

    def __enter__(self) -> set_detect_anomaly:
        return self


def is_anomaly_enabled() -> bool:
    """Whether backward looks for nan."""
    return mode.watcher is _note


def _stopped() -> Any:
    """Stop watching; what was before."""
    before = mode.watcher, mode.grad
    mode.watcher, mode.grad = None, bool(mode.grad)
    return before


def _note(result: TensorBase, operands: Sequence[Any]) -> None:
    """Remember the line outside of `nn` that the op was called from, and whether it made a nan."""
    node = result._node
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_own(frame.f_code.co_filename):
        frame = frame.f_back
    if node is not None and frame is not None:
        node.made_at = f"{frame.f_code.co_filename}:{frame.f_lineno}, in {frame.f_code.co_name}"
        if np.isnan(result._array).any():
            arrays = [operand._array for operand in operands if isinstance(operand, TensorBase)]
            node.nan = "passed" if any(np.isnan(array).any() for array in arrays) else "made"


def _is_own(filename: str) -> bool:
    return filename.startswith(_OWN) and not filename.startswith(_EXAMPLES)
