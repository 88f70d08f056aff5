"""Spectral normalisation: a weight divided by its largest singular value."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from nn.autograd.tape import Array, wrap
from nn.init import normal_
from nn.kernels.clipping import vector_norm
from nn.modules.module import Module
from nn.tensors.tensor import Tensor
from nn.utils.hooked import Recomputed

__all__ = ["SpectralNorm", "remove_spectral_norm", "spectral_norm"]

M = TypeVar("M", bound=Module)


class SpectralNorm(Recomputed):
    """The hook: W / (u' W v), where u and v come nearer to the first singular vectors at every forward of a training.

    Args:
        name: the parameter's name.
        n_power_iterations: how often they are improved before each forward.
        dim: the axis of the weight that becomes the rows of the matrix W.
        eps: the least length that is divided by.
    """

    parts = ("_orig", "_u", "_v")

    def __init__(self, name: str, n_power_iterations: int, dim: int, eps: float) -> None:
        super().__init__(name)
        if n_power_iterations < 1:
            raise ValueError(f"spectral_norm: n_power_iterations must be 1 or more, got {n_power_iterations}")
        self.n_power_iterations, self.dim, self.eps = n_power_iterations, dim, eps

    def matrix(self, weight: Tensor) -> Tensor:
        """The weight with one axis for the rows and one for all the others."""
        order = [self.dim, *(axis for axis in range(weight.ndim) if axis != self.dim)]
        return weight.permute(*order).reshape(weight.shape[self.dim], -1)

    def unit(self, x: Array) -> Array:
        """x / |x|."""
        return np.asarray(x / max(float(vector_norm(x, ord=2)), self.eps)).astype(x.dtype)

    def compute(self, module: Module) -> Tensor:
        """The weight, divided by u' W v; u and v are constants for the gradient."""
        weight, u, v = (getattr(module, self.name + part) for part in self.parts)
        w = self.matrix(weight)
        sigma = wrap(u._array.copy()) @ (w @ wrap(v._array.copy()))
        return weight / sigma

    def __call__(self, module: Module, args: object) -> None:
        """Before a forward: improve u and v, in a training, and compute the weight."""
        if module.training:
            weight, u, v = (getattr(module, self.name + part) for part in self.parts)
            w = self.matrix(weight.detach())._array
            for _ in range(self.n_power_iterations):
                v._array[...] = self.unit(w.T @ u._array)
                u._array[...] = self.unit(w @ v._array)
            u._touch()
            v._touch()
        super().__call__(module, args)


def spectral_norm(
    module: M, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> M:
    """Divide a weight by its largest singular value, before each forward: the layer then stretches nothing.

    The parameter `weight` is replaced by `weight_orig`; `weight_u` and `weight_v`, which find the singular value by the
    power method, are buffers.

    Args:
        module: whose parameter it is.
        name: the parameter's name.
        n_power_iterations: steps of the power method at each forward of a training.
        eps: the least length that is divided by.
        dim: the axis of the outputs; None for 0, or 1 in a transposed convolution.

    Returns:
        The module.

    Raises:
        ValueError: there is no such parameter; less than one step.
        RuntimeError: it is normalised already.

    Example:
        >>> import nn
        >>> layer = nn.utils.spectral_norm(nn.Linear(2, 3))
        >>> list(layer.state_dict())
        ['bias', 'weight_orig', 'weight_u', 'weight_v']

    References:
        Miyato et al., Spectral Normalization for Generative Adversarial Networks, ICLR 2018.
    """
    if dim is None:
        dim = 1 if any(c.__name__.startswith("ConvTranspose") for c in type(module).__mro__) else 0
    hook = SpectralNorm(name, n_power_iterations, dim, eps)
    weight = hook.take_from(module, "spectral_norm")
    rows, columns = hook.matrix(weight.detach()).shape
    u, v = (normal_(wrap(np.empty(n, weight.dtype))) for n in (rows, columns))
    module.register_parameter(name + "_orig", weight)
    setattr(module, name, weight.detach())
    module.register_buffer(name + "_u", wrap(hook.unit(u._array)))
    module.register_buffer(name + "_v", wrap(hook.unit(v._array)))
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module: M, name: str = "weight") -> M:
    """Make the weight a parameter again, with the value that it has.

    Args:
        module: whose parameter it is.
        name: the parameter's name.

    Returns:
        The module.

    Raises:
        ValueError: it is not normalised.

    Example:
        >>> import nn
        >>> layer = nn.utils.remove_spectral_norm(nn.utils.spectral_norm(nn.Linear(2, 3)))
        >>> list(layer.state_dict())
        ['bias', 'weight']
    """
    SpectralNorm.remove(module, name, "remove_spectral_norm")
    return module
