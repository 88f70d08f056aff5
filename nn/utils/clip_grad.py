"""Hold gradients within bounds before the optimiser's step: their common norm, or each value."""

from __future__ import annotations

import types
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from nn import settings
from nn.autograd.mode import mode
from nn.autograd.tape import Array, wrap
from nn.kernels import clipping
from nn.tensors.tensor import Tensor

__all__ = ["clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]

Tensors = Tensor | Iterable[Tensor]


def get_total_norm(
    tensors: Tensors, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Tensor:
    """The norm of all elements of all tensors together.

    Args:
        tensors: a tensor, or several.
        norm_type: the power; `float("inf")` for the largest element.
        error_if_nonfinite: refuse a norm that is infinite or nan.
        foreach: no effect.

    Raises:
        RuntimeError: such a norm, if it is refused.

    Example:
        >>> import nn
        >>> nn.utils.get_total_norm([nn.tensor([3.0]), nn.tensor([[0.0], [4.0]])])
        tensor(5.)
    """
    arrays = [t._array for t in _listed(tensors)]
    return _in_type_of(arrays, _total(arrays, norm_type, error_if_nonfinite, "get_total_norm"))


def clip_grads_with_norm_(
    parameters: Tensors, max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Multiply all gradients by max_norm / (total_norm + 1e-6), if that is less than 1, in place.

    Args:
        parameters: a tensor, or several; those without a gradient are passed over.
        max_norm: the largest norm allowed.
        total_norm: the norm, as `get_total_norm` finds it.
        foreach: no effect.

    Example:
        >>> import nn
        >>> w = nn.ones(2, requires_grad=True)
        >>> w.grad = nn.tensor([3.0, 4.0])
        >>> nn.utils.clip_grads_with_norm_(w, 0.5, nn.tensor(5.0))
        >>> w.grad
        tensor([0.3000, 0.4000])
    """
    gradients = _gradients(_listed(parameters))
    mode.quiet(clipping.shorten_, [g._array for g in gradients], _array_of(total_norm), max_norm=float(max_norm))
    _touch(gradients)


def clip_grad_norm_(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Shorten the gradients, as one long vector, to the norm `max_norm` if they are longer; call it before the step.

    Args:
        parameters: a tensor, or several; those without a gradient are passed over.
        max_norm: the largest norm allowed.
        norm_type: the power; `float("inf")` for the largest element.
        error_if_nonfinite: refuse gradients whose norm is infinite or nan, and leave them as they are.
        foreach: no effect.

    Returns:
        The norm before.

    Raises:
        RuntimeError: such a norm, if it is refused.

    Example:
        >>> import nn
        >>> w = nn.ones(2, requires_grad=True)
        >>> w.grad = nn.tensor([3.0, 4.0])
        >>> nn.utils.clip_grad_norm_(w, 0.5)
        tensor(5.)
        >>> w.grad
        tensor([0.3000, 0.4000])

    References:
        Pascanu et al., On the Difficulty of Training Recurrent Neural Networks, ICML 2013.
    """
    generator = isinstance(parameters, types.GeneratorType)
    parameters = _listed(parameters)
    if generator and not parameters:
        warnings.warn("clip_grad_norm_: the generator of parameters is empty, nothing is clipped", stacklevel=2)
    arrays = [g._array for g in _gradients(parameters)]
    total = _total(arrays, norm_type, error_if_nonfinite, "clip_grad_norm_")
    clip_grads_with_norm_(parameters, max_norm, total)
    return _in_type_of(arrays, total)


def clip_grad_value_(parameters: Tensors, clip_value: float, foreach: bool | None = None) -> None:
    """Hold every element of the gradients within [-clip_value, clip_value].

    Args:
        parameters: a tensor, or several; those without a gradient are passed over.
        clip_value: the bound.
        foreach: no effect.

    Example:
        >>> import nn
        >>> w = nn.ones(2, requires_grad=True)
        >>> w.grad = nn.tensor([3.0, -0.5])
        >>> nn.utils.clip_grad_value_(w, 1)
        >>> w.grad
        tensor([ 1.0000, -0.5000])
    """
    gradients = _gradients(_listed(parameters))
    mode.quiet(clipping.clamp_, [g._array for g in gradients], bound=float(clip_value))
    _touch(gradients)


def _listed(tensors: Any) -> list[Tensor]:
    if isinstance(tensors, Tensor):
        return [tensors]
    if not isinstance(tensors, Iterable):
        kind = type(tensors).__name__
        raise TypeError(f"clip_grad: expected a tensor or an iterable of them, got {kind}; pass model.parameters()")
    return list(tensors)


def _gradients(parameters: list[Tensor]) -> list[Tensor]:
    return [p.grad for p in parameters if p.grad is not None]


def _array_of(norm: Any) -> Array:
    return norm._array if isinstance(norm, Tensor) else np.asarray(norm)


def _is_finite(norm: Array) -> bool:
    return bool(np.isfinite(norm))


def _touch(tensors: list[Tensor]) -> None:
    for tensor in tensors:
        tensor._touch()


def _in_type_of(arrays: list[Array], total: Tensor) -> Tensor:
    """The norm, which is computed in float32 at least, in the type of the arrays."""
    return total.to(np.result_type(*arrays) if arrays else settings.default_dtype)


def _total(arrays: list[Array], norm_type: float, error_if_nonfinite: bool, caller: str) -> Tensor:
    total: Any = mode.quiet(clipping.total_norm, arrays, ord=float(norm_type))
    if error_if_nonfinite and not mode.quiet(_is_finite, total):
        raise RuntimeError(
            f"{caller}: the norm of order {float(norm_type)} is {total}; look for the loss that made it, or pass "
            "error_if_nonfinite=False"
        )
    result: Tensor = wrap(total)
    return result
