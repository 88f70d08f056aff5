"""Slopes of a function by differences, each with an honest estimate of its error, and kinks told from slopes.

A function is seen through upstream gradients u: its value is the vector y of all outputs, and what is compared is
u . y' for each u. Differences are taken of y and then multiplied by u, which loses fewer digits than differences of
u . y itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Forward", "Probe", "Reading", "units"]

__tracebackhide__ = True

Array = NDArray[Any]
Forward = Callable[[list[Array]], list[Array]]

_LADDER = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)
_ROUNDING = float(np.finfo(np.float64).eps)


class Reading(NamedTuple):
    """The slope along a direction, for each upstream gradient."""

    slope: Array
    error: Array
    """How far `slope` may be from the truth."""
    low: Array
    high: Array
    """At a kink, between which slopes every choice is right; both are `slope` elsewhere."""
    kink: bool
    others: Sequence[tuple[Array, Array]] = ()
    """Where the function is rough: slopes by other steps and their errors. Beyond a kink near by they differ."""

    def allows(self, got: Array, allowed: Array) -> bool:
        """Whether these derivatives are the slopes, or at a kink between those of the two sides."""
        slack = allowed + self.error + 1e-3 * (self.high - self.low)
        right = ((self.low - slack <= got) & (got <= self.high + slack)).all()
        return bool(right or any((np.abs(got - slope) <= allowed + error).all() for slope, error in self.others))


class Probe:
    """A function at one point, seen through several upstream gradients.

    Args:
        forward: a list of arrays in, a list of arrays out.
        point: the inputs.
        upstream: for each draw, an array for each output.
        eps: the step of the first differences.
        analytic: the same function for complex inputs, if it may be tried on them; used where `forward` is rough.
    """

    def __init__(
        self,
        forward: Forward,
        point: list[Array],
        upstream: Sequence[Sequence[Array]],
        eps: float,
        analytic: Forward | None = None,
    ) -> None:
        self._forward = forward
        self._analytic = analytic
        self.point = point
        self.eps = eps
        self.u = np.stack([_flat(draw) for draw in upstream])
        self.y = self._value(point)
        self.noise = 2 * _ROUNDING * np.abs(self.y)
        """How far each output may be off by rounding."""
        self._scale = float(np.max(np.abs(self.y), initial=0))
        self._coarse = False
        self.bends = False
        """Whether at the last central difference the slopes from the two sides differed: perhaps at a kink."""
        self.bent: list[int] = []
        """The elements of which that was so, when all were looked at last."""

    @property
    def rough(self) -> bool:
        """Whether the function computes with far fewer digits than float64 has."""
        return bool((self.noise > 1e-12 * max(self._scale, 1e-300)).any())

    @property
    def hopeless(self) -> bool:
        """Whether the function rounds to half precision or worse: its differences say nothing."""
        return self._coarse and bool((self.noise > 1e-5 * max(self._scale, 1e-300)).any())

    def measure_noise(self, stream: np.random.Generator) -> None:
        """Estimate the rounding of the outputs from fourth differences over steps so small that the rest vanishes.

        References:
            Moré, Wild: Estimating Computational Noise. SIAM Journal on Scientific Computing 33 (2011).
        """
        rounding = self.noise
        stairs = self._estimate(stream, 1e-9)  # a smooth function, however narrow, shows nothing over so short a step
        if stairs or self.rough:
            coarse = [self._estimate(stream, length) for length in (1e-6, 1e-5, 1e-4)]
            self._coarse = coarse[0]
            if self._coarse and self._estimate(stream, 1e-3):
                self.noise = rounding  # a step function, such as floor, and no rounding

    def _estimate(self, stream: np.random.Generator, length: float) -> bool:
        """Raise the noise to what steps of this length show; whether they are too short to change most outputs."""
        found = [self._scan(stream, length) for _ in range(2)]
        estimates = [noise for noise, _ in found if np.isfinite(noise).all()]
        if estimates:  # the smaller of two: a kink on the way looks like noise
            self.noise = np.maximum(self.noise, np.min(estimates, axis=0))
        return all(stairs for _, stairs in found)

    def _scan(self, stream: np.random.Generator, length: float) -> tuple[Array, bool]:
        """Rounding by eight steps of a length, and whether most of them are too short to change anything."""
        directions = [
            stream.choice([-1.0, 1.0], x.shape) * stream.uniform(0.5, 1.5, x.shape) * np.maximum(1, np.abs(x))
            for x in self.point
        ]
        lengths = (0.1, *(k * length for k in range(1, 9)))  # the first shows how far the outputs move at all
        with np.errstate(all="ignore"):
            try:
                points = [[x + t * d for x, d in zip(self.point, directions, strict=True)] for t in lengths]
                values = np.stack([self._value(point) for point in points])
            except Exception:  # a point that the function refuses tells nothing
                return np.full(self.y.shape, np.nan), False
            self._scale = max(self._scale, float(np.max(np.abs(values), initial=0, where=np.isfinite(values))))
            noise = np.sqrt((np.diff(values[1:], 4, axis=0) ** 2).mean(axis=0) / 70)
            moves = np.diff(values[1:], axis=0)[:, values[0] != values[1]]
        return noise, bool(moves.size and (moves == 0).mean() > 0.5)

    def central(self, index: int, direction: Array) -> Array:
        """(y(x + eps v) - y(x - eps v)) / (2 eps)."""
        with np.errstate(all="ignore"):
            ahead, behind = self._moved(index, direction, self.eps), self._moved(index, direction, -self.eps)
            left, right = self.y - behind, ahead - self.y
            floor = 1e-3 * np.maximum(np.abs(left), np.abs(right)) + 100 * self.noise
            self.bends = bool((np.abs(right - left) > floor).any())
            return np.asarray((ahead - behind) / (2 * self.eps))

    def jacobian(self, index: int) -> Array:
        """The derivative of every output by every element of one input: (outputs, elements)."""
        columns = [self.central(index, v) for v in units(self.point[index].shape)]
        return np.stack(columns, 1) if columns else np.zeros((self.y.size, 0))

    def elements(self, index: int) -> Array:
        """The derivative by every element of one input, for each upstream gradient: (draws, elements)."""
        x = self.point[index]
        slope: Callable[[Array], Array] = lambda v: self.u @ self.central(index, v)
        if self.rough:
            trusted = self.by_complex_step(index, np.cos(np.arange(1.0, x.size + 1)).reshape(x.shape), checked=True)
            exact = lambda v: self.u @ _given(self.by_complex_step(index, v))
            slope = (lambda v: self.read(index, v).slope) if trusted is None else exact
        found, self.bent, self.bends = np.zeros((len(self.u), x.size)), [], False
        for place, v in enumerate(units(x.shape)):
            found[:, place] = slope(v)
            if self.bends and not self.rough:
                self.bent.append(place)
        return found

    def by_complex_step(self, index: int, direction: Array, checked: bool = False) -> Array | None:
        """Im y(x + i h v) / h, exact to rounding; None if the function cannot be computed with complex numbers.

        `checked` compares it with differences first: a function that is not analytic, such as `abs` of a complex
        number, takes complex numbers and answers wrong.

        References:
            Squire, Trapp: Using Complex Variables to Estimate Derivatives of Real Functions. SIAM Review 40 (1998).
        """
        if self._analytic is None:
            return None
        point = [x.astype(np.complex128) for x in self.point]
        point[index] = self.point[index] + 1e-30j * direction
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error")  # NumPy warns where an imaginary part is thrown away
            try:
                values = self._analytic(point)
            except Exception:
                return None
        if not values or any(v.dtype.kind != "c" for v in values):
            return None
        y = np.concatenate([v.ravel() for v in values])
        found = np.asarray(y.imag / 1e-30)
        if checked:
            reading = self.read(index, direction)
            same = np.abs(self.u @ found - reading.slope) <= 3 * reading.error + 1e-3 * np.abs(reading.slope)
            if not same.all() or not np.allclose(y.real, self.y, rtol=1e-2, atol=1e-2):
                return None
        return found

    def uncertainty(self) -> Array:
        """What rounding alone may put into a central difference, for each upstream gradient."""
        return np.asarray(4 * np.sqrt(self.u**2 @ self.noise**2) / self.eps)

    def read(self, index: int, direction: Array) -> Reading:
        """The slope along a direction with all care: from both sides, and with several steps."""
        kinked = self._kink(index, direction)
        if kinked is not None:
            left, right = self.u * kinked[0], self.u * kinked[1]
            low, high = np.minimum(left, right).sum(1), np.maximum(left, right).sum(1)
            return Reading((low + high) / 2, self.uncertainty(), low, high, True)
        best, error = np.full(len(self.u), np.nan), np.full(len(self.u), np.inf)
        others = []
        rounding = 3 * np.sqrt(self.u**2 @ self.noise**2)
        with np.errstate(all="ignore"):
            for step in _LADDER:
                try:
                    wide = self.u @ (self._moved(index, direction, step) - self._moved(index, direction, -step))
                    half = self.u @ (self._moved(index, direction, step / 2) - self._moved(index, direction, -step / 2))
                except Exception:  # the function refuses a point that far away
                    continue
                wide, half = wide / (2 * step), half / step
                slope = (4 * half - wide) / 3  # Richardson: the error of second order cancels
                estimate = np.abs(slope - half) + rounding / step
                if np.isfinite(estimate).all():
                    others.append((slope, estimate))
                    if estimate.max() < error.max():
                        best, error = slope, estimate
        close = [(slope, e) for slope, e in others if self.rough and e.max() < 0.02 * np.abs(best).max()]
        return Reading(best, error, best, best, False, close)

    def sides(self, index: int, direction: Array) -> tuple[float, float]:
        """The slopes from the left and from the right, of the output in which they differ most."""
        left, right = self._kink(index, direction) or (np.zeros(1), np.zeros(1))
        most = int(np.argmax(np.abs(right - left)))
        return float(left[most]), float(right[most])

    def _kink(self, index: int, direction: Array) -> tuple[Array, Array] | None:
        """The slopes of every output from the two sides, if they differ however near one comes."""
        step = self._side_step()
        with np.errstate(all="ignore"):
            try:
                (left, right), (near_left, near_right) = (
                    (
                        (self.y - self._moved(index, direction, -h)) / h,
                        (self._moved(index, direction, h) - self.y) / h,
                    )
                    for h in (step, step / 8)
                )
            except Exception:  # the border of what the function takes is no kink
                return None
            jump, near = np.abs(right - left), np.abs(near_right - near_left)
            noise = np.max(self.noise, initial=0) if self.rough else self.noise
            floor = 1e-3 * np.maximum(np.abs(left), np.abs(right)) + 100 * noise / step
            kinked = (jump > floor) & (near > 0.5 * jump)
        if not kinked.any():
            return None
        middle = (left + right) / 2
        return np.where(kinked, near_left, middle), np.where(kinked, near_right, middle)

    def _side_step(self) -> float:
        return max(self.eps, float(np.cbrt(np.max(self.noise, initial=0))) if self.rough else 0.0)

    def _moved(self, index: int, direction: Array, step: float) -> Array:
        x = self.point[index]
        return self._value([*self.point[:index], x + step * direction, *self.point[index + 1 :]])

    def _value(self, point: list[Array]) -> Array:
        return _flat(self._forward(point))


def _given(value: Array | None) -> Array:
    return np.zeros(0) if value is None else value


def units(shape: tuple[int, ...]) -> Any:
    """Every element's own direction, in order; the array is used again."""
    for place in np.ndindex(shape):
        direction = np.zeros(shape)
        direction[place] = 1
        yield direction


def _flat(arrays: Sequence[Array]) -> Array:
    return np.concatenate([np.asarray(a, np.float64).ravel() for a in arrays]) if arrays else np.zeros(0)
