"""A module's hooks: functions called before and after its forward, and when gradients pass by."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from nn.autograd.hooks import RemovableHandle
from nn.autograd.mode import mode
from nn.ops.arithmetic import zeros_like
from nn.ops.shape import cat, narrow, reshape
from nn.tensors.tensor import Tensor

__all__: list[str] = []

Gradients = tuple[Any, ...]


class Hook(NamedTuple):
    """A hook and its calling convention."""

    function: Callable[..., Any]
    with_kwargs: bool = False
    always_call: bool = False

    def __call__(self, module: Any, args: Any, kwargs: Any, *output: Any) -> Any:
        """Call the function, with the keyword arguments if it was registered so."""
        return self.function(module, args, *((kwargs,) if self.with_kwargs else ()), *output)


def register(module: Any, kind: str, hook: Any, prepend: bool = False) -> RemovableHandle:
    """Put a hook behind (or before) the module's others of its kind."""
    hooks = module._hooks.setdefault(kind, {})
    before = dict(hooks)
    if prepend:
        hooks.clear()
    handle = RemovableHandle(hooks, hook)
    hooks.update(before)
    return handle


def of(module: Any, kind: str) -> list[Any]:
    """The module's hooks of a kind, in order."""
    return list(module._hooks.get(kind, {}).values())


def _of_a_call(module: Any) -> list[Any]:
    """The hooks that a call runs."""
    kinds = ("forward_pre", "forward", "backward_pre", "backward")
    return [hook for kind in kinds for hook in of(module, kind)]


def call(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`module.forward` between the hooks."""
    if mode.recorder is not None and not all(hasattr(hook.function, "recomputes") for hook in _of_a_call(module)):
        mode.recorder.refuse(f"a hook of {type(module).__name__} is called")
    after = of(module, "forward")
    result = None
    try:
        for hook in of(module, "forward_pre"):
            args, kwargs = _changed(hook, hook(module, args, kwargs), args, kwargs)
        gate = _Gate(module) if of(module, "backward_pre") or of(module, "backward") else None
        result = module.forward(*(gate.enter(args) if gate else args), **kwargs)
        while after:
            changed = after.pop(0)(module, args, kwargs, result)
            result = result if changed is None else changed
        return gate.leave(result) if gate else result
    except Exception:
        for hook in after:  # only those registered with always_call
            if hook.always_call:
                try:
                    hook(module, args, kwargs, result)
                except Exception as error:
                    warnings.warn(f"a forward hook failed after forward had failed: {error}", stacklevel=3)
        raise


def _changed(hook: Hook, given: Any, args: Any, kwargs: Any) -> tuple[Any, Any]:
    """The arguments after a forward-pre hook."""
    if given is None:
        return args, kwargs
    if not hook.with_kwargs:
        return (given if isinstance(given, tuple) else (given,)), kwargs
    if not isinstance(given, tuple) or len(given) != 2:
        raise RuntimeError(f"forward-pre hook: it must return None or a tuple (args, kwargs), got {given!r}")
    return given


class _Gate:
    """Stands around one forward of a module and calls its backward hooks when the gradients come back."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.before, self.after = of(module, "backward_pre"), of(module, "backward")
        self.inputs = 0
        self.entered = False
        self.grad_output: Gradients | None = None

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, led through one node."""
        self.inputs = len(args)
        args, self.entered = _through_one_node(args, self._at_input)
        return args

    def leave(self, result: Any) -> Any:
        """The result, led through one node."""
        if not isinstance(result, Tensor | tuple):
            warnings.warn(
                f"backward hooks of {type(self.module).__name__} are not called: its output must be a tensor or a "
                f"tuple of tensors, got {type(result).__name__}",
                stacklevel=4,
            )
            return result
        values, _ = _through_one_node(result if isinstance(result, tuple) else (result,), self._at_output)
        return tuple.__new__(type(result), values) if isinstance(result, tuple) else values[0]

    def _at_output(self, grad_output: Gradients) -> Gradients:
        self.grad_output = _replaced("backward-pre", self.before, (self.module,), grad_output)
        if not self.entered:  # no input requires a gradient, so none will arrive there
            if self.after:
                _replaced("backward", self.after, (self.module, (None,) * self.inputs), self.grad_output, replace=False)
            gradients, self.grad_output = self.grad_output, None
            return gradients
        return self.grad_output

    def _at_input(self, grad_input: Gradients) -> Gradients:
        if self.grad_output is None:  # a gradient that did not come through the module's output
            return grad_input
        given, self.grad_output = self.grad_output, None
        for hook in self.after:
            grad_input = _checked("backward", hook(self.module, grad_input, given), grad_input)
        return grad_input


def _replaced(kind: str, hooks: list[Any], leading: Gradients, gradients: Gradients, replace: bool = True) -> Gradients:
    for hook in hooks:
        changed = _checked(kind, hook(*leading, gradients), gradients)
        gradients = changed if replace else gradients
    return gradients


def _checked(kind: str, changed: Any, gradients: Gradients) -> Gradients:
    if changed is None:
        return gradients
    changed = (changed,) if isinstance(changed, Tensor) else tuple(changed)
    if len(changed) != len(gradients):
        raise RuntimeError(f"{kind} hook: it must return {len(gradients)} gradients, got {len(changed)}")
    return changed


def _through_one_node(values: tuple[Any, ...], hook: Callable[[Gradients], Gradients]) -> tuple[tuple[Any, ...], bool]:
    """Let one node make all values that require gradients: there `hook` sees the gradients of all of them at once.

    One value is only seen again in its own shape. Several are joined to one vector and cut apart again: slower, but
    the gradients meet at a place that is passed exactly once, whichever of the values was used.
    """
    places = [i for i, v in enumerate(values) if isinstance(v, Tensor) and v.requires_grad]
    if not places or not mode.grad:
        return values, False
    moved = [values[i] for i in places]
    shapes = [v.shape for v in moved]
    whole = reshape(moved[0], shape=shapes[0]) if len(moved) == 1 else cat([reshape(v, shape=(-1,)) for v in moved])

    def cut(vector: Any) -> list[Any]:
        if len(shapes) == 1:
            return [vector]
        pieces, start = [], 0
        for value, shape in zip(moved, shapes, strict=True):
            length = math.prod(shape)
            pieces.append(reshape(narrow(vector, dim=0, start=start, length=length), shape=shape).to(value.dtype))
            start += length
        return pieces

    def at_node(g: Any) -> Any:
        gradients = [zeros_like(v.detach()) if isinstance(v, Tensor) else None for v in values]
        for i, piece in zip(places, cut(g), strict=True):
            gradients[i] = piece
        after = hook(tuple(gradients))
        chosen = [after[i] for i in places]
        return chosen[0] if len(chosen) == 1 else cat([reshape(piece, shape=(-1,)) for piece in chosen])

    whole.register_hook(at_node)
    result = list(values)
    for i, piece in zip(places, cut(whole), strict=True):
        result[i] = piece
    return tuple(result), True
