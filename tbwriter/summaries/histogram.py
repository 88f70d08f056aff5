"""Histograms and distributions: how many values fall into which bucket."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tbwriter.messages.summary_pb2 import HistogramProto, Summary
from tbwriter.values import array, describe, scalar
from tbwriter.warn import warn

Floats = npt.NDArray[np.float64]
Bins = int | str | Sequence[float] | npt.NDArray[Any]

DEFAULT_BINS = 30  # what the dashboard draws
MOST_BINS = 1024  # by a rule
MOST_GIVEN = 2**26  # of more the event would not fit into its file
BLOCK = 10_000  # values; with more of them, a dot product starts threads
MOST_PAIRED = 63  # buckets that are counted by twos
LARGEST = float(np.finfo(np.float32).max)  # TensorBoard keeps edges as float32


def _iqr_width(values: Floats) -> float:
    lower, upper = np.percentile(values, [25, 75])
    return float(2 * (upper - lower) / values.size ** (1 / 3))


def _doane_width(values: Floats) -> float:
    """Sturges' width, made smaller where the values lean to one side."""
    deviation = values.std()
    if values.size < 3 or not deviation:
        return 0.0
    skewness = abs(float((((values - values.mean()) / deviation) ** 3).mean()))
    spread = math.sqrt(6 * (values.size - 2) / ((values.size + 1) * (values.size + 3)))
    return float(np.ptp(values) / (1 + math.log2(values.size) + math.log2(1 + skewness / spread)))


def _stone_width(values: Floats) -> float:
    """Of the histogram whose squared error, estimated by leaving one value out at a time, is the least."""
    size, extent = values.size, np.ptp(values)
    if not extent:
        return 0.0
    places = (values - values.min()) / extent

    def loss(number: int) -> float:
        part = np.bincount((places * number).astype(np.intp).clip(max=number - 1)) / size
        return float((2 - (size + 1) * part @ part) * number)

    return float(extent / min(range(1, max(100, math.isqrt(size)) + 1), key=loss))


# Each rule gives the width of a bucket; 0 means that it finds none.
_WIDTH_RULES: dict[str, Callable[[Floats], float]] = {
    "doane": _doane_width,
    "fd": _iqr_width,
    "scott": lambda v: float((24 * math.pi**0.5 / v.size) ** (1 / 3) * v.std()),
    "stone": _stone_width,
    "sturges": lambda v: float(np.ptp(v) / (math.log2(v.size) + 1)),
    "rice": lambda v: float(np.ptp(v) / (2 * v.size ** (1 / 3))),
    "sqrt": lambda v: float(np.ptp(v) / v.size**0.5),
}
_WIDTH_RULES["auto"] = lambda v: min(_iqr_width(v) or math.inf, _WIDTH_RULES["sturges"](v))


def histogram(tag: str, values: object, bins: Bins = DEFAULT_BINS, max_bins: int | None = None) -> bytes:
    """A Summary of how ``values`` are distributed.

    NaN and infinite values are left out of the buckets, with a warning. What is beyond float32 counts as the largest of
    those, since TensorBoard could not draw its bucket.

    Args:
        tag: its name in the run.
        values: numbers of any shape.
        bins: the number of equally wide buckets; or their edges; or a rule that finds the number: "auto", "doane",
            "fd", "scott", "stone", "sturges", "rice", "sqrt"; or "tensorflow", buckets that grow by a tenth
            from 1e-12 to 1e20.
        max_bins: at most so many buckets; for a rule 1024 by default.

    Returns:
        The serialised Summary.

    Raises:
        TypeError: the values or the bins are not numbers.
        ValueError: no value is finite, or the bins are not usable.

    References:
        Freedman and Diaconis, On the histogram as a density estimator, 1981 ("fd").
        Doane, Aesthetic frequency classifications, 1976 ("doane").
        Stone, An asymptotically optimal histogram selection rule, 1984 ("stone").

    Example:
        >>> Summary.FromString(histogram("weights", [0, 1, 1, 2], bins=2)).value[0].histo.bucket
        [1.0, 3.0]
    """
    numbers = array("add_histogram", tag, values, "the values").ravel()
    given = numbers.size
    low, high = _extremes(numbers)
    if not math.isfinite(high - low):
        numbers = numbers[np.isfinite(numbers)]
        low, high = _extremes(numbers)
    if not numbers.size:
        raise ValueError(
            f"add_histogram: tag {tag!r}: expected at least one finite value, got {describe(values)}; leave it out"
        )
    if numbers.size < given:
        warn(f"add_histogram: tag {tag!r} leaves out values that are not finite")
    if max(-low, high) > LARGEST:
        numbers = numbers.astype(np.float64).clip(-LARGEST, LARGEST)
        low, high = _extremes(numbers)
    buckets = _buckets(tag, numbers, bins, max_bins)
    number = buckets if isinstance(buckets, int) and low < high else 1
    total, squares, places = _scan(numbers, low, high, number)
    if isinstance(buckets, int):
        counts, limits = _count_equal(places, low, high, number)
    else:
        counts, limits = _count_between(numbers, buckets, max_bins)
    return _encode(
        tag, min=low, max=high, num=numbers.size, sum=total, sum_squares=squares, bucket_limit=limits, bucket=counts
    )


