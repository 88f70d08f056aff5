"""Read all parameters as one vector, and write such a vector back into them."""

from __future__ import annotations

from collections.abc import Iterable

from nn.autograd.grad_mode import no_grad
from nn.errors import ShapeError
from nn.tensors.joining import cat
from nn.tensors.tensor import Tensor

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All elements of all parameters in one vector; gradients flow through it.

    Args:
        parameters: tensors.

    Example:
        >>> import nn
        >>> nn.utils.parameters_to_vector([nn.ones(1, 2), nn.zeros(1)])
        tensor([1., 1., 0.])
    """
    return cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Copy the elements of a vector into the parameters, one after another, in place.

    Args:
        vec: at least as many elements as the parameters have.
        parameters: tensors.

    Raises:
        TypeError: vec is no tensor.
        ShapeError: vec is no vector, or too short.

    Example:
        >>> import nn
        >>> w, b = nn.zeros(1, 2), nn.zeros(1)
        >>> nn.utils.vector_to_parameters(nn.tensor([1.0, 2.0, 3.0]), [w, b])
        >>> w, b
        (tensor([[1., 2.]]), tensor([3.]))
    """
    parameters = list(parameters)
    if not isinstance(vec, Tensor):
        raise TypeError(f"vector_to_parameters: vec must be a tensor, got {type(vec).__name__}")
    wanted = sum(p.numel() for p in parameters)
    if vec.ndim != 1 or len(vec) < wanted:
        raise ShapeError(f"vector_to_parameters: the parameters need a vector of {wanted}, got shape {vec.shape}")
    with no_grad():
        place = 0
        for p in parameters:
            p.copy_(vec[place : place + p.numel()].reshape(p.shape))
            place += p.numel()
