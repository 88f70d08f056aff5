"""Module and Parameter: state, by name, in a tree."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from nn.autograd.hooks import Hooks, RemovableHandle
from nn.autograd.tape import no_grad
from nn.errors import ShapeError
from nn.modules.graph import GraphNode, trace
from nn.tensor import Tensor, as_dtype, tensor

__all__ = ["Module", "Parameter"]

M = TypeVar("M", bound="Module")


class Parameter(Tensor):
    """A leaf tensor that a module registers when it is assigned to an attribute, and an optimiser changes.

    Args:
        data: a tensor (whose memory is shared), or anything that `nn.tensor` takes.
        requires_grad: whether it is trained.

    Example:
        >>> import nn
        >>> nn.Parameter(nn.zeros(2))
        Parameter containing:
        tensor([0., 0.], requires_grad=True)
    """

    __slots__ = ()

    def __init__(self, data: Any = (), requires_grad: bool = True) -> None:
        source = data if isinstance(data, Tensor) else tensor(data, dtype=np.float32)
        self._array, self._node, self._touched = source._array, None, source._clock()
        if requires_grad:
            self.requires_grad_()

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` returns: the names without a value, and the values without a name."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module:
    """Base of every layer and model: write `__init__` (assign parameters and submodules) and `forward`.

    Parameters, buffers and submodules are found by the attributes that they are assigned to, in order of assignment.

    Example:
        >>> import nn
        >>> class Net(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.fc = nn.Linear(2, 1)
        ...
        ...     def forward(self, x):
        ...         return self.fc(x).sigmoid()
        >>> net = Net()
        >>> net(nn.zeros(3, 2)).shape
        (3, 1)
        >>> list(net.state_dict())
        ['fc.weight', 'fc.bias']
    """

    training: bool

    if TYPE_CHECKING:  # parameters, buffers and submodules are whatever was assigned

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self) -> None:
        self.training = True
        self._buffers: set[str] = set()
        self._forward_pre_hooks: Hooks = {}
        self._forward_hooks: Hooks = {}

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; written by each subclass and run by calling the module."""
        raise NotImplementedError(f"{type(self).__name__}: write a method forward(self, ...) that computes the output")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run `forward`, between the hooks."""
        try:
            before, after = self._forward_pre_hooks, self._forward_hooks
        except AttributeError:
            raise self._uninitialised() from None
        for hook in list(before.values()) if before else ():
            changed = hook(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        result = self.forward(*args, **kwargs)
        for hook in list(after.values()) if after else ():
            changed = hook(self, args, result)
            result = result if changed is None else changed
        return result

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, args)` before each forward; what it returns (if not None) replaces args."""
        return RemovableHandle(self._forward_pre_hooks, hook)

    def register_forward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, args, output)` after each forward; what it returns (if not None) replaces output."""
        return RemovableHandle(self._forward_hooks, hook)

    # -- registration is assignment: the attributes themselves are the registry ---------------------------------------
    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        if isinstance(value, Parameter | Module):
            if "_buffers" not in own:
                raise self._uninitialised()
            self._buffers.discard(name)
        elif value is not None and name in own:
            before = own[name]
            kind = "parameter" if isinstance(before, Parameter) else "module" if isinstance(before, Module) else ""
            if name in own.get("_buffers", ()) and not isinstance(value, Tensor):
                kind = "buffer"
            if kind:
                advice = "wrap it in nn.Parameter" if kind == "parameter" else f"assign a {kind}, or None first"
                raise TypeError(f"{type(self).__name__}.{name} is a {kind}, {type(value).__name__} came; {advice}")
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        self._buffers.discard(name)
        object.__delattr__(self, name)

    def _uninitialised(self) -> AttributeError:
        name = type(self).__name__
        return AttributeError(f"{name}: call super().__init__() first in {name}.__init__, before anything is assigned")

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Register a parameter, or None to say that there could be one (as `bias=False` does)."""
        self._register(name, param, Parameter)

    def register_buffer(self, name: str, tensor: Tensor | None) -> None:
        """Register a tensor that belongs to the state but is not trained."""
        self._register(name, tensor, Tensor)
        self._buffers.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Register a submodule under a name that need not be an identifier."""
        self._register(name, module, Module)

    def _register(self, name: str, value: Any, kind: type[Any]) -> None:
        if "_buffers" not in self.__dict__:
            raise self._uninitialised()
        owner = type(self).__name__
        if not isinstance(name, str) or "." in name or not name:
            raise KeyError(f"{owner}: a name must be a string without a dot, {name!r} came")
        if hasattr(self, name) and not isinstance(getattr(self, name), Parameter | Module | Tensor | None):
            raise KeyError(f"{owner}: the attribute {name!r} exists already; choose another name")
        if value is not None and not isinstance(value, kind):
            raise TypeError(f"{owner}.{name} must be a {kind.__name__} or None, {type(value).__name__} came")
        setattr(self, name, value)

    def _own_parameters(self) -> Iterator[tuple[str, Any]]:
        return ((name, value) for name, value in self.__dict__.items() if isinstance(value, Parameter))

    def _own_buffers(self) -> Iterator[tuple[str, Any]]:
        return ((n, v) for n, v in self.__dict__.items() if n in self._buffers and isinstance(v, Tensor))

    # -- the tree -----------------------------------------------------------------------------------------------------
    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The direct submodules with their names, each once."""
        seen: set[int] = set()
        for name, module in self._own_modules():
            if id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator[Module]:
        """The direct submodules, each once."""
        return (module for _, module in self.named_children())

    def _own_modules(self) -> Iterator[tuple[str, Module]]:
        return ((name, value) for name, value in self.__dict__.items() if isinstance(value, Module))

    def named_modules(self, prefix: str = "", remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:
        """This module and all below with dotted names, each once unless told; its own name is the prefix."""
        seen: set[int] = set()

        def visit(module: Module, name: str) -> Iterator[tuple[str, Module]]:
            if id(module) not in seen:
                if remove_duplicate:
                    seen.add(id(module))
                yield name, module
                for child, submodule in module._own_modules():
                    yield from visit(submodule, f"{name}.{child}" if name else child)

        return visit(self, prefix)

    def modules(self) -> Iterator[Module]:
        """This module and all below, each once."""
        return (module for _, module in self.named_modules())

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """The parameters with dotted names, each once, in order of assignment."""
        return self._named(Module._own_parameters, prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, each once, in order of assignment."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """The buffers with dotted names, each once."""
        return self._named(Module._own_buffers, prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _named(
        self, own: Callable[[Module], Iterator[tuple[str, Any]]], prefix: str, recurse: bool
    ) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for path, module in self.named_modules(prefix) if recurse else [(prefix, self)]:
            for name, value in own(module):
                if id(value) not in seen:
                    seen.add(id(value))
                    yield f"{path}.{name}" if path else name, value

    def get_submodule(self, target: str) -> Module:
        """The submodule of a dotted name."""
        for name, module in self.named_modules(remove_duplicate=False):
            if name == target:
                return module
        raise AttributeError(
            f"{type(self).__name__} has no submodule {target!r}; it has {_listed(self.named_modules())}"
        )

    # -- state --------------------------------------------------------------------------------------------------------
    def state_dict(self) -> OrderedDict[str, Tensor]:
        """Every parameter and buffer by its dotted name: detached tensors that share the memory."""
        state: OrderedDict[str, Tensor] = OrderedDict()
        for path, module in self.named_modules(remove_duplicate=False):
            for name, value in [*module._own_parameters(), *module._own_buffers()]:
                state[f"{path}.{name}" if path else name] = value.detach()
        return state

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> IncompatibleKeys:
        """Copy values into the parameters and buffers of the same names. All are checked before the first is changed.

        Args:
            state_dict: tensors or arrays by dotted name.
            strict: refuse missing and unexpected names.

        Returns:
            The names as a named tuple: missing_keys, unexpected_keys.

        Raises:
            TypeError: the state is no mapping.
            RuntimeError: names are missing or unexpected (strict).
            ShapeError: a value has another shape than its place.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"load_state_dict: a dict of tensors by name is wanted, {type(state_dict).__name__} came")
        own = self.state_dict()
        missing = [name for name in own if name not in state_dict]
        unexpected = [name for name in state_dict if name not in own]
        if strict and (missing or unexpected):
            parts = [f"missing {missing}"] * bool(missing) + [f"unexpected {unexpected}"] * bool(unexpected)
            raise RuntimeError(
                f"load_state_dict: {type(self).__name__} and the state differ: {', '.join(parts)}; "
                "make the model as it was saved, or pass strict=False"
            )
        values = {name: np.asarray(_plain(state_dict[name])) for name in own if name in state_dict}
        for name, value in values.items():
            if value.shape != own[name].shape:
                raise ShapeError(
                    f"load_state_dict: {name} has shape {own[name].shape} in {type(self).__name__}, "
                    f"{value.shape} came; make the model as it was saved"
                )
        with no_grad():
            for name, value in values.items():
                own[name].copy_(value)
        return IncompatibleKeys(missing, unexpected)

    # -- changes to all -----------------------------------------------------------------------------------------------
    def apply(self: M, fn: Callable[[Module], Any]) -> M:
        """Call `fn` on every submodule, then on self."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def train(self: M, mode: bool = True) -> M:
        """Set the mode of this module and all below: training, or evaluation."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self: M) -> M:
        """Set evaluation mode."""
        return self.train(False)

    def requires_grad_(self: M, requires_grad: bool = True) -> M:
        """Say of every parameter whether it is trained."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters (or set them to 0)."""
        for parameter in self.parameters():
            if parameter.grad is not None:
                parameter.grad = None if set_to_none else parameter.grad.detach().zero_()

    def to(self: M, dtype: DTypeLike) -> M:
        """Change the element type of all floating-point parameters and buffers."""
        wanted = as_dtype(dtype)
        for value in [*self.parameters(), *self.buffers()]:
            if value.dtype.kind == "f" and value.dtype != wanted:
                value._array = value._array.astype(wanted)
                value.grad = None if value.grad is None else value.grad.to(wanted)
                value._touch()
        return self

    def float(self: M) -> M:
        """Everything as float32."""
        return self.to(np.float32)

    def double(self: M) -> M:
        """Everything as float64."""
        return self.to(np.float64)

    # -- what it looks like -------------------------------------------------------------------------------------------
    def graph_nodes(self, *inputs: Any) -> list[GraphNode]:
        """The ops that a call with these inputs runs, as plain nodes: what a writer's `add_graph` asks for."""
        return trace(self, inputs)

    def extra_repr(self) -> str:
        """What stands between the brackets in the repr of a module without submodules."""
        return ""

    def __repr__(self) -> str:
        lines = [f"({name}): {module!r}".replace("\n", "\n  ") for name, module in self._own_modules()]
        extra = self.extra_repr()
        if not lines:
            return f"{type(self).__name__}({extra})"
        return "\n  ".join([f"{type(self).__name__}({extra}", *lines]) + "\n)"


def _plain(value: Any) -> Any:
    """The array of a tensor, ours or another framework's."""
    return value.detach() if hasattr(value, "detach") else value


def _listed(named: Iterable[tuple[str, Any]]) -> str:
    return ", ".join(repr(name) for name, _ in named if name)
