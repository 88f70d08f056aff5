"""`torch.save` and `torch.load`, and `torch.serialization`, which says which classes a file may make."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from nn import checkpoint

__all__ = ["load", "save"]

trusted: list[Any] = []
"""The classes that the program has named in `torch.serialization`."""


def save(obj: Any, f: Any, *args: Any, **named: Any) -> None:
    """See `nn.save`; how PyTorch is to pickle has no effect, since nothing is pickled."""
    checkpoint.save(obj, f)


def load(
    f: Any, map_location: Any = None, pickle_module: Any = None, *, weights_only: bool | None = None, **named: Any
) -> Any:
    """See `nn.load`; whole modules are read with `weights_only=False`, or once the program trusts classes by name."""
    return checkpoint.load(f, map_location, weights_only=not trusted if weights_only is None else weights_only)


@contextlib.contextmanager
def trusting(classes: Iterable[Any]) -> Iterator[None]:
    """Trust classes inside the block."""
    before = [*trusted]
    trusted.extend(classes)
    try:
        yield
    finally:
        trusted[:] = before
