"""What all metrics share: they add up batches, and refuse what cannot be judged."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nn.errors import DtypeError, ShapeError

__all__ = ["Metric"]

Array: TypeAlias = NDArray[Any]


class Metric(ABC):
    """Base class of the metrics that are computed over batches: `update` with each, `compute`, `reset`.

    Example:
        >>> import nn
        >>> error = nn.metrics.MAE()
        >>> for prediction, target in [([1.0, 2.0], [1.0, 3.0]), ([5.0], [3.0])]:
        ...     error.update(prediction, target)
        >>> error.compute()
        1.0
    """

    @abstractmethod
    def reset(self) -> None:
        """Forget all that was counted."""

    @abstractmethod
    def update(self, prediction: Any, target: Any) -> None:
        """Count one batch; one that is refused leaves the count as it was."""

    @abstractmethod
    def compute(self) -> float | Array:
        """The metric of all that was counted since the last reset.

        Raises:
            RuntimeError: nothing was counted yet.
        """

    def nothing_yet(self) -> RuntimeError:
        """The error that `compute` raises before any sample was added."""
        return RuntimeError(f"{type(self).__name__}.compute: nothing was counted yet; call update() first")


# -- what comes in ----------------------------------------------------------------------------------------------------
def as_array(values: Any) -> Array:
    return np.asarray(values.detach().numpy() if hasattr(values, "detach") else values)


def predicted_classes(where: str, prediction: Any) -> tuple[Array, int | None]:
    """The class indices of (N,) indices or (N, C) scores, and C where it is known."""
    scores = as_array(prediction)
    if scores.ndim != 2:
        return class_numbers(where, "prediction", scores), None
    if scores.shape[1] < 2:
        raise ShapeError(
            f"{where}: prediction must have scores for two classes or more, got {scores.shape}; "
            "make a single score a class by its threshold, e.g. (logits > 0).flatten()"
        )
    require_no_nan(where, "prediction", scores)
    return scores.argmax(1), scores.shape[1]


def class_numbers(where: str, name: str, values: Any) -> Array:
    """`values` as one axis of integers; floats are taken where they are whole numbers."""
    array = as_array(values)
    if array.ndim != 1:
        raise ShapeError(
            f"{where}: {name} must be classes (N,), got {array.shape}; "
            "take scores (N, C) by .argmax(1), a column (N, 1) by .flatten()"
        )
    if array.dtype.kind not in "biuf":
        raise DtypeError(f"{where}: {name} must be classes as integers, got {array.dtype}; number them first")
    require_no_nan(where, name, array)
    if array.dtype.kind == "f" and (array != np.rint(array)).any():
        broken = array[array != np.rint(array)][0]
        raise ValueError(f"{where}: {name} has {broken}, classes are whole numbers; compare with a threshold first")
    return array.astype(np.int64)


def require_no_nan(where: str, name: str, array: Array) -> None:
    if array.dtype.kind == "f" and np.isnan(array).any():
        row = np.argwhere(np.isnan(array))[0, 0]
        raise ValueError(f"{where}: {name} has NaN in row {row}; the model diverged, or its input has NaN")


def require_one_length(where: str, **arrays: Array) -> None:
    (one, a), (other, b) = arrays.items()
    if len(a) != len(b):
        raise ShapeError(f"{where}: {one} has {len(a)} samples, {other} has {len(b)}; give one of each a sample")


def weights_of(where: str, sample_weight: Any, length: int) -> Array:
    weight = as_array(sample_weight).astype(np.float64)
    if weight.shape != (length,):
        raise ShapeError(
            f"{where}: sample_weight must have one weight for each sample, ({length},), got {weight.shape}"
        )
    if not (np.isfinite(weight).all() and (weight >= 0).all() and weight.any()):
        raise ValueError(f"{where}: sample_weight has to be finite, 0 or more, and not 0 everywhere")
    return weight


def numbers(where: str, name: str, values: Any) -> Array:
    """`values` as floats, finite or not, without NaN."""
    array = as_array(values)
    if array.dtype.kind not in "biuf":
        raise DtypeError(f"{where}: {name} must be real numbers, got {array.dtype}")
    require_no_nan(where, name, array)
    return array if array.dtype.kind == "f" else array.astype(np.float64)