def _extremes(values: npt.NDArray[Any]) -> tuple[float, float]:
    return (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)


def histogram_raw(tag: str, moments: Mapping[str, object], bucket_limits: object, bucket_counts: object) -> bytes:
    """A Summary of a histogram that was counted elsewhere.

    Args:
        tag: its name in the run.
        moments: the numbers "min", "max", "num", "sum" and "sum_squares".
        bucket_limits: the upper edge of each bucket, increasing.
        bucket_counts: how many values each bucket holds.

    Returns:
        The serialised Summary.

    Raises:
        TypeError: these are not real numbers.
        ValueError: there are no buckets, or they do not fit together.

    Example:
        >>> moments = {"min": 0, "max": 2, "num": 4, "sum": 4, "sum_squares": 6}
        >>> Summary.FromString(histogram_raw("weights", moments, [1, 2], [3, 1])).value[0].histo.num
        4.0
    """
    where = "add_histogram_raw"
    numbers = {name: scalar(where, tag, number, name) for name, number in moments.items()}
    limits = array(where, tag, bucket_limits, "bucket_limits").astype(np.float64)
    counts = array(where, tag, bucket_counts, "bucket_counts").astype(np.float64)
    if limits.ndim != 1 or limits.shape != counts.shape or not limits.size:
        got = f"bucket_limits {limits.shape} and bucket_counts {counts.shape}"
        raise ValueError(f"{where}: tag {tag!r}: got {got}; give one number of each for every bucket")
    if not (np.diff(limits) > 0).all():
        raise ValueError(f"{where}: tag {tag!r}: bucket_limits must increase, got {describe(bucket_limits)}")
    if not (np.isfinite(counts) & (counts >= 0)).all() or not math.isfinite(numbers["min"] + numbers["max"]):
        raise ValueError(f"{where}: tag {tag!r}: min, max and bucket_counts must be finite, and no count negative")
    return _encode(tag, bucket_limit=limits, bucket=counts, **numbers)


def _encode(tag: str, bucket_limit: Floats, bucket: npt.NDArray[Any], **moments: float) -> bytes:
    """Limits beyond float32 become its largest; buckets whose limits are the same then become one."""
    limits = np.maximum.accumulate(bucket_limit.clip(-LARGEST, LARGEST))  # rounding may make one step back
    last = np.append(limits[1:] > limits[:-1], True)
    if not last.all():
        bucket = np.add.reduceat(bucket, np.append(0, np.flatnonzero(last)[:-1] + 1))
        limits = limits[last]
    ends = {name: min(max(moments.pop(name), -LARGEST), LARGEST) for name in ("min", "max")}
    histo = HistogramProto(bucket_limit=limits, bucket=bucket, **ends, **moments)
    summary = Summary(value=[Summary.Value(tag=tag, histo=histo)])
    encoded: bytes = summary.SerializeToString()
    return encoded


