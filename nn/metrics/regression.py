"""Measure how far predicted numbers are from true ones: `MAE`, `MSE`, `R2`."""

from __future__ import annotations

import math
import warnings
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from nn.errors import ShapeError
from nn.metrics.metric import Array, Metric, as_array, numbers, weights_of

__all__ = ["MAE", "MSE", "R2", "mean_absolute_error", "mean_squared_error", "r2_score"]

MultiOutput: TypeAlias = Literal["uniform_average", "raw_values", "variance_weighted"]

MEANS = ("uniform_average", "raw_values")
R2_MEANS = (*MEANS, "variance_weighted")


def mean_absolute_error(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: MultiOutput = "uniform_average"
) -> float | Array:
    """The mean of |y_pred - y_true|, in the unit of y.

    Args:
        y_true: the true numbers.
        y_pred: the predicted ones.
        sample_weight: how much each sample counts; None for 1 each.
        multioutput: of several columns the mean ("uniform_average"), or one number each ("raw_values").

    Shape:
        y_true, y_pred: (N,) or (N, T)

    Returns:
        A number of 0 or more, or (T,) of them.

    Raises:
        ShapeError: other or different shapes.
        ValueError: nothing to judge, NaN, or an unknown multioutput.

    Example:
        >>> import nn
        >>> nn.metrics.mean_absolute_error([3.0, -0.5], [2.5, 0.0])
        0.5
    """
    moments = _moments("mean_absolute_error", y_true, y_pred, sample_weight)
    return _combined("mean_absolute_error", moments.absolute / moments.weight, multioutput)


def mean_squared_error(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: MultiOutput = "uniform_average"
) -> float | Array:
    """The mean of (y_pred - y_true)^2. Args, Shape, Returns, Raises: as `mean_absolute_error`.

    Example:
        >>> import nn
        >>> nn.metrics.mean_squared_error([3.0, -0.5], [2.5, 0.0])
        0.25
    """
    moments = _moments("mean_squared_error", y_true, y_pred, sample_weight)
    return _combined("mean_squared_error", moments.squared / moments.weight, multioutput)


def r2_score(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: MultiOutput = "uniform_average"
) -> float | Array:
    """The share of the variance that is explained: 1 - sum (y_pred - y_true)^2 / sum (y_true - mean)^2.

    1 for perfect predictions, 0 for always saying the mean, below 0 for worse. Where all true numbers are equal there
    is no variance: 1 if they are predicted exactly, else 0. Of fewer than two samples it is nan, with a UserWarning.

    Args:
        y_true: the true numbers.
        y_pred: the predicted ones.
        sample_weight: how much each sample counts; None for 1 each.
        multioutput: as in `mean_absolute_error`, or "variance_weighted": the mean weighted by each column's variance.

    Shape:
        y_true, y_pred: (N,) or (N, T)

    Returns:
        A number of 1 or less, or (T,) of them.

    Raises:
        ShapeError: other or different shapes.
        ValueError: nothing to judge, NaN, or an unknown multioutput.

    Example:
        >>> import nn
        >>> nn.metrics.r2_score([1.0, 2.0, 3.0], [1.0, 2.0, 2.0])
        0.5
    """
    return _r2("r2_score", _moments("r2_score", y_true, y_pred, sample_weight), multioutput)


# -- over batches -----------------------------------------------------------------------------------------------------
class _Regression(Metric):
    """Adds up the moments of batches."""

    known: tuple[str, ...] = MEANS

    def __init__(self, *, multioutput: MultiOutput = "uniform_average") -> None:
        _require_known(type(self).__name__, multioutput, self.known)
        self.multioutput = multioutput
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        self._moments: _Moments | None = None

    def update(self, prediction: Any, target: Any) -> None:
        """Add one batch; one that is refused leaves the sums as they were.

        Args:
            prediction: the predicted numbers.
            target: the true ones.

        Shape:
            both (N,) or (N, T)

        Raises:
            ShapeError: other or different shapes, or another T than in the batches before.
            ValueError: NaN.
        """
        where = f"{type(self).__name__}.update"
        if not as_array(target).size and not as_array(prediction).size:
            return
        batch = _moments(where, target, prediction, None)
        if self._moments and self._moments.mean.shape != batch.mean.shape:
            widths = len(batch.mean), len(self._moments.mean)
            raise ShapeError(f"{where}: got {widths[0]} columns, the batches before had {widths[1]}")
        self._moments = _together(self._moments, batch) if self._moments else batch

    def compute(self) -> float | Array:
        """The metric of all samples since the last reset; an array if multioutput is "raw_values"."""
        if self._moments is None:
            raise self.nothing_yet()
        return self._value(f"{type(self).__name__}.compute", self._moments)

    def _value(self, where: str, moments: _Moments) -> float | Array:
        raise NotImplementedError


