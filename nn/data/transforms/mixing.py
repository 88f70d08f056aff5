"""Transforms of batches with their labels: two samples become one, and so do their labels."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from nn.data.transforms.transform import Array
from nn.errors import DtypeError, ShapeError
from nn.rng import Generator, default_generator
from nn.tensors.tensor import Tensor, from_numpy

__all__ = ["CutMix", "MixUp"]


class _Mix(ABC):
    """Mixes each sample with the one before it, the first with the last, and the labels by the same share."""

    def __init__(
        self, *, alpha: float = 1.0, num_classes: int | None = None, generator: Generator | None = None
    ) -> None:
        name = type(self).__name__
        if not 0 < alpha < math.inf:
            raise ValueError(f"{name}: alpha must be a positive number, got {alpha}")
        self.alpha = float(alpha)
        self.num_classes = num_classes
        self.generator = generator

    def __call__(self, *batch: Any) -> tuple[Any, Any]:
        """The mixed samples and labels of `(samples, labels)`, given as two arguments or as one pair."""
        samples, labels = batch if len(batch) == 2 else batch[0]
        x = samples.detach().numpy() if isinstance(samples, Tensor) else np.asarray(samples)
        if x.dtype.kind != "f":
            name = type(self).__name__
            raise DtypeError(f"{name}: expected floats, got {x.dtype}; scale the images to [0, 1] first")
        y = self._shares(labels.detach().numpy() if isinstance(labels, Tensor) else np.asarray(labels), len(x))
        rng = (self.generator or default_generator).numpy
        mixed, own = self._mixed(x, np.roll(x, 1, axis=0), rng.beta(self.alpha, self.alpha), rng)
        mixed_labels = (own * y + (1 - own) * np.roll(y, 1, axis=0)).astype(y.dtype)
        return (
            from_numpy(mixed) if isinstance(samples, Tensor) else mixed,
            from_numpy(mixed_labels) if isinstance(labels, Tensor) else mixed_labels,
        )

    @abstractmethod
    def _mixed(self, x: Array, other: Array, share: float, rng: np.random.Generator) -> tuple[Array, float]:
        """The mixed samples, and how much of x is in them."""

    def _shares(self, labels: Array, n: int) -> Array:
        """A share (0 or 1) of each class (N, C), or the labels themselves if they are shares already."""
        name = type(self).__name__
        if len(labels) != n or labels.ndim not in (1, 2):
            raise ShapeError(f"{name}: expected labels (N,) or (N, C) of {n} samples, got {labels.shape}")
        if labels.ndim == 2:
            return labels if labels.dtype.kind == "f" else labels.astype(np.float32)
        if self.num_classes is None:
            raise ValueError(f"{name}: class numbers are mixed as shares of all classes; say num_classes")
        outside = labels[(labels < 0) | (labels >= self.num_classes)]
        if outside.size:
            raise ValueError(f"{name}: labels must be classes 0 to {self.num_classes - 1}, got {outside[0]}")
        return np.eye(self.num_classes, dtype=np.float32)[labels]


class MixUp(_Mix):
    """l x + (1 - l) x' of each sample and the one before it, and of their labels; l ~ Beta(alpha, alpha) a batch.

    Args:
        alpha: small for batches that are hardly mixed, 1 for any share alike.
        num_classes: how many classes there are; needed for labels (N,).
        generator: where to draw from; None for the global one.

    Shape:
        (N, *) and (N,) or (N, C) -> (N, *) and (N, C)

    Raises:
        ValueError: alpha is not positive; labels (N,) without num_classes, or beyond it.
        ShapeError: not one label a sample.
        DtypeError: the samples are not of floats.

    Example:
        >>> import nn
        >>> mixup = nn.data.transforms.MixUp(num_classes=2)
        >>> x, y = mixup(nn.tensor([[0.0], [1.0]]), nn.tensor([0, 1]))
        >>> bool((x == y[:, 1:]).all())
        True

    References:
        Zhang et al., mixup: Beyond Empirical Risk Minimization, ICLR 2018.
    """

    def _mixed(self, x: Array, other: Array, share: float, rng: np.random.Generator) -> tuple[Array, float]:
        mixed: Array = (share * x + (1 - share) * other).astype(x.dtype)
        return mixed, share


class CutMix(_Mix):
    """Puts a rectangle of the image before it into each image, and its share of the area into the label.

    The area is 1 - l, l ~ Beta(alpha, alpha), at a place drawn uniformly; what would lie outside the image is cut off.
    Args, Raises: as `MixUp`.

    Shape:
        (N, C, H, W) and (N,) or (N, C) -> (N, C, H, W) and (N, C)

    Example:
        >>> import nn
        >>> cutmix = nn.data.transforms.CutMix(num_classes=2)
        >>> x, y = cutmix(nn.stack([nn.zeros(1, 8, 8), nn.ones(1, 8, 8)]), nn.tensor([0, 1]))
        >>> bool((x.mean((1, 2, 3)) == y[:, 1]).all())
        True

    References:
        Yun et al., CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features, ICCV 2019.
    """

    def _mixed(self, x: Array, other: Array, share: float, rng: np.random.Generator) -> tuple[Array, float]:
        if x.ndim != 4:
            raise ShapeError(f"CutMix: expected images (N, C, H, W), got {x.shape}; reshape them first")
        area, cut = 1.0, []
        for n in x.shape[2:]:
            middle, half = int(rng.integers(n)), int(0.5 * math.sqrt(1 - share) * n)
            start, stop = max(middle - half, 0), min(middle + half, n)
            cut.append(slice(start, stop))
            area *= (stop - start) / n
        mixed = x.copy()
        mixed[:, :, cut[0], cut[1]] = other[:, :, cut[0], cut[1]]
        return mixed, 1 - area
