"""Make a function of tensors a method of `Tensor` too: `@method`, `@axes_method`, `@in_place`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from nn.tensors.arguments import as_shape
from nn.tensors.in_place import replacing, turning
from nn.tensors.tensor import Tensor

__all__: list[str] = []

Function = TypeVar("Function", bound=Callable[..., Any])


def either_name(function: Function) -> Function:
    """The function, which takes `axis` and `keepdims`, as NumPy calls them, for `dim` and `keepdim` too."""

    @functools.wraps(function)
    def renamed(*args: Any, **named: Any) -> Any:
        if not named:
            return function(*args)
        if "axis" in named:
            named = _renamed(named, "axis", "dim", function)
        if "keepdims" in named:
            named = _renamed(named, "keepdims", "keepdim", function)
        return function(*args, **named)

    return cast(Function, renamed)


def _renamed(named: dict[str, Any], theirs: str, ours: str, function: Callable[..., Any]) -> dict[str, Any]:
    if ours in named:
        raise TypeError(f"{function.__name__}: got both {ours} and {theirs}, which are the same; give one of them")
    return {ours if name == theirs else name: value for name, value in named.items()}


def method(function: Function, name: str | None = None) -> Function:
    """Declare a function of tensors to be a method of `Tensor` too, by its own name: the tensor comes first.

    One that has an argument `dim` takes it as `axis` too; see `either_name`.
    """
    code = function.__code__
    if "dim" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
        function = either_name(function)
    setattr(Tensor, name or function.__name__, function)
    return function


def axes_method(function: Function, name: str | None = None) -> Function:
    """As `method`, for a function (tensor, lengths or axes): they may also be given one by one, `x.reshape(2, 3)`."""

    @functools.wraps(function)
    def spread(self: Tensor, *axes: Any, **named: Any) -> Any:
        return function(self, as_shape(axes), **named) if axes else function(self, **named)

    setattr(Tensor, name or function.__name__, spread)
    return function


def in_place(function: Function, name: str | None = None) -> Function:
    """Declare a function of tensors to have a method that ends in `_` too: the result replaces the elements."""
    name = f"{name or function.__name__}_"
    setattr(Tensor, name, replacing(function, name))
    return function


def turns_in_place(function: Function, name: str | None = None) -> Function:
    """As `in_place`, for a function that returns a view: `x.t_()` makes x another view of its own memory."""
    name = f"{name or function.__name__}_"
    setattr(Tensor, name, turning(function, name))
    return function


def alias(function: Function, name: str) -> Function:
    """The function under another name, with the methods that it has: `x.multiply` and `x.multiply_` for `mul`."""
    for ending in ("", "_"):
        found = getattr(Tensor, function.__name__ + ending, None)
        if found is not None:
            setattr(Tensor, name + ending, found)
    return function