class MAE(_Regression):
    """The mean absolute error, over batches; see `mean_absolute_error`.

    Args:
        multioutput: of several columns the mean ("uniform_average"), or one number each ("raw_values").

    Shape:
        update: prediction and target (N,) or (N, T); compute: a float, or (T,)

    Example:
        >>> import nn
        >>> error = nn.metrics.MAE()
        >>> error.update(nn.tensor([2.5, 0.0]), nn.tensor([3.0, -0.5]))
        >>> error.compute()
        0.5
    """

    def _value(self, where: str, moments: _Moments) -> float | Array:
        return _combined(where, moments.absolute / moments.weight, self.multioutput)


class MSE(_Regression):
    """The mean squared error, over batches; see `mean_squared_error`. Args, Shape: as `MAE`.

    Example:
        >>> import nn
        >>> error = nn.metrics.MSE()
        >>> error.update(nn.tensor([2.5, 0.0]), nn.tensor([3.0, -0.5]))
        >>> error.compute()
        0.25
    """

    def _value(self, where: str, moments: _Moments) -> float | Array:
        return _combined(where, moments.squared / moments.weight, self.multioutput)


class R2(_Regression):
    """The share of the variance that is explained, over batches; see `r2_score`.

    Args:
        multioutput: "uniform_average", "raw_values" or "variance_weighted".

    Shape:
        update: prediction and target (N,) or (N, T); compute: a float, or (T,)

    Example:
        >>> import nn
        >>> share = nn.metrics.R2()
        >>> share.update([1.0, 2.0], [1.0, 2.0])
        >>> share.update([2.0], [3.0])
        >>> share.compute()
        0.5

    References:
        Chan, Golub, LeVeque: Updating Formulae and a Pairwise Algorithm for Computing Sample Variances, 1979.
    """

    known = R2_MEANS

    def _value(self, where: str, moments: _Moments) -> float | Array:
        return _r2(where, moments, self.multioutput)


# -- the mechanism ----------------------------------------------------------------------------------------------------
class _Moments(NamedTuple):
    """Sums over samples, of each column: enough for every metric here, and for those of two batches together."""

    weight: float
    absolute: Array
    squared: Array
    mean: Array
    spread: Array  # the sum of squares of y_true around its mean
    low: Array
    high: Array
    samples: int


def _moments(where: str, y_true: Any, y_pred: Any, sample_weight: Any) -> _Moments:
    y, predicted = (numbers(where, name, v).astype(np.float64) for name, v in (("y_true", y_true), ("y_pred", y_pred)))
    if y.shape != predicted.shape or y.ndim not in (1, 2):
        raise ShapeError(
            f"{where}: y_true and y_pred must both be (N,) or both (N, T), got {y.shape} and {predicted.shape}; "
            "flatten a column, or broadcasting would pair every one with every other"
        )
    if not y.size:
        raise ValueError(f"{where}: y_true and y_pred are empty, there is nothing to judge")
    for name, array in (("y_true", y), ("y_pred", predicted)):
        if not np.isfinite(array).all():
            raise ValueError(f"{where}: {name} has an infinite number; the model diverged, or the data are damaged")
    y, predicted = y.reshape(len(y), -1), predicted.reshape(len(y), -1)
    weights = np.ones(len(y)) if sample_weight is None else weights_of(where, sample_weight, len(y))
    with np.errstate(over="ignore", invalid="ignore"):  # the square of a huge error is infinite
        error, mean = predicted - y, weights @ y / weights.sum()
        return _Moments(
            float(weights.sum()),
            weights @ np.abs(error),
            weights @ error**2,
            mean,
            weights @ (y - mean) ** 2,
            y.min(0),
            y.max(0),
            len(y),
        )


def _together(a: _Moments, b: _Moments) -> _Moments:
    with np.errstate(over="ignore", invalid="ignore"):
        weight, apart = a.weight + b.weight, b.mean - a.mean
        return _Moments(
            weight,
            a.absolute + b.absolute,
            a.squared + b.squared,
            a.mean + apart * (b.weight / weight),
            a.spread + b.spread + apart**2 * (a.weight * b.weight / weight),
            np.minimum(a.low, b.low),
            np.maximum(a.high, b.high),
            a.samples + b.samples,
        )


def _require_known(where: str, multioutput: MultiOutput, known: tuple[str, ...]) -> None:
    if multioutput not in known:
        raise ValueError(f"{where}: multioutput must be one of {known}, got {multioutput!r}")


def _combined(where: str, values: Array, multioutput: MultiOutput, known: tuple[str, ...] = MEANS) -> float | Array:
    _require_known(where, multioutput, known)
    return values if multioutput == "raw_values" else float(values.mean())


def _r2(where: str, moments: _Moments, multioutput: MultiOutput) -> float | Array:
    if moments.samples < 2:
        warnings.warn(f"{where}: of one sample there is no variance, R2 is nan; give more", UserWarning, stacklevel=3)
        return math.nan
    constant = moments.low == moments.high  # not spread == 0: rounding leaves a constant column some 1e-17
    spread = np.where(constant, 0, moments.spread)
    values = np.where(moments.squared == 0, 1.0, 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        np.divide(spread - moments.squared, spread, out=values, where=spread != 0)
    if multioutput == "variance_weighted":
        return float(np.average(values, weights=spread if spread.any() else None))
    return _combined(where, values, multioutput, R2_MEANS)
