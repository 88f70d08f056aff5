"""Data made by formula, for experiments that need no file: point clouds, a curve, and sequences to be remembered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import ShapeError
from nn.rng import Generator, default_generator
from nn.tensors.tensor import Tensor, from_numpy, tensor

__all__ = [
    "make_adding",
    "make_blobs",
    "make_circles",
    "make_copy",
    "make_moons",
    "make_parity",
    "make_sine",
    "make_spirals",
    "xor",
]

Array = NDArray[Any]


def xor() -> tuple[Tensor, Tensor]:
    """The exclusive or: 1 where exactly one of the two inputs is 1. No straight line separates its classes.

    Shape:
        inputs (4, 2), targets (4, 1)

    Returns:
        Inputs and targets, both float32.

    Example:
        >>> import nn
        >>> x, y = nn.data.datasets.xor()
        >>> y.flatten()
        tensor([0., 1., 1., 0.])
    """
    return tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), tensor([[0.0], [1.0], [1.0], [0.0]])


def make_blobs(
    n_samples: int = 100,
    n_features: int = 2,
    *,
    centers: int | Sequence[Sequence[float]] = 3,
    cluster_std: float = 1.0,
    center_box: tuple[float, float] = (-10.0, 10.0),
    shuffle: bool = True,
    generator: Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """Round clouds of normally distributed points, one a class.

    Args:
        n_samples: points in all, dealt out evenly.
        n_features: the dimension, if centers is a number.
        centers: how many classes, or the middle of each.
        cluster_std: the deviation of each coordinate from the middle.
        center_box: where middles are drawn from.
        shuffle: mix the classes; else they come one after the other.
        generator: where to draw from; None for the global one.

    Shape:
        points (N, D), labels (N,)

    Returns:
        Points (float32) and labels (int64).

    Raises:
        ValueError: fewer points than classes; a deviation that is negative.
        ShapeError: centers that are no matrix.

    Example:
        >>> import nn
        >>> x, y = nn.data.datasets.make_blobs(5, centers=[[0, 0], [9, 9]], cluster_std=0, shuffle=False)
        >>> x[:, 0], y
        (tensor([0., 0., 0., 9., 9.]), tensor([0, 0, 0, 1, 1]))
    """
    rng = (generator or default_generator).numpy
    middles = rng.uniform(*center_box, (centers, n_features)) if isinstance(centers, int) else np.array(centers, float)
    if middles.ndim != 2:
        raise ShapeError(f"make_blobs: expected centers (K, D), got {middles.shape}")
    _require("make_blobs", n_samples, len(middles), cluster_std)
    labels = np.sort(np.arange(n_samples) % len(middles))
    points = middles[labels] + cluster_std * rng.standard_normal((n_samples, middles.shape[1]))
    return _shuffled(points, labels, rng if shuffle else None)


def make_moons(
    n_samples: int = 100, *, shuffle: bool = True, noise: float | None = None, generator: Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Two half circles that reach into each other.

    Args:
        n_samples: points in all.
        shuffle: mix the classes; else the upper moon comes first.
        noise: the deviation of normal noise on each coordinate; None for none.
        generator: where to draw from; None for the global one.

    Shape:
        points (N, 2), labels (N,)

    Returns:
        Points (float32) and labels (int64), 0 for the upper moon.

    Raises:
        ValueError: fewer than 2 points, or negative noise.

    Example:
        >>> import nn
        >>> x, y = nn.data.datasets.make_moons(200, noise=0.1)
        >>> x.shape, y.sum()
        ((200, 2), tensor(100))
    """
    _require("make_moons", n_samples, 2, noise or 0)
    upper, lower = (np.linspace(0, np.pi, n) for n in (n_samples // 2, n_samples - n_samples // 2))
    points = np.r_[_circle(upper), [1, 0.5] - _circle(lower)]
    return _two_classes(points, len(upper), shuffle, noise, generator)


def make_circles(
    n_samples: int = 100,
    *,
    shuffle: bool = True,
    noise: float | None = None,
    generator: Generator | None = None,
    factor: float = 0.8,
) -> tuple[Tensor, Tensor]:
    """A circle within a circle of radius 1.

    Args:
        n_samples: points in all.
        shuffle: mix the classes; else the outer circle comes first.
        noise: the deviation of normal noise on each coordinate; None for none.
        generator: where to draw from; None for the global one.
        factor: the radius of the inner circle.

    Shape:
        points (N, 2), labels (N,)

    Returns:
        Points (float32) and labels (int64), 0 for the outer circle.

    Raises:
        ValueError: fewer than 2 points, negative noise, or a factor outside [0, 1).

    Example:
        >>> import nn
        >>> x, y = nn.data.datasets.make_circles(50, factor=0.5)
        >>> x.square().sum(1).sqrt().amin()
        tensor(0.5000)
    """
    _require("make_circles", n_samples, 2, noise or 0)
    if not 0 <= factor < 1:
        raise ValueError(f"make_circles: factor must be a radius, 0 or more and below 1, got {factor}")
    outer, inner = (np.linspace(0, 2 * np.pi, n, endpoint=False) for n in (n_samples // 2, -(-n_samples // 2)))
    points = np.r_[_circle(outer), factor * _circle(inner)]
    return _two_classes(points, len(outer), shuffle, noise, generator)


def make_spirals(
    n_samples: int = 100,
    *,
    n_classes: int = 2,
    turns: float = 1.5,
    shuffle: bool = True,
    noise: float | None = None,
    generator: Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """Spirals from the middle out to radius 1, one a class, wound into each other.

    Args:
        n_samples: points in all, dealt out evenly.
        n_classes: how many spirals.
        turns: how often each goes round.
        shuffle: mix the classes; else they come one after the other.
        noise: the deviation of normal noise on each coordinate; None for none.
        generator: where to draw from; None for the global one.

    Shape:
        points (N, 2), labels (N,)

    Returns:
        Points (float32) and labels (int64).

    Raises:
        ValueError: fewer points than classes, or negative noise.

    Example:
        >>> import nn
        >>> x, y = nn.data.datasets.make_spirals(300, n_classes=3)
        >>> x.shape, y.amax()
        ((300, 2), tensor(2))

    References:
        Lang, Witbrock: Learning to Tell Two Spirals Apart, 1988.
    """
    _require("make_spirals", n_samples, n_classes, noise or 0)
    rng = (generator or default_generator).numpy
    labels = np.sort(np.arange(n_samples) % n_classes)
    radius = np.concatenate([np.linspace(0, 1, np.count_nonzero(labels == k)) for k in range(n_classes)])
    points = radius[:, None] * _circle(2 * np.pi * (turns * radius + labels / n_classes))
    return _shuffled(_noisy(points, noise, rng), labels, rng if shuffle else None)


def make_sine(
    n_samples: int = 100, *, noise: float | None = None, generator: Generator | None = None
) -> tuple[Tensor, Tensor]:
    """y = sin x at places drawn uniformly from (-pi, pi): a regression that a straight line cannot do.

    Args:
        n_samples: points in all.
        noise: the deviation of normal noise on y; None for none.
        generator: where to draw from; None for the global one.

    Shape:
        x (N, 1), y (N, 1)

    Returns:
        x and y, both float32.

    Raises:
        ValueError: no points, or negative noise.

    Example:
        >>> import nn
        >>> x, y = nn.data.datasets.make_sine(5)
        >>> bool(((x.sin() - y).abs() < 1e-6).all())
        True
    """
    _require("make_sine", n_samples, 1, noise or 0)
    rng = (generator or default_generator).numpy
    x = rng.uniform(-math.pi, math.pi, (n_samples, 1))
    return _float32(x), _float32(_noisy(np.sin(x), noise, rng))


def make_adding(n_samples: int = 100, length: int = 50, *, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
    """Sequences of numbers in which two are marked, one in each half; the target is the sum of these two.

    Always answering 1 has a mean squared error of 1/6: what is below has remembered something.

    Args:
        n_samples: how many sequences.
        length: how long each is.
        generator: where to draw from; None for the global one.

    Shape:
        sequences (N, length, 2), of a number in [0, 1) and a mark, 0 or 1; targets (N, 1)

    Returns:
        Sequences and targets, both float32.

    Raises:
        ValueError: no sequences, or shorter than 2.

    Example:
        >>> import nn
        >>> x, y = nn.data.datasets.make_adding(3, length=10)
        >>> bool(((x[:, :, 0] * x[:, :, 1]).sum(1, keepdim=True) == y).all())
        True

    References:
        Hochreiter, Schmidhuber: Long Short-Term Memory, Neural Computation 1997.
    """
    _require("make_adding", n_samples, 1, 0)
    _require_length("make_adding", length, 2)
    rng = (generator or default_generator).numpy
    values, marks = rng.random((n_samples, length), np.float32), np.zeros((n_samples, length), np.float32)
    rows, half = np.arange(n_samples), length // 2
    marks[rows, rng.integers(half, size=n_samples)] = marks[rows, rng.integers(half, length, n_samples)] = 1
    return _float32(np.stack([values, marks], 2)), _float32((values * marks).sum(1, keepdims=True))


def make_parity(n_samples: int = 100, length: int = 10, *, generator: Generator | None = None) -> tuple[Tensor, Tensor]:
    """Sequences of bits; the label is 1 where the number of ones is odd. Every bit decides.

    Args:
        n_samples: how many sequences.
        length: how long each is.
        generator: where to draw from; None for the global one.

    Shape:
        bits (N, length, 1), labels (N,)

    Returns:
        Bits (float32) and labels (int64).

    Raises:
        ValueError: no sequences, or shorter than 1.

    Example:
        >>> import nn
        >>> x, y = nn.data.datasets.make_parity(4)
        >>> bool((x.numpy().sum((1, 2)) % 2 == y.numpy()).all())
        True
    """
    _require("make_parity", n_samples, 1, 0)
    _require_length("make_parity", length, 1)
    bits = (generator or default_generator).numpy.integers(2, size=(n_samples, length))
    return _float32(bits[:, :, None]), from_numpy(bits.sum(1) % 2)


def make_copy(
    n_samples: int = 100,
    length: int = 10,
    *,
    delay: int = 20,
    n_symbols: int = 8,
    generator: Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """Symbols that a model has to repeat after a delay: s s s 0 0 0 ! 0 0 0 -> 0 0 0 0 0 0 0 s s s.

    Args:
        n_samples: how many sequences.
        length: how many symbols the model has to repeat.
        delay: how many steps lie between them and their repetition; the last is the mark that asks for it.
        n_symbols: how many different symbols, numbered from 1; 0 is nothing, n_symbols + 1 the mark.
        generator: where to draw from; None for the global one.

    Shape:
        inputs and targets (N, length + delay + length)

    Returns:
        Inputs and targets, both int64.

    Raises:
        ValueError: no sequences; length, delay or n_symbols below 1.

    Example:
        >>> import nn
        >>> x, y = nn.data.datasets.make_copy(1, 2, delay=3, n_symbols=1)
        >>> x, y
        (tensor([[1, 1, 0, 0, 2, 0, 0]]), tensor([[0, 0, 0, 0, 0, 1, 1]]))

    References:
        Arjovsky, Shah, Bengio: Unitary Evolution Recurrent Neural Networks, ICML 2016.
    """
    _require("make_copy", n_samples, 1, 0)
    for name, value in (("length", length), ("delay", delay), ("n_symbols", n_symbols)):
        _require_length("make_copy", value, 1, name)
    inputs = np.zeros((n_samples, 2 * length + delay), np.int64)
    targets = inputs.copy()
    symbols = (generator or default_generator).numpy.integers(1, n_symbols, (n_samples, length), endpoint=True)
    inputs[:, :length] = targets[:, -length:] = symbols
    inputs[:, length + delay - 1] = n_symbols + 1
    return from_numpy(inputs), from_numpy(targets)


# -- what they share --------------------------------------------------------------------------------------------------
def _circle(angle: Array) -> Array:
    return np.stack([np.cos(angle), np.sin(angle)], 1)


def _noisy(points: Array, noise: float | None, rng: np.random.Generator) -> Array:
    return points if noise is None else points + noise * rng.standard_normal(points.shape)


def _two_classes(
    points: Array, first: int, shuffle: bool, noise: float | None, generator: Generator | None
) -> tuple[Tensor, Tensor]:
    rng = (generator or default_generator).numpy
    labels = (np.arange(len(points)) >= first).astype(np.int64)
    return _shuffled(_noisy(points, noise, rng), labels, rng if shuffle else None)


def _shuffled(points: Array, labels: Array, rng: np.random.Generator | None) -> tuple[Tensor, Tensor]:
    order = slice(None) if rng is None else rng.permutation(len(points))
    return _float32(points[order]), from_numpy(labels[order])


def _float32(array: Array) -> Tensor:
    return from_numpy(array.astype(np.float32))


def _require(where: str, n_samples: int, least: int, deviation: float) -> None:
    if n_samples < least:
        raise ValueError(f"{where}: n_samples must be at least {least}, got {n_samples}")
    if deviation < 0:
        raise ValueError(f"{where}: noise and cluster_std must be 0 or more, got {deviation}")


def _require_length(where: str, value: int, least: int, name: str = "length") -> None:
    if value < least:
        raise ValueError(f"{where}: {name} must be at least {least}, got {value}")
