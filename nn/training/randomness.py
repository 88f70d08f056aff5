"""The random state of a training: the global generator, those of the loaders, Python's and NumPy's older one."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import numpy as np

from nn.modules.module import Module
from nn.rng import Generator, get_rng_state, manual_seed, set_rng_state

__all__ = ["seed_everything"]


def seed_everything(seed: int = 0, workers: bool = False) -> int:
    """Start all random generators at a seed: the framework's, Python's and NumPy's older one; returns it.

    Args:
        seed: a whole number of 0 or more, below 2^32.
        workers: taken without effect: workers of a loader are seeded by its own generator.

    Example:
        >>> import nn
        >>> seed = nn.training.seed_everything(3)
        >>> first = nn.rand(2)
        >>> seed = nn.training.seed_everything(3)
        >>> bool((nn.rand(2) == first).all())
        True
    """
    np.random.seed(seed)  # noqa: NPY002  (it refuses what is no seed)
    random.seed(seed)
    manual_seed(seed)
    return seed


def generators(model: Module, loaders: Iterable[Any]) -> list[Generator]:
    """The generators beside the global one: of the loaders, their samplers, and the model's layers."""
    found: list[Generator] = []
    owners: list[Any] = list(model.modules())
    for loader in loaders:
        batches, order = getattr(loader, "batch_sampler", None), getattr(loader, "sampler", None)
        owners += [loader, batches, getattr(batches, "sampler", None), order, getattr(loader, "dataset", None)]
    for owner in owners:
        for value in vars(owner).values() if hasattr(owner, "__dict__") else ():
            if isinstance(value, Generator) and not any(value is other for other in found):
                found.append(value)
    return found


def snapshot(own: Iterable[Generator]) -> dict[str, Any]:
    """Where all generators stand."""
    return {
        "global": get_rng_state(),
        "own": [generator.get_state() for generator in own],
        "python": random.getstate(),
        "numpy": np.random.get_state(),  # noqa: NPY002  (what a user's transform may draw from)
    }


def restore(state: dict[str, Any], own: Iterable[Generator]) -> None:
    """Let all generators stand there again."""
    set_rng_state(state["global"])
    for generator, saved in zip(own, state["own"], strict=False):
        generator.set_state(saved)
    random.setstate(state["python"])
    np.random.set_state(state["numpy"])  # noqa: NPY002
