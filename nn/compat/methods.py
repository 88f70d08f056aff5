"""Methods that `Tensor` and modules have only while the layer is installed; those of one answer are in the tables."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from nn import settings as defaults
from nn.compat import history
from nn.compat.names import NOTHING, listed, meant
from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.rng import Generator
from nn.tensors.place import CPU, Size, strided
from nn.tensors.tensor import Tensor

__all__: list[str] = []

_own_type: Any = Tensor.type


def _type(self: Tensor, dtype: Any = None, **named: Any) -> Any:
    """`x.type()` is "torch.FloatTensor"; `x.type(torch.LongTensor)` and `x.type("torch.LongTensor")` convert."""
    return history.old_name(self.dtype) if dtype is None else _own_type(self, history.dtype_of(dtype))


def _own(module: Module, kind: type[Any]) -> Mapping[str, Any]:
    """A module's own parameters or submodules, to be read: assignment to an attribute registers others."""
    return MappingProxyType({name: value for name, value in vars(module).items() if isinstance(value, kind)})


def _before_loading(module: Module, hook: Any, with_module: bool = False) -> Any:
    """Older programs' hooks, called without the module."""
    return module.register_load_state_dict_pre_hook(hook if with_module else lambda _, *given: hook(*given))


def _after_collecting(module: Module, hook: Any) -> Any:
    """Older programs' hooks, which may return another state."""

    def run(module: Module, state: Any, *given: Any) -> None:
        changed = hook(module, state, *given)
        if changed is not None and changed is not state:
            changed = dict(changed)
            state.clear()
            state.update(changed)

    return module.register_state_dict_post_hook(run)


METHODS: dict[type[Any], dict[str, Any]] = {
    Tensor: {
        **{name: meant(f"torch.Tensor.{name}") for name in listed("torch.Tensor")},
        "bfloat16": lambda self: self.to(history.bfloat16_type()),
        "indices": lambda self: self.detach().nonzero().t(),
        "layout": strided,
        "new": lambda self, *args: history.of_dtype(self.dtype, args),
        "type": _type,
        **dict.fromkeys(("storage", "untyped_storage"), lambda self: self.detach().flatten()),
        "values": lambda self: self[self != 0],
    },
    Generator: {"device": CPU},
    Size: {"__repr__": lambda self: f"torch.Size({[*self]})"},
    Module: {
        "_modules": property(lambda self: _own(self, Module)),
        "_parameters": property(lambda self: _own(self, Parameter)),
        "_register_load_state_dict_pre_hook": _before_loading,
        "_register_state_dict_hook": _after_collecting,
        "share_memory": lambda self: self,
        "type": lambda self, dtype: self.to(history.dtype_of(dtype)),
    },
}
_before: list[tuple[type[Any], str, Any]] = []


def add() -> None:
    """Give the classes the methods, and write names of PyTorch's where tensors are printed."""
    defaults.printing["library"] = "torch."
    for cls, methods in METHODS.items():
        for name, method in methods.items():
            _before.append((cls, name, vars(cls).get(name, NOTHING)))
            setattr(cls, name, method)


def remove() -> None:
    """Take them away again."""
    defaults.printing["library"] = ""
    while _before:
        cls, name, method = _before.pop()
        if method is NOTHING:
            delattr(cls, name)
        else:
            setattr(cls, name, method)
