"""Turn numbers into shares that sum to 1: of the smallest (`softmin`), or with drawn noise (`gumbel_softmax`)."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from nn.autograd.tape import wrap
from nn.ops import softmax as ops
from nn.ops.indexing import scatter_add
from nn.rng import Generator, default_generator
from nn.tensors import checks
from nn.tensors.softmax import guessed, in_order, softmax
from nn.tensors.tensor import Tensor

__all__ = ["gumbel_softmax", "softmin"]


def softmin(
    input: Tensor, dim: int | None = None, _stacklevel: int | DTypeLike = 3, dtype: DTypeLike | None = None
) -> Tensor:
    """The softmax of -x: the smallest x gets the largest share.

    Example:
        >>> import nn
        >>> nn.functional.softmin(nn.tensor([0.0, 0.0, 1000.0]), dim=0)
        tensor([0.5000, 0.5000, 0.0000])
    """
    frames, dtype = in_order(_stacklevel, dtype)
    x = -checks.tensor(input, "softmin")
    return softmax(x, guessed(x, "softmin", frames) if dim is None else dim, dtype=dtype)


def gumbel_softmax(
    logits: Tensor,
    tau: float = 1,
    hard: bool = False,
    eps: float = 1e-10,
    dim: int = -1,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """A random choice of one class with a gradient: softmax((x + Gumbel noise) / tau).

    Args:
        logits: unnormalised log-probabilities.
        tau: the temperature; the smaller, the closer to a choice of one class.
        hard: return exactly one 1, with the gradient of the soft choice.
        eps: not used, as in PyTorch.
        dim: the axis of the classes.
        generator: where the noise comes from.

    References:
        Jang, Gu and Poole, Categorical Reparameterization with Gumbel-Softmax, ICLR 2017.

    Example:
        >>> import nn
        >>> float(nn.functional.gumbel_softmax(nn.zeros(3), hard=True).sum())
        1.0
    """
    x = checks.floating(logits, "gumbel_softmax")
    noise = (generator or default_generator).numpy.gumbel(size=x.shape).astype(x.dtype)
    soft = ops.softmax((x + wrap(noise)) / tau, dim=dim)
    if not hard:
        return soft
    place = wrap(np.argmax(soft.detach()._array, axis=dim, keepdims=True))
    ones = wrap(np.ones(place.shape, x.dtype))
    return scatter_add(ones, place, dim=dim, shape=x.shape) - soft.detach() + soft
