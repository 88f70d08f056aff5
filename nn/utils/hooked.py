"""What the norms of weights share: a hook that computes a parameter from others before each forward."""

from __future__ import annotations

from typing import Any, TypeVar

from nn.modules import hooks
from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.tensors.tensor import Tensor

__all__ = ["Recomputed"]

R = TypeVar("R", bound="Recomputed")


class Recomputed:
    """A forward-pre-hook that computes `module.<name>` from parameters that stand in its place.

    Args:
        name: the parameter's name.
    """

    parts: tuple[str, ...] = ()
    """What is put after the name for the tensors that stand in the parameter's place."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def recomputes(self) -> str:
        """The attribute that is a copy's own again at its next forward, so that pickles need not have its history."""
        return self.name

    def compute(self, module: Module) -> Tensor:
        """The weight, from the tensors that stand in its place."""
        raise NotImplementedError

    def __call__(self, module: Module, args: Any) -> None:
        """Before a forward: compute the weight."""
        setattr(module, self.name, self.compute(module))

    def take_from(self, module: Module, caller: str) -> Parameter:
        """Take the parameter out of the module, where it stands no longer."""
        weight = getattr(module, self.name, None)
        if any(isinstance(hook, type(self)) and hook.name == self.name for hook in _functions(module)):
            raise RuntimeError(f"{caller}: {self.name!r} of {type(module).__name__} has one already; remove it first")
        if not isinstance(weight, Parameter):
            raise ValueError(f"{caller}: {type(module).__name__} has no parameter {self.name!r}; name one that it has")
        delattr(module, self.name)
        return weight

    @classmethod
    def remove(cls, module: Module, name: str, caller: str) -> None:
        """Put the weight back as a parameter, as it was last computed from its parts, without the hook."""
        for key, entry in list(module._hooks.get("forward_pre", {}).items()):
            hook = getattr(entry, "function", entry)
            if isinstance(hook, cls) and hook.name == name:
                weight = hook.compute(module).detach()
                for part in ("", *cls.parts):
                    delattr(module, name + part)
                del module._hooks["forward_pre"][key]
                module.register_parameter(name, Parameter(weight))
                return
        raise ValueError(f"{caller}: {name!r} of {type(module).__name__} has none to remove")


def _functions(module: Module) -> list[Any]:
    return [getattr(hook, "function", hook) for hook in hooks.of(module, "forward_pre")]
