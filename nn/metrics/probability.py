"""How good probabilities are: as a whole (log loss), and whether they are meant as they are said (calibration)."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np

from nn.errors import ShapeError
from nn.metrics.metric import Array, Metric, class_numbers, numbers, weights_of

__all__ = ["CalibrationError", "LogLoss", "calibration_error", "log_loss"]

Norm: TypeAlias = Literal["l1", "l2", "max"]

NORMS = ("l1", "l2", "max")


def log_loss(y_true: Any, y_proba: Any, *, normalize: bool = True, sample_weight: Any = None) -> float:
    """The mean of -log p, p the probability that was given to the true class.

    Probabilities are cut off at eps and 1 - eps, eps the machine precision of their dtype: a certain error costs 36 (15
    in float32), not infinity.

    Args:
        y_true: the true classes, 0 or 1, or 0 to C - 1.
        y_proba: the probability of class 1, or of each class.
        normalize: False for the sum in place of the mean.
        sample_weight: how much each sample counts; None for 1 each.

    Shape:
        y_true (N,), y_proba (N,) or (N, C)

    Returns:
        A number of 0 or more, in nats.

    Raises:
        ShapeError: other shapes, different lengths.
        ValueError: nothing to judge, probabilities outside [0, 1] or NaN, rows that do not sum to 1, a class that has
            no probability.

    Example:
        >>> import nn
        >>> round(nn.metrics.log_loss([1, 0], [0.9, 0.2]), 4)
        0.1643
    """
    actual, probabilities = _checked("log_loss", y_true, y_proba)
    if not len(actual):
        raise ValueError("log_loss: y_true and y_proba are empty, there is nothing to judge")
    losses = _losses(actual, probabilities)
    weights = np.ones(len(actual)) if sample_weight is None else weights_of("log_loss", sample_weight, len(actual))
    return float(losses @ weights / (weights.sum() if normalize else 1))


def calibration_error(y_true: Any, y_proba: Any, *, n_bins: int = 15, norm: Norm = "l1") -> float:
    """How far confidence is from accuracy: over bins of equal width, sum of n_b / N |accuracy_b - confidence_b|.

    Of several classes the most likely one is judged: its probability is the confidence. Of one probability (N,) it is
    the probability itself, against how often class 1 occurred. A bin is open on the left: (0.2, 0.4].

    Args:
        y_true: the true classes, 0 or 1, or 0 to C - 1.
        y_proba: the probability of class 1, or of each class.
        n_bins: the number of bins of [0, 1].
        norm: "l1" for the expected error (ECE), "l2" for the root of the expected square, "max" for the largest (MCE).

    Shape:
        y_true (N,), y_proba (N,) or (N, C)

    Returns:
        A number in [0, 1].

    Raises:
        ShapeError, ValueError: as `log_loss`; n_bins is not positive, or an unknown norm.

    Example:
        >>> import nn
        >>> round(nn.metrics.calibration_error([1, 1, 0, 0], [0.9, 0.9, 0.1, 0.3]), 4)
        0.15

    References:
        Guo et al., On Calibration of Modern Neural Networks, ICML 2017.
    """
    _require_option("calibration_error", n_bins, norm)
    error = CalibrationError(n_bins, norm=norm)
    error.add(*_checked("calibration_error", y_true, y_proba))
    if not error.counts.any():
        raise ValueError("calibration_error: y_true and y_proba are empty, there is nothing to judge")
    return error.compute()


# -- over batches -----------------------------------------------------------------------------------------------------
class LogLoss(Metric):
    """The mean of -log p of the true class, over batches; see `log_loss`.

    Shape:
        update: prediction (N,) or (N, C), target (N,); compute: a float

    Example:
        >>> import nn
        >>> loss = nn.metrics.LogLoss()
        >>> loss.update(nn.tensor([[0.1, 0.9], [0.8, 0.2]]), nn.tensor([1, 0]))
        >>> round(loss.compute(), 4)
        0.1643
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        self._sum, self._count = 0.0, 0

    def update(self, prediction: Any, target: Any) -> None:
        """Add one batch of probabilities; one that is refused leaves the sum as it was. Raises: as `log_loss`."""
        losses = _losses(*_checked("LogLoss.update", target, prediction))
        self._sum += float(losses.sum())
        self._count += len(losses)

    def compute(self) -> float:
        """The mean over all samples since the last reset."""
        if not self._count:
            raise self.nothing_yet()
        return self._sum / self._count


