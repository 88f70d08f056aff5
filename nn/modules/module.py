"""Module: what all layers and models have in common.

- registration: an attribute that is a parameter, a buffer or a module is found by its name (`__setattr__`)
- the tree: `named_modules`, `named_parameters`, `named_buffers`, and a part by its dotted name (`get_submodule`)
- state: `state_dict`, `load_state_dict`; the work is done in `state`
- hooks before and after a forward or a backward (`register_forward_hook` ...); they are run in `hooks`
- changes to all parts: `apply`, `train`, `eval`, `to`, `zero_grad`
- the text of a model (`__repr__`); a layer's own is read from its declared fields, in `fields`
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from nn.autograd.hooks import Hooks, RemovableHandle
from nn.errors import DtypeError
from nn.modules import hooks, state
from nn.modules.fields import described
from nn.modules.graph import GraphNode, trace
from nn.modules.lazy import is_lazy
from nn.modules.parameter import Buffer
from nn.modules.parameter import Parameter as Parameter
from nn.tensors.arguments import converted
from nn.tensors.conversion import wanted_dtype
from nn.tensors.place import Device, Factory, require_here
from nn.tensors.tensor import Tensor

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["Module"]

_WEIGHTED = ("BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "MultiLabelSoftMarginLoss", "NLLLoss",
             "ParameterList")  # fmt: skip
"""What may be given a tensor first: weights of classes, or the values that it holds."""

M = TypeVar("M", bound="Module")
P = ParamSpec("P")
R = TypeVar("R", covariant=True)


class Runs(Protocol[P, R]):
    """What has a `forward`: so that type checkers know what a call of the module takes and returns."""

    def forward(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """What the module computes."""


attributes_set = [0]
"""How often an attribute of any module was set or deleted: while it stays, no module holds another object."""


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

    _may_be_missing: tuple[str, ...] = ()
    """Names that a state may lack, since older versions did not save them."""

    _stays_in_eval: bool = False
    """Whether `train()` leaves this module in evaluation mode: a norm whose running values are frozen."""

    if not TYPE_CHECKING:

        def __new__(cls, *args: Any, **kwargs: Any) -> Module:
            """Refuse a layer of ours that is given its input where it is made."""
            weighted = 1 if cls.__name__ in _WEIGHTED else 0
            given = args[weighted] if len(args) > weighted else None
            if cls.__module__.startswith("nn.modules.") and type(given) is Tensor and given.ndim:  # no size in a tensor
                inputs = "input, target" if cls.__name__.endswith("Loss") else "x"
                raise TypeError(
                    f"{cls.__name__}: got a tensor where the layer is made; make the layer first, then call it: "
                    f"layer = nn.{cls.__name__}(...), layer({inputs})"
                )
            return object.__new__(cls)

    def __init__(self, **factory: Unpack[Factory]) -> None:
        if factory:
            require_here(factory, type(self).__name__, Factory.__annotations__)
        self.training = True
        self._buffers: dict[str, bool] = {}  # by name, whether it belongs to the state
        self._hooks: dict[str, Hooks] = {}  # by kind

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; each subclass writes this method, and calling the module runs it."""
        name = type(self).__name__
        if hasattr(self, "append") or hasattr(self, "keys"):
            raise NotImplementedError(f"{name}: it only holds modules; call those in it, or use nn.Sequential")
        raise NotImplementedError(f"{name}: write a method forward(self, ...) that computes the output")

    if TYPE_CHECKING:

        def __call__(self: Runs[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
            """Run `forward`, between the hooks: a call takes what it takes, and returns what it returns."""

    else:

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            """Run `forward`, between the hooks."""
            try:
                hooked = self._hooks
            except AttributeError:
                raise self._uninitialised() from None
            return hooks.call(self, args, kwargs) if hooked else self.forward(*args, **kwargs)

    # -- hooks --------------------------------------------------------------------------------------------------------
    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args)` before each forward; what it returns (if not None) replaces args.

        With `with_kwargs` it is called as `hook(module, args, kwargs)` and may return `(args, kwargs)`.
        """
        return hooks.register(self, "forward_pre", hooks.Hook(hook, with_kwargs), prepend)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args, output)` after each forward; what it returns (if not None) replaces output.

        Args:
            hook: with `with_kwargs` called as `hook(module, args, kwargs, output)`.
            prepend: call it before the other hooks.
            with_kwargs: whether it is called with the keyword arguments too.
            always_call: call it even if forward fails.
        """
        return hooks.register(self, "forward", hooks.Hook(hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_output)` when the gradients by the outputs are known; it may replace them."""
        return hooks.register(self, "backward_pre", hook, prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when the gradients by the inputs are known; it may replace them.

        `grad_input` has one entry for each positional argument: zeros for a tensor that requires no gradient, None for
        what is no tensor, or if no argument requires one.
        """
        return hooks.register(self, "backward", hook, prepend)

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, prefix, keep_vars)` before the module's state is collected."""
        return hooks.register(self, "state_dict_pre", hook)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, state_dict, prefix, metadata)` after it; the hook may change the state."""
        return hooks.register(self, "state_dict", hook)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, state, prefix, metadata, strict, missing, unexpected, errors)` before loading."""
        return hooks.register(self, "load_state_dict_pre", hook)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, incompatible_keys)` after loading, those of submodules first.

        With `strict`, names that it takes out of `missing_keys` or `unexpected_keys` are excused, and names that it
        puts in are refused.
        """
        return hooks.register(self, "load_state_dict", hook)

    # -- registration is assignment: the attributes themselves are the registry ---------------------------------------
    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        if isinstance(value, Parameter | Module):
            if "_buffers" not in own:
                raise self._uninitialised()
            self._buffers.pop(name, None)
        elif isinstance(value, Buffer) and name not in own:
            self._buffers[name] = value.persistent
        elif value is not None and name in own:
            before = own[name]
            kind = "parameter" if isinstance(before, Parameter) else "module" if isinstance(before, Module) else ""
            if name in own.get("_buffers", ()) and not isinstance(value, Tensor):
                kind = "buffer"
            if kind:
                advice = "wrap it in nn.Parameter" if kind == "parameter" else f"assign a {kind}, or None first"
                raise TypeError(f"{type(self).__name__}.{name} is a {kind}, got {type(value).__name__}; {advice}")
        object.__setattr__(self, name, value)
        attributes_set[0] += 1

    def __delattr__(self, name: str) -> None:
        self._buffers.pop(name, None)
        object.__delattr__(self, name)
        attributes_set[0] += 1

    def _uninitialised(self) -> AttributeError:
        name = type(self).__name__
        return AttributeError(f"{name}: call super().__init__() first in {name}.__init__, before anything is assigned")

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Register a parameter, or None to say that there could be one (as `bias=False` does)."""
        self._register(name, param, Parameter)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Register a tensor that is not trained; it belongs to the state if it is persistent."""
        self._register(name, tensor, Tensor)
        self._buffers[name] = persistent

    def add_module(self, name: str, module: Module | None) -> None:
        """Register a submodule under a name that need not be an identifier."""
        self._register(name, module, Module)

    def register_module(self, name: str, module: Module | None) -> None:
        """Register a submodule; this is another name of `add_module`."""
        self.add_module(name, module)

    def _register(self, name: str, value: Any, kind: type[Any]) -> None:
        if "_buffers" not in self.__dict__:
            raise self._uninitialised()
        owner = type(self).__name__
        if not isinstance(name, str) or "." in name or not name:
            raise KeyError(f"{owner}: a name must be a string without a dot, got {name!r}")
        if hasattr(self, name) and not isinstance(getattr(self, name), Parameter | Module | Tensor | None):
            raise KeyError(f"{owner}: the attribute {name!r} exists already; choose another name")
        if value is not None and not isinstance(value, kind):
            raise TypeError(f"{owner}.{name} must be a {kind.__name__} or None, got {type(value).__name__}")
        setattr(self, name, value)

    def _own_parameters(self) -> Iterator[tuple[str, Any]]:
        return ((name, value) for name, value in self.__dict__.items() if isinstance(value, Parameter))

    def _own_buffers(self) -> Iterator[tuple[str, Any]]:
        return ((n, v) for n, v in self.__dict__.items() if n in self._buffers and isinstance(v, Tensor))

    # -- the tree -----------------------------------------------------------------------------------------------------
    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the direct submodules with their names, each once."""
        seen: set[int] = set()
        for name, module in self._own_modules():
            if id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator[Module]:
        """Yield the direct submodules, each once."""
        return (module for _, module in self.named_children())

    def _own_modules(self) -> Iterator[tuple[str, Module]]:
        return ((name, value) for name, value in self.__dict__.items() if isinstance(value, Module))

    def named_modules(self, prefix: str = "", remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:
        """Yield this module and all below with dotted names; its own name is the prefix.

        Each comes once, unless `remove_duplicate` is False.
        """
        return _visited(self, prefix, set() if remove_duplicate else None)

    def modules(self) -> Iterator[Module]:
        """Yield this module and all below, each once."""
        return (module for _, module in self.named_modules())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield the named parameters in order of assignment; each once, unless `remove_duplicate` is False."""
        return self._named(Module._own_parameters, prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield the parameters, each once, in order of assignment."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield the buffers with dotted names; each once, unless `remove_duplicate` is False."""
        return self._named(Module._own_buffers, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield the buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _named(
        self, own: Callable[[Module], Iterator[tuple[str, Any]]], prefix: str, recurse: bool, once: bool
    ) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for path, module in self.named_modules(prefix, once) if recurse else [(prefix, self)]:
            for name, value in own(module):
                if id(value) not in seen:
                    if once:
                        seen.add(id(value))
                    yield f"{path}.{name}" if path else name, value

    def get_submodule(self, target: str) -> Module:
        """Return the submodule of a dotted name; the module itself is ""."""
        for name, module in self.named_modules(remove_duplicate=False):
            if name == target:
                return module
        raise AttributeError(
            f"{type(self).__name__} has no submodule {target!r}; it has {_listed(self.named_modules())}"
        )

    def get_parameter(self, target: str) -> Parameter:
        """Return the parameter of a dotted name."""
        return self._get("parameter", target, self.named_parameters(remove_duplicate=False))

    def get_buffer(self, target: str) -> Tensor:
        """Return the buffer of a dotted name."""
        return self._get("buffer", target, self.named_buffers(remove_duplicate=False))

    def _get(self, kind: str, target: str, named: Iterable[tuple[str, Any]]) -> Any:
        found = dict(named)
        if target not in found:
            raise AttributeError(f"{type(self).__name__} has no {kind} {target!r}; it has {_listed(found.items())}")
        return found[target]

    def __getstate__(self) -> dict[str, Any]:
        """What `pickle` and `copy` take: a weight that a hook computes before each forward goes without its history."""
        own = self.__dict__.copy()
        for hook in hooks.of(self, "forward_pre") if "_hooks" in own else ():
            name: Any = getattr(hook.function, "recomputes", None)
            if isinstance(own.get(name), Tensor):
                own[name] = own[name].detach()
        return own

    # -- state --------------------------------------------------------------------------------------------------------
    def state_dict(
        self, *, destination: OrderedDict[str, Any] | None = None, prefix: str = "", keep_vars: bool = False
    ) -> OrderedDict[str, Any]:
        """Return every parameter and persistent buffer by its dotted name: detached tensors that share the memory.

        Args:
            destination: where to put them; None for a new dict.
            prefix: what every name starts with.
            keep_vars: give the parameters themselves, not detached.
        """
        destination = OrderedDict() if destination is None else destination
        state.collect(self, destination, prefix, keep_vars)
        return destination

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> state.IncompatibleKeys:
        """Copy values into the parameters and buffers of the same names. All are checked before the first is changed.

        Args:
            state_dict: tensors or arrays by dotted name.
            strict: refuse missing and unexpected names.
            assign: put the given tensors (with their dtype) in the places, instead of copying.

        Returns:
            The names as a named tuple: missing_keys, unexpected_keys.

        Raises:
            TypeError: the state is no mapping.
            RuntimeError: names are missing or unexpected (strict).
            ShapeError: a value has another shape than its place.
        """
        return state.load(self, state_dict, strict, assign)

    def get_extra_state(self) -> Any:
        """Return what else belongs to the state; a subclass that writes this and `set_extra_state` has it saved."""
        raise NotImplementedError(f"{type(self).__name__}: write get_extra_state and set_extra_state")

    def set_extra_state(self, state: Any) -> None:
        """Take back what `get_extra_state` gave."""
        raise NotImplementedError(f"{type(self).__name__}: write get_extra_state and set_extra_state")

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
            module.training = mode and not module._stays_in_eval
        return self

    def eval(self: M) -> M:
        """Set evaluation mode."""
        return self.train(False)

    def requires_grad_(self: M, requires_grad: bool = True) -> M:
        """Set for every parameter whether it is trained."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters (or set them to 0)."""
        for parameter in self.parameters():
            if parameter.grad is not None:
                parameter.grad = None if set_to_none else parameter.grad.detach().zero_()

    def to(
        self: M,
        *wanted: Any,
        device: Device = None,
        dtype: DTypeLike | None = None,
        non_blocking: bool = False,
        memory_format: Any = None,
    ) -> M:
        """Change the element type of all floating-point parameters and buffers; returns the module.

        Args:
            wanted: a dtype, or a tensor whose dtype is meant; the device "cpu" may come before it.
            device: the device, by name.
            dtype: the dtype, by name.
            non_blocking: no effect.
            memory_format: no effect.
        """
        target = wanted_dtype(wanted, device, dtype, type(self).__name__)
        return self if target is None else self._to(target)

    def _to(self: M, wanted: np.dtype[Any]) -> M:
        if wanted.kind != "f":
            raise DtypeError(f"{type(self).__name__}.to: parameters are floating-point numbers, got {wanted}")
        for value in [*self.parameters(), *self.buffers()]:
            if is_lazy(value):
                value.to(wanted)
            elif value.dtype.kind == "f" and value.dtype != wanted:
                value._array = converted(value._array, wanted)
                value.grad = None if value.grad is None else value.grad.to(wanted)
                value._touch()
        return self

    def cpu(self: M) -> M:
        """The module itself: it is there already."""
        return self

    def cuda(self: M, device: Device = None) -> M:
        """Refused: there is no device but the CPU."""
        return self.to("cuda" if device is None else device)

    def to_empty(self: M, *, device: Device, recurse: bool = True) -> M:
        """The module itself: its parameters have memory already."""
        return self.to(device)

    def float(self: M) -> M:
        """Change all floating-point parameters and buffers to float32."""
        return self.to(np.float32)

    def double(self: M) -> M:
        """Change all floating-point parameters and buffers to float64."""
        return self.to(np.float64)

    def half(self: M) -> M:
        """Change all floating-point parameters and buffers to float16."""
        return self.to(np.float16)

    # -- what it looks like -------------------------------------------------------------------------------------------
    def graph_nodes(self, *inputs: Any) -> list[GraphNode]:
        """List the ops that a call with these inputs runs, as plain nodes: a writer's `add_graph` asks for them."""
        return trace(self, inputs)

    def extra_repr(self) -> str:
        """Return what stands in the brackets before the submodules: the fields that the class marks as printed.

        A layer of your own writes this method, as in PyTorch.
        """
        return described(self)

    def __repr__(self) -> str:
        extra = self.extra_repr().splitlines()
        lines = [f"({name}): {module!r}".replace("\n", "\n  ") for name, module in self._own_modules()]
        if len(extra) > 1 or lines:
            return "\n  ".join([f"{type(self).__name__}(", *extra, *lines]) + "\n)"
        return f"{type(self).__name__}({''.join(extra)})"


def _visited(module: Module, name: str, seen: set[int] | None) -> Iterator[tuple[str, Module]]:
    """The module and all below with dotted names, parents first; those in `seen` not again."""
    if seen is not None:
        if id(module) in seen:
            return
        seen.add(id(module))
    yield name, module
    for child, submodule in module._own_modules():
        yield from _visited(submodule, f"{name}.{child}" if name else child, seen)


def _listed(named: Iterable[tuple[str, Any]]) -> str:
    return ", ".join(repr(name) for name, _ in named if name)
