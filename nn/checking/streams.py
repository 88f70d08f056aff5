"""The checker's own random numbers: no seed that a user gives to NumPy leads to them.

An upstream gradient that equals an input hides mistakes: a backward that takes the one for the other is right by
accident. Hence a bit generator and an entropy of its own, and a look at what was drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import GradcheckError

__all__ = ["are_distributions", "draw_upstream", "elsewhere", "nearby", "own_stream"]

__tracebackhide__ = True

Array = NDArray[Any]

_ENTROPY = 0x6B1D_52C7_90E4_38FA_D7A5_1E96_40B3_CC2F


def own_stream(seed: int) -> np.random.Generator:
    """A generator for this seed that differs from each of `np.random.default_rng` and `np.random.seed`."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([_ENTROPY, seed])))


def draw_upstream(stream: np.random.Generator, outputs: Sequence[Array], avoid: Sequence[Array]) -> list[list[Array]]:
    """Three upstream gradients for these outputs, none equal or proportional to an array of `avoid`.

    The third is the first minus twice the second, so that three gradients tell whether a backward is linear.

    Raises:
        GradcheckError: what is drawn is always proportional to an input.
    """
    drawn: list[list[Array]] = []
    for _ in range(40):
        candidate = [np.asarray(stream.normal(size=o.shape)) for o in outputs]
        if not any(_akin(u, a) for u in candidate for a in avoid):
            drawn.append(candidate)
        if len(drawn) == 2:
            return [*drawn, [first - 2 * second for first, second in zip(*drawn, strict=True)]]
    raise GradcheckError(
        "gradients: every upstream gradient that was drawn is proportional to an input, so that a mistake could hide; "
        "pass another seed"
    )


def nearby(stream: np.random.Generator, x: Array, size: float = 0.2) -> Array:
    """A point close by: signs are kept, ties and symmetries are broken, rows that sum to 1 still do."""
    scale = np.max(np.abs(x), initial=0) or 1.0
    moved = x * (1 + size * stream.uniform(-1, 1, x.shape)) + (x == 0) * scale * size / 4 * stream.normal(size=x.shape)
    return _as_distributions(stream, x, size) if are_distributions(x) else np.asarray(moved)


def elsewhere(stream: np.random.Generator, x: Array, free: bool = False) -> Array:
    """A point of both signs that has nothing to do with x but its shape; unless free, rows that sum to 1 still do."""
    keep = are_distributions(x) and not free
    return _as_distributions(stream, x, 0.8) if keep else np.asarray(stream.normal(size=x.shape))


def _akin(u: Array, other: Array) -> bool:
    """Whether two arrays of one size are equal or proportional (numbers, of course, always are proportional)."""
    if u.size != other.size or not u.size:
        return False
    a, b = u.ravel().astype(np.float64), other.ravel().astype(np.float64)
    if u.size == 1:
        return bool(abs(a[0] - b[0]) < 1e-3 * abs(b[0]))
    norms = float(np.linalg.norm(a) * np.linalg.norm(b))
    return bool(norms and np.isfinite(norms) and abs(float(a @ b)) > 0.9999 * norms)


def are_distributions(x: Array) -> bool:
    """Whether the last axis holds probabilities: a one-hot target, say, on which a backward may rely."""
    return bool(x.ndim and x.shape[-1] > 1 and x.size and (x >= 0).all() and np.allclose(x.sum(-1), 1, atol=1e-6))


def _as_distributions(stream: np.random.Generator, x: Array, size: float) -> Array:
    other = stream.uniform(0.1, 1, x.shape)
    return np.asarray((1 - size) * x + size * other / other.sum(-1, keepdims=True))