def _buckets(tag: str, values: npt.NDArray[Any], bins: Bins, max_bins: int | None) -> int | Floats:
    """How many buckets of one width ``bins`` asks for, or the edges that it gives."""
    if isinstance(bins, str):
        if bins == "tensorflow":
            return exponential_edges()
        return _number_by_rule(tag, values.astype(np.float64), bins, max_bins)
    if isinstance(bins, np.ndarray) and not bins.ndim:
        bins = bins.item()
    if isinstance(bins, int) or (isinstance(bins, np.integer) and bins.dtype.kind in "iu"):  # timedelta64 is one, too
        if not 1 <= bins <= MOST_GIVEN:
            raise ValueError(f"add_histogram: tag {tag!r}: bins must be from 1 to {MOST_GIVEN}, got {describe(bins)}")
        return min(int(bins), max_bins or int(bins))
    edges = array("add_histogram", tag, bins, "bins").astype(np.float64)
    if edges.ndim != 1 or edges.size < 2 or not (np.diff(edges) > 0).all():
        raise ValueError(
            f"add_histogram: tag {tag!r}: bins as edges must be two or more numbers that increase, got {describe(bins)}"
        )
    return edges


def _number_by_rule(tag: str, values: Floats, rule: str, max_bins: int | None) -> int:
    if rule not in _WIDTH_RULES:
        known = ", ".join(repr(name) for name in sorted([*_WIDTH_RULES, "tensorflow"]))
        raise ValueError(
            f"add_histogram: tag {tag!r}: bins must be a number of buckets or one of {known}, got {rule!r}"
        )
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        width = _WIDTH_RULES[rule](values)
        number = np.ptp(values) / width if width else 1.0
    most = max_bins or MOST_BINS
    return max(1, math.ceil(number)) if number < most else most


def _scan(values: npt.NDArray[Any], low: float, high: float, number: int) -> tuple[float, float, npt.NDArray[Any]]:
    """Sum, sum of squares, and in which of the equal buckets each value lies; the greatest lies behind the last.

    One pass, in pieces that stay in the cache: several times faster than ``np.histogram`` or arrays of full size.
    """
    places = np.zeros(values.size, np.uint8 if number <= MOST_PAIRED else np.intp)
    total = squares = 0.0
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):  # an infinite sum harms no reader
        for start in range(0, values.size, BLOCK):
            block = values[start : start + BLOCK].astype(np.float64)
            total, squares = total + float(np.add.reduce(block)), squares + float(block @ block)
            if number > 1:
                block -= low
                block /= high - low
                block *= number
                places[start : start + BLOCK] = block
    return total, squares, places


def _count_equal(
    places: npt.NDArray[Any], low: float, high: float, number: int
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Counts of the buckets that `_scan` found, and their upper limits."""
    if number == 1:
        return np.array([places.size]), np.array([high])
    if number <= MOST_PAIRED:  # by twos: half as many additions, and more places for them, so that fewer wait for one
        twos = places[: places.size & ~1].view(np.uint16)
        pairs = np.bincount(twos, minlength=number + 1 << 8).reshape(number + 1, 256)[:, : number + 1]
        counts = pairs.sum(axis=0) + pairs.sum(axis=1)
        if places.size % 2:
            counts[places[-1]] += 1
    else:
        counts = np.bincount(places, minlength=number + 1)
    counts[-2] += counts[-1]
    part = np.arange(1, number + 1) / number
    with np.errstate(under="ignore"):
        return counts[:-1], low * (1 - part) + high * part


def exponential_edges() -> Floats:
    """Edges that grow by a tenth from 1e-12 to 1e20, on both sides of 0.

    Example:
        >>> exponential_edges().size
        1549
    """
    positive = 1e-12 * 1.1 ** np.arange(774)
    return np.concatenate([-positive[::-1], [0.0], positive])


def _count_between(
    values: npt.NDArray[Any], edges: Floats, max_bins: int | None
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Buckets between given edges, widened to hold every value and cut to where there are any."""
    limits = edges[1:].copy()
    limits[-1] = max(limits[-1], values.max())
    counts = np.bincount(np.searchsorted(limits[:-1], values, side="left"), minlength=limits.size)
    if max_bins and limits.size > max_bins:
        starts = np.arange(0, limits.size, math.ceil(limits.size / max_bins))
        counts = np.add.reduceat(counts, starts)
        limits = limits[np.append(starts[1:], limits.size) - 1]
    first, last = np.flatnonzero(counts)[[0, -1]]
    return counts[first : last + 1], limits[first : last + 1]
