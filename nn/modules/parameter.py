"""Parameter: the tensor that an optimiser changes."""

from __future__ import annotations

from typing import Any

from nn import settings
from nn.tensors.tensor import Tensor, tensor

__all__ = ["Buffer", "Parameter"]


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
        source = data if isinstance(data, Tensor) else tensor(data, dtype=settings.default_dtype)
        self._array, self._node, self._shared = source._array, None, source._memory()
        if requires_grad:
            self.requires_grad_()

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


class Buffer(Tensor):
    """A tensor that a module registers as a buffer when it is assigned to an attribute; see `register_buffer`.

    Args:
        data: a tensor, whose memory is shared, or anything that `nn.tensor` takes.
        persistent: whether it belongs to the module's state.

    Example:
        >>> import nn
        >>> model = nn.Module()
        >>> model.mean = nn.Buffer(nn.zeros(2))
        >>> dict(model.named_buffers())
        {'mean': tensor([0., 0.])}
    """

    __slots__ = ("persistent",)

    def __init__(self, data: Any = (), *, persistent: bool = True) -> None:
        source = data if isinstance(data, Tensor) else tensor(data, dtype=settings.default_dtype)
        self._array, self._node, self._shared = source._array, None, source._memory()
        self.persistent = persistent
