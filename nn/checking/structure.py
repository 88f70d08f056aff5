"""Nested tuples, named tuples, lists and dicts as flat lists of leaves, each with the place where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from nn.errors import GradcheckError

__all__ = ["chosen", "leaves", "rebuilt"]

__tracebackhide__ = True


def leaves(value: Any, where: str = "") -> list[tuple[str, Any]]:
    """Every leaf with its place, e.g. ("[1][0]", h) or ("['logits']", y)."""
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in leaves(inner, f"{where}[{key!r}]")]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        named = zip(value._fields, value, strict=True)
        return [pair for name, inner in named for pair in leaves(inner, f"{where}.{name}")]
    if isinstance(value, tuple | list):
        return [pair for i, inner in enumerate(value) for pair in leaves(inner, f"{where}[{i}]")]
    return [(where, value)]


def rebuilt(like: Any, values: Iterable[Any]) -> Any:
    """The same structure with other leaves."""
    return _rebuilt(like, iter(values))


def _rebuilt(like: Any, values: Iterator[Any]) -> Any:
    if isinstance(like, dict):
        return {key: _rebuilt(inner, values) for key, inner in like.items()}
    if isinstance(like, tuple) and hasattr(like, "_fields"):
        return type(like)(*(_rebuilt(inner, values) for inner in like))
    if isinstance(like, tuple | list):
        return type(like)(_rebuilt(inner, values) for inner in like)
    return next(values)


def chosen(fn: Callable[..., Any], output: Any) -> Callable[..., Any]:
    """`fn` with one of its outputs alone: by position, by key or name, or by a function of what it returns."""
    if output is None:
        return fn

    def one(*args: Any) -> Any:
        result = fn(*args)
        if callable(output):
            return output(result)
        try:
            return getattr(result, output) if isinstance(output, str) and hasattr(result, output) else result[output]
        except (IndexError, KeyError, TypeError):
            found = ", ".join(place for place, _ in leaves(result)) or "a single one"
            raise GradcheckError(f"gradients: there is no output {output!r}; the function returns {found}") from None

    return one
