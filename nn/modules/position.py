"""Layers that tell a network the positions in a sequence: by sums with waves, or by rotations."""

from __future__ import annotations

from nn.errors import RangeError
from nn.functional.position import rotary_embedding, sinusoidal_position
from nn.modules.fields import Bare, Shown, Unusual
from nn.modules.module import Module
from nn.tensors.tensor import Tensor

__all__ = ["RotaryEmbedding", "SinusoidalPosition"]


class SinusoidalPosition(Module):
    """Adds to each step a fixed vector of sines and cosines of its position; see `nn.sinusoidal_position`.

    Args:
        dim: E, even.
        base: the wavelengths go from 2 pi to 2 pi base.
        batch_first: whether sequences are (N, T, E), not (T, N, E).

    Shape:
        (N, T, E) -> (N, T, E), or without N.

    Example:
        >>> import nn
        >>> nn.SinusoidalPosition(2)(nn.zeros(2, 2))
        tensor([[0.0000, 1.0000],
                [0.8415, 0.5403]])

    References:
        Vaswani et al., Attention Is All You Need, NeurIPS 2017, section 3.5.
    """

    dim: Bare[int]
    base: Shown[float]
    batch_first: Unusual[bool] = True

    def __init__(self, dim: int, base: float = 10000.0, batch_first: bool = True) -> None:
        super().__init__()
        _even(dim, type(self).__name__)
        self.dim = dim
        self.base = base
        self.batch_first = batch_first

    def forward(self, input: Tensor, offset: int = 0) -> Tensor:
        """Return the sum; `offset` is the position of the first step."""
        time_first = input.ndim > 2 and not self.batch_first
        steps = input.shape[0] if time_first else input.shape[-2]
        table = sinusoidal_position(steps, self.dim, offset, self.base, input.dtype)
        return input + (table.unsqueeze(1) if time_first else table)


class RotaryEmbedding(Module):
    """Turns pairs of features by angles that grow with the position; see `nn.rotary_embedding`.

    Args:
        dim: E, even: of a head, for queries and keys.
        base: the wavelengths go from 2 pi to 2 pi base.
        interleaved: whether features 2i and 2i + 1 are a pair; else i and i + E / 2 are one.

    Shape:
        (..., T, E) -> (..., T, E).

    Example:
        >>> import nn
        >>> nn.RotaryEmbedding(2)(nn.tensor([[1.0, 0.0]]), offset=1)
        tensor([[0.5403, 0.8415]])

    References:
        Su et al., RoFormer: Enhanced Transformer with Rotary Position Embedding, 2021.
    """

    dim: Bare[int]
    base: Shown[float]
    interleaved: Unusual[bool] = True

    def __init__(self, dim: int, base: float = 10000.0, interleaved: bool = True) -> None:
        super().__init__()
        _even(dim, type(self).__name__)
        self.dim = dim
        self.base = base
        self.interleaved = interleaved

    def forward(self, input: Tensor, offset: int = 0) -> Tensor:
        """Return the input turned; `offset` is the position of the first step."""
        return rotary_embedding(input, offset, self.base, self.interleaved)


def _even(dim: int, name: str) -> None:
    if dim < 0 or dim % 2:
        raise RangeError(f"{name}: dim must be even, got {dim}; features are taken in pairs")
