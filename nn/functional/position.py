"""Write positions in a sequence as numbers that a network can read: `sinusoidal_position`, `rotary_embedding`."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from nn.errors import RangeError, ShapeError
from nn.tensors import checks
from nn.tensors.arguments import as_dtype
from nn.tensors.joining import cat, stack
from nn.tensors.tensor import Tensor, from_numpy

__all__ = ["rotary_embedding", "sinusoidal_position"]


def sinusoidal_position(
    length: int, dim: int, offset: int = 0, base: float = 10000.0, dtype: DTypeLike | None = None
) -> Tensor:
    """A vector for each position t: P[t, 2i] = sin(t / base^(2i / dim)), P[t, 2i + 1] = cos(t / base^(2i / dim)).

    Args:
        length: how many positions.
        dim: the width, even.
        offset: the first position.
        base: the wavelengths go from 2 pi to 2 pi base.
        dtype: the element type; the default one for None.

    Shape:
        -> (length, dim).

    Example:
        >>> import nn
        >>> nn.sinusoidal_position(2, 2)
        tensor([[0.0000, 1.0000],
                [0.8415, 0.5403]])

    References:
        Vaswani et al., Attention Is All You Need, NeurIPS 2017, section 3.5.
    """
    angle = _angles(length, dim, offset, base, "sinusoidal_position")
    return from_numpy(np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(length, dim).astype(as_dtype(dtype)))


def rotary_embedding(input: Tensor, offset: int = 0, base: float = 10000.0, interleaved: bool = True) -> Tensor:
    """Turns pair i of the features at position t by the angle t / base^(2i / E).

    (a, b) becomes (a cos - b sin, a sin + b cos), so that the product of a query at s and a key at t, both turned,
    depends on their contents and on s - t alone.

    Args:
        input: x, E being even.
        offset: the position of the first step: how many steps are behind it in a decoder's cache.
        base: the wavelengths go from 2 pi to 2 pi base.
        interleaved: whether features 2i and 2i + 1 are a pair; else i and i + E / 2 are one.

    Shape:
        (..., T, E) -> (..., T, E).

    Example:
        >>> import nn
        >>> nn.rotary_embedding(nn.tensor([[1.0, 0.0], [1.0, 0.0]]))
        tensor([[1.0000, 0.0000],
                [0.5403, 0.8415]])

    References:
        Su et al., RoFormer: Enhanced Transformer with Rotary Position Embedding, 2021.
    """
    if checks.floating(input, "rotary_embedding").ndim < 2:
        raise ShapeError(f"rotary_embedding: input must be (..., T, E), its shape is {input.shape}")
    steps, width = input.shape[-2:]
    angle = _angles(steps, width, offset, base, "rotary_embedding")
    cos, sin = np.cos(angle).astype(input.dtype), np.sin(angle).astype(input.dtype)
    if interleaved:
        a, b = input[..., 0::2], input[..., 1::2]
        return stack([a * cos - b * sin, a * sin + b * cos], -1).reshape(input.shape)
    a, b = input[..., : width // 2], input[..., width // 2 :]
    return cat([a * cos - b * sin, a * sin + b * cos], -1)


def _angles(length: int, dim: int, offset: int, base: float, caller: str) -> np.ndarray:
    """t / base^(2i / dim), (length, dim / 2), in float64: at a large t float32 would have no digits left."""
    if dim % 2:
        raise RangeError(f"{caller}: the width must be even, it is {dim}; features are taken in pairs")
    return np.arange(offset, offset + length)[:, None] / base ** (np.arange(0, dim, 2) / dim)