class CalibrationError(Metric):
    """How far confidence is from accuracy, over batches; see `calibration_error`.

    Args:
        n_bins: the number of bins of [0, 1].
        norm: "l1" (ECE), "l2", or "max" (MCE).

    Attributes:
        counts, hits, confidence: how many samples each bin has, how many of them are right, and the sum of their
            confidences; for a reliability diagram.

    Shape:
        update: prediction (N,) or (N, C), target (N,); compute: a float

    Example:
        >>> import nn
        >>> error = nn.metrics.CalibrationError(10)
        >>> error.update([0.95] * 20, [1] * 19 + [0])
        >>> round(error.compute(), 4)
        0.0
    """

    def __init__(self, n_bins: int = 15, *, norm: Norm = "l1") -> None:
        _require_option("CalibrationError", n_bins, norm)
        self.n_bins = n_bins
        self.norm = norm
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        self.counts, self.hits, self.confidence = np.zeros((3, self.n_bins))

    def update(self, prediction: Any, target: Any) -> None:
        """Add one batch of probabilities; one that is refused leaves the bins as they were. Raises: as `log_loss`."""
        self.add(*_checked("CalibrationError.update", target, prediction))

    def add(self, actual: Array, probabilities: Array) -> None:
        """Add checked classes and probabilities."""
        if probabilities.ndim == 1:
            confidence, hit = probabilities, actual == 1
        else:
            called = probabilities.argmax(1)
            confidence, hit = probabilities[np.arange(len(called)), called], actual == called
        bins = np.searchsorted(np.linspace(0, 1, self.n_bins + 1)[1:-1], confidence)
        self.counts += np.bincount(bins, minlength=self.n_bins)
        self.hits += np.bincount(bins, hit, self.n_bins)
        self.confidence += np.bincount(bins, confidence, self.n_bins)

    def compute(self) -> float:
        """The error of all samples since the last reset."""
        if not self.counts.any():
            raise self.nothing_yet()
        filled = self.counts > 0
        gaps = np.abs(self.hits - self.confidence)[filled] / self.counts[filled]
        shares = self.counts[filled] / self.counts.sum()
        if self.norm == "max":
            return float(gaps.max())
        return float(shares @ gaps if self.norm == "l1" else np.sqrt(shares @ gaps**2))


# -- the mechanism ----------------------------------------------------------------------------------------------------
def _checked(where: str, y_true: Any, y_proba: Any) -> tuple[Array, Array]:
    """Classes (N,) and probabilities (N,) or (N, C)."""
    actual, p = class_numbers(where, "y_true", y_true), numbers(where, "y_proba", y_proba)
    if p.ndim not in (1, 2) or len(p) != len(actual) or p.shape[1:] == (1,):
        raise ShapeError(
            f"{where}: y_proba must be probabilities (N,) of class 1 or (N, C) of each class, for {len(actual)} "
            f"samples; got {p.shape}"
        )
    outside = p[(p < 0) | (p > 1)]
    if outside.size:
        raise ValueError(f"{where}: y_proba must be from 0 to 1, got {outside[0]}; turn logits into them by softmax")
    tolerance = np.sqrt(np.finfo(p.dtype).eps)
    if p.ndim == 2 and len(p) and (wrong := np.abs(p.sum(1) - 1) > tolerance).any():
        row = wrong.argmax()
        raise ValueError(f"{where}: row {row} of y_proba must sum to 1, got {p[row].sum():.6g}; use softmax")
    classes = 2 if p.ndim == 1 else p.shape[1]
    unknown = actual[(actual < 0) | (actual >= classes)]
    if unknown.size:
        raise ValueError(f"{where}: y_true has class {unknown[0]}, there are probabilities of 0 to {classes - 1}")
    return actual, p


def _losses(actual: Array, p: Array) -> Array:
    given = np.where(actual == 1, p, 1 - p) if p.ndim == 1 else p[np.arange(len(p)), actual]
    eps = np.finfo(p.dtype).eps
    losses: Array = -np.log(given.clip(eps, 1 - eps)).astype(np.float64)
    return losses


def _require_option(where: str, n_bins: int, norm: Norm) -> None:
    if not isinstance(n_bins, int) or n_bins < 1:
        raise ValueError(f"{where}: n_bins must be a positive integer, got {n_bins}")
    if norm not in NORMS:
        raise ValueError(f"{where}: norm must be one of {NORMS}, got {norm!r}")
