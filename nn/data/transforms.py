"""Transforms: whole batches in, whole batches out, a tensor for a tensor and an array for an array.

They change data, not activations: gradients do not flow through them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from nn.errors import DtypeError, ShapeError
from nn.rng import Generator, default_generator
from nn.tensor import Tensor, from_numpy

__all__ = ["Compose", "RandomNoise", "RandomShift", "Standardize", "Transform"]

Array: TypeAlias = NDArray[Any]
T = TypeVar("T")


class Transform(ABC):
    """Base class of transforms: derive from it and write `apply`, from array to array."""

    def __call__(self, batch: T) -> T:
        """The transformed batch, a new one, of the kind that came."""
        if isinstance(batch, Tensor):
            return cast(T, from_numpy(self.apply(batch.detach().numpy())))
        return cast(T, self.apply(np.asarray(batch)))

    @abstractmethod
    def apply(self, array: Array) -> Array:
        """The transformed batch, a new array."""


class Compose:
    """One transform after the other.

    Args:
        transforms: called in this order.

    Example:
        >>> import nn
        >>> augment = nn.data.Compose([nn.data.RandomShift(1), nn.data.RandomNoise(0.05)])
        >>> augment(nn.tensor([[[[0.0, 1.0], [1.0, 0.0]]]])).shape
        (1, 1, 2, 2)
    """

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, batch: Any) -> Any:
        """The batch after the last transform."""
        for transform in self.transforms:
            batch = transform(batch)
        return batch


class Standardize(Transform):
    """(x - mean) / std, with the mean and the standard deviation of the training data.

    Fit it on the training data alone: statistics of validation or test data would leak into the training. A constant
    column has no deviation to divide by and becomes 0.

    Args:
        dim: the axes to take mean and std over: 0 for one of each a column of (N, D), (0, 2, 3) for one of each a
            channel of (N, C, H, W).

    Attributes:
        mean, std: of shape (1, D) or (1, C, 1, 1), float64; std is that of the population (divided by N), and 1 for
            a constant column.

    Shape:
        (N, *) -> (N, *)

    Raises:
        RuntimeError: used before `fit`.
        ShapeError: data of another shape than those of `fit` (the axes in `dim` may have any length).
        ValueError: `fit` on empty data, or on NaN or infinite ones.

    Example:
        >>> import nn
        >>> train = nn.tensor([[1.0, 5.0], [3.0, 5.0]])
        >>> standardize = nn.data.Standardize().fit(train)
        >>> standardize(train)
        tensor([[-1., 0.], [ 1., 0.]])
        >>> standardize(nn.tensor([[2.0, 6.0]]))
        tensor([[0., 1.]])
    """

    def __init__(self, dim: int | tuple[int, ...] = 0) -> None:
        self.dim = dim
        self.mean: Array | None = None
        self.std: Array | None = None

    def fit(self, batch: Any) -> Standardize:
        """Take mean and std from `batch` (a tensor or an array), and return self."""
        x = np.asarray(batch.detach() if isinstance(batch, Tensor) else batch).astype(np.float64)
        if not x.size:
            raise ValueError(f"Standardize.fit: data of shape {x.shape} are empty, at least one sample is wanted")
        if not np.isfinite(x).all():
            where = tuple(np.argwhere(~np.isfinite(x))[0].tolist())
            raise ValueError(f"Standardize.fit: finite numbers are wanted, {x[where]} came at {where}; clean the data")
        low, high = x.min(self.dim, keepdims=True), x.max(self.dim, keepdims=True)
        constant = low == high  # not std == 0: rounding leaves a constant column some 1e-17
        self.mean = np.where(constant, low, x.mean(self.dim, keepdims=True))
        self.std = np.where(constant, 1, x.std(self.dim, keepdims=True))
        return self

    def transform(self, batch: T) -> T:
        """As calling the transform."""
        return self(batch)

    def apply(self, array: Array) -> Array:
        """(array - mean) / std; float64 stays float64, integers become float32."""
        if self.mean is None or self.std is None:
            raise RuntimeError("Standardize: mean and std are not known yet; call fit(training_data) first")
        dims = {d % self.mean.ndim for d in np.atleast_1d(self.dim)}
        wanted = [None if d in dims else n for d, n in enumerate(self.mean.shape)]
        if array.ndim != len(wanted) or any(w not in (None, n) for w, n in zip(wanted, array.shape, strict=True)):
            shape = ", ".join("any" if w is None else str(w) for w in wanted)
            raise ShapeError(f"Standardize: fitted on data of shape ({shape}), {array.shape} came; fit it on such data")
        dtype = array.dtype if array.dtype.kind == "f" else np.float32
        return ((array - self.mean) / self.std).astype(dtype)


class RandomShift(Transform):
    """Moves every image by its own whole number of pixels, drawn uniformly; what moves in is 0.

    Args:
        pixels: the farthest move up, down, left or right, in pixels.
        generator: where to draw from; None for the global one.

    Shape:
        (N, C, H, W) -> (N, C, H, W)

    Raises:
        ValueError: pixels is negative or no integer.
        ShapeError: the batch has not four axes.

    Example:
        >>> import nn
        >>> shifted = nn.data.RandomShift(1)(nn.tensor([[[[0.0, 0.0, 0.0], [0.0, 7.0, 0.0], [0.0, 0.0, 0.0]]]]))
        >>> shifted.sum()
        tensor(7.)
    """

    def __init__(self, pixels: int, generator: Generator | None = None) -> None:
        if not isinstance(pixels, int) or pixels < 0:
            raise ValueError(f"RandomShift: pixels is an integer, 0 or more, {pixels!r} came")
        self.pixels = pixels
        self.generator = generator

    def apply(self, array: Array) -> Array:
        """The shifted images."""
        if array.ndim != 4:
            raise ShapeError(f"RandomShift: images (N, C, H, W) are wanted, {array.shape} came; reshape them first")
        p = self.pixels
        padded = np.pad(array, ((0, 0), (0, 0), (p, p), (p, p)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, array.shape[2:], axis=(2, 3))
        rng = (self.generator or default_generator).numpy
        top, left = rng.integers(2 * p + 1, size=(2, len(array)))  # one window an image, by its upper left corner
        shifted: Array = windows[np.arange(len(array)), :, top, left]  # (N, C, 2p+1, 2p+1, H, W) -> (N, C, H, W)
        return shifted


class RandomNoise(Transform):
    """Adds normal noise to every element: x + std * N(0, 1).

    Args:
        std: the standard deviation of the noise, in the unit of the data.
        generator: where to draw from; None for the global one.

    Shape:
        (*) -> (*)

    Raises:
        ValueError: std is negative or not finite.
        DtypeError: the batch is not of floats.

    Example:
        >>> import nn
        >>> nn.data.RandomNoise(0.1)(nn.tensor([[1.0, 2.0]])).shape
        (1, 2)
    """

    def __init__(self, std: float, generator: Generator | None = None) -> None:
        if not 0 <= std < np.inf:
            raise ValueError(f"RandomNoise: std is a finite number, 0 or more, {std!r} came")
        self.std = std
        self.generator = generator

    def apply(self, array: Array) -> Array:
        """The batch with its noise."""
        if array.dtype.kind != "f":
            raise DtypeError(f"RandomNoise: floats are wanted, {array.dtype} came; scale the images to [0, 1] first")
        noise = (self.generator or default_generator).numpy.normal(scale=self.std, size=array.shape)
        noisy: Array = array + noise.astype(array.dtype)
        return noisy
