"""Randomness: one `Generator` that everything random takes, and the global one that `manual_seed` sets."""

from __future__ import annotations

import os

import numpy as np

__all__ = ["Generator", "default_generator", "manual_seed"]


class Generator:
    """A stream of random numbers with PyTorch's manners around `numpy.random.Generator`.

    Example:
        >>> a, b = Generator().manual_seed(7), Generator().manual_seed(7)
        >>> bool((a.numpy.normal(size=3) == b.numpy.normal(size=3)).all())
        True
    """

    def __init__(self) -> None:
        self.manual_seed(int.from_bytes(os.urandom(8), "little"))

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream anew from `seed` (any integer; negative ones count from 2**128 down) and return self."""
        self._seed = int(seed)
        self._stream: np.random.Generator | None = None
        return self

    @property
    def numpy(self) -> np.random.Generator:
        """NumPy's generator, made at the first draw: importing `numpy.random` costs more than all of `nn`."""
        if self._stream is None:
            self._stream = np.random.default_rng(self._seed % 2**128)
        return self._stream

    def initial_seed(self) -> int:
        """The seed that the stream was last started from."""
        return self._seed


default_generator = Generator()


def manual_seed(seed: int) -> Generator:
    """Seed the global generator, from which everything random draws unless it is given its own.

    Args:
        seed: any integer.

    Returns:
        The global `Generator`.
    """
    return default_generator.manual_seed(seed)
