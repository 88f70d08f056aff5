"""Methods that `Tensor` and modules have only while the layer is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from nn import settings as defaults
from nn.compat import history, sparse
from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.rng import Generator
from nn.tensors.place import CPU, Size
from nn.tensors.tensor import Tensor, tensor

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


def _own(module: Module, kind: type[Any]) -> Mapping[str, Any]:
    """A module's own parameters or submodules, to be read: assignment to an attribute registers others."""
    return MappingProxyType({name: value for name, value in vars(module).items() if isinstance(value, kind)})


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
        "layout": history.strided,
        "new": lambda self, *args: history.of_dtype(self.dtype, args),
        "apply_": lambda self, function: self.copy_(
            tensor([function(v) for v in self.flatten().tolist()]).view_as(self)
        ),
        "storage": lambda self: self.detach().flatten(),
        "untyped_storage": lambda self: self.detach().flatten(),
        "resize_as_": lambda self, other: self.resize_(other.shape),
        "to_sparse_coo": sparse.as_dense,
        "to_sparse_csr": sparse.as_dense,
        "indices": lambda self: self.detach().nonzero().t(),
        "values": lambda self: self[self != 0],
        "bfloat16": lambda self: self.to(history.bfloat16_type()),
        **dict.fromkeys(OTHERS, False),
        **dict.fromkeys(
            ("is_pinned", "is_shared", "is_inference", "is_coalesced", "is_conj", "is_neg", "is_distributed"),
            lambda self, *args: False,
        ),
    },
    Generator: {"device": CPU},
    Size: {"__repr__": lambda self: f"torch.Size({[*self]})"},
    Module: {
        "_parameters": property(lambda self: _own(self, Parameter)),
        "_modules": property(lambda self: _own(self, Module)),
        "share_memory": _itself,
        "type": lambda self, dtype: self.to(history.dtype_of(dtype)),
    },
}
_before: list[Callable[[], None]] = []


def add() -> None:
    """Give the classes the methods, and write names of PyTorch's where tensors are printed."""
    defaults.printing["library"] = "torch."
    for cls, methods in METHODS.items():
        for name, method in methods.items():
            _before.append(_undo(cls, name))
            setattr(cls, name, method)


def remove() -> None:
    """Take them away again."""
    defaults.printing["library"] = ""
    while _before:
        _before.pop()()


def _undo(cls: type[Any], name: str) -> Callable[[], None]:
    if name in vars(cls):
        before = vars(cls)[name]
        return lambda: setattr(cls, name, before)
    return lambda: delattr(cls, name)
