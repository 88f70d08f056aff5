"""PR curves: precision and recall of a binary classifier at every threshold."""

import numpy as np
import numpy.typing as npt

from tbwriter.messages.plugins_pb2 import PrCurvePluginData
from tbwriter.summaries.tensor import number_tensor, summary, tensor_value
from tbwriter.values import array, describe

Floats = npt.NDArray[np.float64]

_ROWS = ("true positives", "false positives", "true negatives", "false negatives", "precision", "recall")


def pr_curve(tag: str, labels: object, predictions: object, num_thresholds: int = 127, weights: object = None) -> bytes:
    """A Summary of the PR curve of predictions.

    At the threshold t, what has a probability of at least t is said to be 1. The thresholds are
    ``i / (num_thresholds - 1)``.

    Args:
        tag: its name in the run.
        labels: 0 and 1, or bools, of any shape.
        predictions: the probability of 1 for each label.
        num_thresholds: at least 2.
        weights: how much each label counts; 1 by default.

    Returns:
        The serialised Summary.

    Raises:
        TypeError: these are not real numbers.
        ValueError: their numbers or their ranges do not fit.

    References:
        Davis and Goadrich, The relationship between precision-recall and ROC curves, 2006.

    Example:
        >>> from tbwriter.messages.summary_pb2 import Summary
        >>> tensor = Summary.FromString(pr_curve("x", [0, 1, 1], [0.1, 0.4, 0.9], 3)).value[0].tensor
        >>> np.frombuffer(tensor.tensor_content, "<f4").reshape(6, 3)[0].tolist()  # true positives at 0, 0.5, 1
        [2.0, 1.0, 0.0]
    """
    where = f"add_pr_curve: tag {tag!r}"
    count = array("add_pr_curve", tag, num_thresholds, "num_thresholds")
    if count.shape or count.dtype.kind not in "iu" or count < 2:
        raise ValueError(f"{where}: num_thresholds must be a whole number >= 2, got {describe(num_thresholds)}")
    truth = array("add_pr_curve", tag, labels, "the labels").ravel()
    scores = array("add_pr_curve", tag, predictions, "the predictions").ravel().astype(np.float64)
    parts = np.ones(truth.size) if weights is None else array("add_pr_curve", tag, weights, "the weights").ravel()
    parts = parts.astype(np.float64)
    if not truth.size or not truth.size == scores.size == parts.size:
        sizes = f"{truth.size} labels, {scores.size} predictions and {parts.size} weights"
        raise ValueError(f"{where}: got {sizes}; give as many of each, and at least one")
    if not np.isin(truth, (0, 1)).all():
        raise ValueError(f"{where}: the labels must be 0 or 1, got {truth[~np.isin(truth, (0, 1))][0]}")
    if not ((scores >= 0) & (scores <= 1)).all():
        wrong = scores[~((scores >= 0) & (scores <= 1))][0]
        raise ValueError(f"{where}: the predictions must be probabilities from 0 to 1, got {wrong}; apply a sigmoid")
    if not (np.isfinite(parts) & (parts >= 0)).all():
        raise ValueError(f"{where}: the weights must be finite and not negative")
    return _encode(tag, _curve(truth.astype(bool), scores, parts, int(count)))


def _curve(truth: npt.NDArray[np.bool_], scores: Floats, weights: Floats, thresholds: int) -> Floats:
    """``(6, thresholds)``: the rows that `_ROWS` names."""
    highest = np.floor(scores * (thresholds - 1)).astype(np.intp)  # the last threshold that a score reaches

    def reaching(weights: Floats) -> Floats:
        at_each = np.bincount(highest, weights, minlength=thresholds)
        above: Floats = at_each[::-1].cumsum()[::-1]
        return above

    positive, negative = reaching(weights * truth), reaching(weights * ~truth)
    said, ones = positive + negative, positive[0]
    precision = np.divide(positive, said, out=np.zeros(thresholds), where=said > 0)
    recall = np.divide(positive, ones, out=np.zeros(thresholds), where=ones > 0)
    return np.stack([positive, negative, negative[0] - negative, ones - positive, precision, recall])


def pr_curve_raw(tag: str, *rows: object) -> bytes:
    """A Summary of a PR curve that was computed elsewhere.

    Args:
        tag: its name in the run.
        rows: six arrays of one length: true positives, false positives, true negatives, false negatives, precision and
            recall at every threshold from 0 to 1.

    Returns:
        The serialised Summary.

    Raises:
        TypeError: these are not real numbers.
        ValueError: their lengths differ, or a number is not finite.

    Example:
        >>> len(pr_curve_raw("x", [2, 1], [1, 0], [0, 1], [0, 1], [2 / 3, 1], [1, 0.5])) > 48
        True
    """
    arrays = [
        array("add_pr_curve_raw", tag, row, f"the {name}") for name, row in zip(_ROWS, rows, strict=True)
    ]  # fmt: skip
    lengths = {given.shape for given in arrays}
    if len(lengths) > 1 or arrays[0].ndim != 1 or arrays[0].size < 2:
        got = ", ".join(f"{name} {given.shape}" for name, given in zip(_ROWS, arrays, strict=True))
        expected = "expected six arrays of one number for each of two or more thresholds"
        raise ValueError(f"add_pr_curve_raw: tag {tag!r}: {expected}, got {got}")
    curve = np.stack(arrays).astype(np.float64)
    if not np.isfinite(curve).all():
        advice = "where nothing is said to be 1, the precision is 0"
        raise ValueError(f"add_pr_curve_raw: tag {tag!r}: every number must be finite; {advice}")
    return _encode(tag, curve)


def _encode(tag: str, curve: Floats) -> bytes:
    content = PrCurvePluginData(num_thresholds=curve.shape[1]).SerializeToString()
    return summary(tensor_value(tag, number_tensor(curve.astype(np.float32)), "pr_curves", content))
