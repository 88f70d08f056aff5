"""Layers that read the number of their inputs from the first input: parameters that have no shape until then."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nn.modules.parameter import Parameter
from nn.tensors.arguments import as_dtype
from nn.tensors.place import Device, require_here
from nn.tensors.tensor import Tensor

__all__ = ["LazyModuleMixin", "UninitializedBuffer", "UninitializedParameter", "is_lazy"]


class _Uninitialized(Tensor):
    """A tensor without a shape or elements yet. `materialize` gives it both, and its class `becomes`."""

    __slots__ = ()

    becomes: type[Tensor]

    def __init__(self, requires_grad: bool = False, device: Device = None, dtype: DTypeLike | None = None) -> None:
        require_here({"device": device}, type(self).__name__)
        self._node, self._requires_grad = None, requires_grad
        self.__dict__["dtype"] = as_dtype(dtype)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The element type that it will have."""
        found: np.dtype[Any] = self.__dict__["dtype"]
        return found

    def materialize(self, shape: tuple[int, ...], dtype: DTypeLike | None = None) -> None:
        """Give it a shape; the elements are whatever the memory held."""
        dtype = self.dtype if dtype is None else as_dtype(dtype)
        del self.__dict__["dtype"]
        self.__class__ = self.becomes  # type: ignore[assignment]
        self._array = np.empty(shape, dtype)

    def detach(self) -> Any:
        """Itself: there is nothing to share yet."""
        return self

    def to(self, dtype: DTypeLike) -> Any:  # type: ignore[override]
        """Change the element type that it will have, in place."""
        self.__dict__["dtype"] = as_dtype(dtype)
        return self

    @property
    def data(self) -> Any:
        """Itself, as `detach()`."""
        return self

    @data.setter
    def data(self, value: Any) -> None:
        """Take over another tensor's shape and elements."""
        self.materialize(value.shape, value.dtype)
        self._array[...] = value.detach().numpy()

    @property
    def _array(self) -> Any:
        raise RuntimeError(
            f"{type(self).__name__}: it has no shape and no elements yet; run its module once on an input, "
            "e.g. model(example), before counting, training or reading parameters"
        )

    @_array.setter
    def _array(self, value: Any) -> None:
        raise RuntimeError(f"{type(self).__name__}: it has no shape yet; materialize(shape) gives it one")

    def __deepcopy__(self, memo: dict[Any, Any]) -> Any:
        memo[id(self)] = other = type(self)(self._requires_grad, dtype=self.dtype)
        return other

    def __reduce__(self) -> Any:
        return type(self), (self._requires_grad, None, self.dtype)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class UninitializedParameter(_Uninitialized, Parameter):
    """A parameter whose shape is not known yet; it becomes a `Parameter` by `materialize(shape)`.

    Example:
        >>> import nn
        >>> p = nn.UninitializedParameter()
        >>> p
        <UninitializedParameter>
        >>> p.materialize((2, 3))
        >>> type(p).__name__, p.shape
        ('Parameter', (2, 3))
    """

    __slots__ = ()
    becomes = Parameter

    def __init__(self, requires_grad: bool = True, device: Device = None, dtype: DTypeLike | None = None) -> None:
        super().__init__(requires_grad, device, dtype)


class UninitializedBuffer(_Uninitialized):
    """A buffer whose shape is not known yet; it becomes a `Tensor` by `materialize(shape)`.

    Example:
        >>> import nn
        >>> nn.UninitializedBuffer()
        <UninitializedBuffer>
    """

    __slots__ = ()
    becomes = Tensor


def is_lazy(value: Any) -> bool:
    """Whether it is a parameter or buffer without a shape yet.

    Example:
        >>> import nn
        >>> nn.is_lazy(nn.LazyLinear(3).weight), nn.is_lazy(nn.Linear(2, 3).weight)
        (True, False)
    """
    return isinstance(value, _Uninitialized)


class LazyModuleMixin:
    """Makes a layer lazy: at its first call it finds its shapes, and becomes an ordinary layer, `cls_to_become`.

    A lazy layer inherits from this and from the ordinary layer, sets its unknown parameters to
    `UninitializedParameter()` in `__init__`, and gives them shapes in `initialize_parameters(*args)`, which takes the
    first call's arguments.

    Example:
        >>> import nn
        >>> layer = nn.LazyLinear(3)
        >>> layer
        LazyLinear(in_features=0, out_features=3, bias=True)
        >>> layer(nn.zeros(5, 2)).shape
        (5, 3)
        >>> layer
        Linear(in_features=2, out_features=3, bias=True)
    """

    cls_to_become: type[Any] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        module: Any = self
        self._first_call = module.register_forward_pre_hook(_infer_parameters, with_kwargs=True)

    def initialize_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Give every lazy parameter its shape, from the arguments of the first call, and its initial values."""
        raise NotImplementedError(f"{type(self).__name__}: write a method initialize_parameters(self, *args)")

    def has_uninitialized_params(self) -> bool:
        """Whether one of the layer's own parameters or buffers has no shape yet."""
        return any(is_lazy(value) for value in self.__dict__.values())


def _infer_parameters(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Before the first forward."""
    module.initialize_parameters(*args, **kwargs)
    if module.has_uninitialized_params():
        raise RuntimeError(f"{type(module).__name__}: initialize_parameters left a parameter without a shape")
    module._first_call.remove()
    del module._first_call
    if module.cls_to_become is not None:
        module.__class__ = module.cls_to_become
