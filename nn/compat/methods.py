"""Methods that `Tensor` and modules have only while the layer is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn.compat import history, sparse
from nn.modules.module import Module
from nn.tensors.tensor import Tensor

__all__: list[str] = []

_own_type: Any = Tensor.type


def _type(self: Tensor, dtype: Any = None, **named: Any) -> Any:
    """`x.type()` is "torch.FloatTensor"; `x.type(torch.LongTensor)` and `x.type("torch.LongTensor")` convert."""
    return history.old_name(self.dtype) if dtype is None else _own_type(self, history.dtype_of(dtype))


def _itself(self: Any, *args: Any, **named: Any) -> Any:
    """Nothing to be done."""
    return self


def _set(self: Tensor, source: Any = None) -> Tensor:
    """Take another tensor's memory, of the same element type; without one, have no elements."""
    source = self.new_empty(0) if source is None else source
    if not isinstance(source, Tensor) or source.dtype != self.dtype:
        raise RuntimeError(f"set_: expected a tensor of {self.dtype}, got {getattr(source, 'dtype', source)}")
    self.data = source
    return self


OTHERS = ("is_sparse", "is_sparse_csr", "is_quantized", "is_nested", "is_meta", "is_mkldnn", "is_mps", "is_xpu",
          "is_xla", "is_vulkan", "is_ipu", "is_maia", "is_mtia")  # fmt: skip
"""What no tensor is here."""

METHODS: dict[type[Any], dict[str, Any]] = {
    Tensor: {
        "type": _type,
        "set_": _set,
        "to_sparse": sparse.as_dense,
        "to_dense": _itself,
        "coalesce": _itself,
        "share_memory_": _itself,
        "get_device": lambda self: -1,
        "is_cpu": True,
        **dict.fromkeys(OTHERS, False),
        **dict.fromkeys(("is_pinned", "is_shared", "is_inference", "is_coalesced"), lambda self, *args: False),
    },
    Module: {"share_memory": _itself, "type": lambda self, dtype: self.to(history.dtype_of(dtype))},
}
_before: list[Callable[[], None]] = []


def add() -> None:
    """Give the classes the methods."""
    for cls, methods in METHODS.items():
        for name, method in methods.items():
            _before.append(_undo(cls, name))
            setattr(cls, name, method)


def remove() -> None:
    """Take them away again."""
    while _before:
        _before.pop()()


def _undo(cls: type[Any], name: str) -> Callable[[], None]:
    if name in vars(cls):
        before = vars(cls)[name]
        return lambda: setattr(cls, name, before)
    return lambda: delattr(cls, name)
