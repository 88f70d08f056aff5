"""Modules that hold parameters, so that several of them are found by one attribute.

A list of them is a `ParameterList`, a dictionary a `ParameterDict`; neither can be called.
"""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Iterable, Iterator, KeysView
from typing import Any

from nn import settings
from nn.modules.container import pairs
from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.tensors.tensor import Tensor

__all__ = ["ParameterDict", "ParameterList"]


def _as_entry(value: Any) -> Any:
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


def _described(named: Iterable[tuple[Any, Any]]) -> str:
    lines = []
    for name, value in named:
        text = f"Object of type: {type(value).__name__}"
        if isinstance(value, Tensor):
            dtype, size = f"{settings.printing['library']}{value.dtype}", "x".join(map(str, value.shape))
            text = f"Parameter containing: [{dtype} of size {size}]"
        lines.append(f"  ({name}): {text}")
    return "\n".join(lines)


class ParameterList(Module):
    """A list of parameters; tensors that are put in become parameters, anything else stays what it is.

    Example:
        >>> import nn
        >>> scales = nn.ParameterList([nn.ones(2), nn.ones(3)])
        >>> [p.shape for p in scales.parameters()]
        [(2,), (3,)]
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        self.extend(() if values is None else values)

    def _name(self, index: int) -> str:
        index = operator.index(index)
        if not -self._size <= index < self._size:
            raise IndexError(f"{type(self).__name__}: index {index} is out of range, there are {self._size} entries")
        return str(index % self._size)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return getattr(self, self._name(index))

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, self._name(index), _as_entry(value))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(self._size))

    def __iadd__(self, values: Iterable[Any]) -> ParameterList:
        return self.extend(values)

    def append(self, value: Any) -> ParameterList:
        """Add a value at the end; returns self."""
        self._size += 1
        self[-1] = value
        return self

    def extend(self, values: Iterable[Any]) -> ParameterList:
        """Add values at the end; returns self."""
        if not isinstance(values, Iterable) or isinstance(values, Tensor):
            raise TypeError(f"ParameterList: extend takes several values in a list, got {type(values).__name__}")
        for value in list(values):
            self.append(value)
        return self

    def extra_repr(self) -> str:
        """Return one line for each entry."""
        return _described(enumerate(self))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: the module holds parameters and computes nothing."""
        raise RuntimeError(f"{type(self).__name__}: the module holds parameters and cannot be called")


class ParameterDict(Module):
    """A dictionary of parameters; tensors that are put in become parameters, anything else stays what it is.

    Args:
        parameters: a mapping from names to values (a plain dict is taken in order of its names), or pairs of them.

    Example:
        >>> import nn
        >>> d = nn.ParameterDict({"scale": nn.ones(2), "shift": nn.zeros(2)})
        >>> [name for name, _ in d.named_parameters()]
        ['scale', 'shift']
    """

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}
        self.update({} if parameters is None else parameters)

    def __getitem__(self, key: str) -> Any:
        if key not in self._keys:
            raise KeyError(key)
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(key, str):
            raise TypeError(f"ParameterDict: a name must be a string, got {type(key).__name__}")
        self._keys[key] = None
        setattr(self, key, _as_entry(value))

    def __delitem__(self, key: str) -> None:
        del self._keys[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def __or__(self, other: Any) -> ParameterDict:
        result = self.copy()
        result.update(other)
        return result

    def __ior__(self, other: Any) -> ParameterDict:
        self.update(other)
        return self

    def copy(self) -> ParameterDict:
        """Return another dictionary with the same parameters."""
        return ParameterDict(OrderedDict(self.items()))

    def keys(self) -> KeysView[str]:
        """Return the names."""
        return self._keys.keys()

    def items(self) -> list[tuple[str, Any]]:
        """Return names and values."""
        return [(key, self[key]) for key in self._keys]

    def values(self) -> list[Any]:
        """Return the values."""
        return [self[key] for key in self._keys]

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a name, or the default."""
        return self[key] if key in self._keys else default

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the value of a name, which becomes the default if there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str) -> Any:
        """Take a value out and return it."""
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Take the last name and value out."""
        key = next(reversed(self._keys))
        return key, self.pop(key)

    def clear(self) -> None:
        """Take all values out."""
        for key in list(self._keys):
            del self[key]

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """Return a new dictionary with one value for all names."""
        return ParameterDict((key, default) for key in keys)

    def update(self, parameters: Any) -> None:
        """Add values, or put them in the place of those of the same names."""
        found = pairs(parameters, "ParameterDict")
        for key, value in sorted(found, key=lambda p: p[0]) if type(parameters) is dict else found:
            self[key] = value

    def extra_repr(self) -> str:
        """Return one line for each entry."""
        return _described(self.items())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: the module holds parameters and computes nothing."""
        raise RuntimeError(f"{type(self).__name__}: the module holds parameters and cannot be called")
