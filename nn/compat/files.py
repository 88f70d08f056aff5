"""`torch.save` and `torch.load`, and `torch.serialization`, which says which classes a file may make."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

from nn.compat.lookup import ours

__all__ = ["load", "save", "serialization"]

_trusted: list[Any] = []


def save(obj: Any, f: Any, *args: Any, **named: Any) -> None:
    """See `nn.save`; how PyTorch is to pickle has no effect, since nothing is pickled."""
    ours("save")(obj, f)


def load(
    f: Any, map_location: Any = None, pickle_module: Any = None, *, weights_only: bool | None = None, **named: Any
) -> Any:
    """See `nn.load`; whole modules are read with `weights_only=False`, or once the program trusts classes by name."""
    return ours("load")(f, map_location, weights_only=not _trusted if weights_only is None else weights_only)


def _trust(classes: Sequence[Any]) -> None:
    _trusted.extend(classes)


@contextlib.contextmanager
def _trusting(classes: Sequence[Any]) -> Iterator[None]:
    before = list(_trusted)
    _trusted.extend(classes)
    try:
        yield
    finally:
        _trusted[:] = before


serialization = SimpleNamespace(
    add_safe_globals=_trust, safe_globals=_trusting, clear_safe_globals=_trusted.clear, load=load, save=save
)
