"""Transforms of values: to mean 0 and deviation 1, and noise."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from nn.data.transforms.transform import Array, Transform
from nn.errors import DtypeError, ShapeError
from nn.rng import Generator
from nn.tensors.tensor import Tensor

__all__ = ["Normalize", "RandomNoise", "Standardize"]

T = TypeVar("T")


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
        super().__init__()
        self.dim = dim
        self.mean: Array | None = None
        self.std: Array | None = None

    def fit(self, batch: Any) -> Standardize:
        """Take mean and std from `batch` (a tensor or an array), and return self."""
        x = np.asarray(batch.detach() if isinstance(batch, Tensor) else batch).astype(np.float64)
        if not x.size:
            raise ValueError(f"Standardize.fit: expected at least one sample, got empty data of shape {x.shape}")
        if not np.isfinite(x).all():
            where = tuple(np.argwhere(~np.isfinite(x))[0].tolist())
            raise ValueError(f"Standardize.fit: expected finite numbers, got {x[where]} at {where}; clean the data")
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
            raise ShapeError(f"Standardize: data must have shape ({shape}) as in fit, got {array.shape}; fit it again")
        dtype = array.dtype if array.dtype.kind == "f" else np.float32
        return ((array - self.mean) / self.std).astype(dtype)


class Normalize(Transform):
    """(x - mean) / std of each channel, with known numbers; `Standardize` finds them in the training data.

    Args:
        mean: one number for each channel, or one for all.
        std: the same.
        inplace: whether the result is written into the batch too.

    Shape:
        (*, C, H, W) -> (*, C, H, W)

    Raises:
        ValueError: std is 0, or a number is not finite.
        ShapeError: images with another number of channels.
        DtypeError: the images are not of floats.

    Example:
        >>> import nn
        >>> nn.data.transforms.Normalize([0.5], [0.25])(nn.tensor([[[0.0, 0.5, 1.0]]]))
        tensor([[[-2., 0., 2.]]])
    """

    def __init__(self, mean: Any, std: Any, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace
        self.mean, self.std = np.atleast_1d(np.asarray(mean, float)), np.atleast_1d(np.asarray(std, float))
        if not np.isfinite(self.mean).all() or not np.isfinite(self.std).all() or not self.std.all():
            raise ValueError(f"Normalize: expected finite means and deviations other than 0, got {mean} and {std}")

    def apply(self, array: Array) -> Array:
        """The normalised images."""
        if array.dtype.kind != "f":
            raise DtypeError(f"Normalize: expected floats, got {array.dtype}; scale the images to [0, 1] first")
        channels = max(len(self.mean), len(self.std))
        if array.ndim < 3 or channels not in (1, array.shape[-3]):
            raise ShapeError(f"Normalize: expected images (*, {channels}, H, W), got {array.shape}")
        mean, std = (values[:, None, None].astype(array.dtype) for values in (self.mean, self.std))
        normalised: Array = (array - mean) / std
        if self.inplace:
            array[...] = normalised
        return normalised


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
            raise ValueError(f"RandomNoise: std must be a finite number, 0 or more, got {std!r}")
        super().__init__(generator)
        self.std = std

    def apply(self, array: Array) -> Array:
        """The batch with its noise."""
        if array.dtype.kind != "f":
            raise DtypeError(f"RandomNoise: expected floats, got {array.dtype}; scale the images to [0, 1] first")
        noise = self.rng.normal(scale=self.std, size=array.shape)
        noisy: Array = array + noise.astype(array.dtype)
        return noisy
