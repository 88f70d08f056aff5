"""How a layer prints itself: from the fields that it declares, with their types, at the head of its class.

    class Conv2d(Module):
        in_channels: Bare[int]                         1
        kernel_size: Shown[tuple[int, ...]]            kernel_size=(3, 3)
        padding: Unusual[tuple[int, ...]] = (0,)       padding=(1, 1), but nothing where it is (0, 0)
        bias: Unusual[Parameter | None]                bias=False, but nothing where there is one
        weight: Parameter                              nothing

To a type checker a marked field has the type between the brackets; without a mark it is declared and not printed.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

__all__: list[str] = []

T = TypeVar("T")

Bare = Annotated[T, "printed as `value`"]
Shown = Annotated[T, "printed as `name=value`"]
Unusual = Annotated[T, "printed as `name=value` if it is not the class's"]


def described(layer: Any) -> str:
    """The layer's marked fields in order of declaration, those of its bases first, in PyTorch's form.

    A parameter is printed as whether there is one. A field that a subclass declares again takes its new mark in its old
    place; declared without a mark, it is not printed any more.
    """
    words = []
    for name, (mark, kind) in _marked(type(layer)).items():
        value, usual = getattr(layer, name), getattr(type(layer), name, True)
        if "Parameter" in kind:
            value, usual = value is not None, True
        if mark == "Bare":
            words.append(f"{value}")
        elif mark == "Shown":
            words.append(f"{name}={value!r}" if isinstance(value, str) else f"{name}={value}")
        elif not _equal(value, usual):
            words.append(f"{name}={value}")
    return ", ".join(words)


def _marked(layer: type[Any]) -> dict[str, tuple[str, str]]:
    """The mark and the type of each marked field. Annotations are read as text: a layer's file postpones them."""
    marked: dict[str, tuple[str, str]] = {}
    for cls in reversed(layer.__mro__):
        for name, annotation in vars(cls).get("__annotations__", {}).items():
            mark, _, kind = str(annotation).partition("[")
            if mark in ("Bare", "Shown", "Unusual"):
                marked[name] = mark, kind
            else:
                marked.pop(name, None)
    return marked


def _equal(value: Any, usual: Any) -> bool:
    """Whether a value is the usual one; of a tuple, one number for each axis, whether all are."""
    return set(value) == set(usual) if isinstance(value, tuple) and isinstance(usual, tuple) else bool(value == usual)
