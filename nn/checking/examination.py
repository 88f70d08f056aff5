"""The checks of a gradient, in order: what the functions do to their arguments, then every element, then other points.

A backward is judged at the given inputs, element by element, and along random directions at two points more that the
checker draws: one close by, where ties and symmetries of the given inputs are broken, and one with elements of both
signs. A right backward is right there too; a wrong one may coincide with it at zeros, ones or symmetric inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.checking.diagnosis import Case, diagnose, diagnose_shape
from nn.checking.differences import Forward, Probe
from nn.checking.report import Kink, Report, Verdict
from nn.checking.streams import are_distributions, draw_upstream, elsewhere, nearby, own_stream

__all__ = ["Settings", "Subject", "examine"]

__tracebackhide__ = True

Array = NDArray[Any]

_ELSEWHERE = (
    "at other inputs, drawn by the checker; the given inputs cannot tell, and if the function is meant for inputs like "
    "those alone, pass nearby=False"
)


@dataclass
class Subject:
    """A function of arrays, and what is claimed to be its gradient."""

    forward: Forward
    """Takes the judged inputs, gives the float outputs; always of copies."""
    backward: Callable[[list[Array], list[Array]], list[Any]]
    """Takes the inputs and a gradient for each output, gives a gradient for each input, or None."""
    point: list[Array]
    labels: list[str]
    names: list[str]
    """What an input is called in the table of all inputs."""
    output_names: list[str] = field(default_factory=list)
    integers: list[Array] = field(default_factory=list)
    optional: frozenset[int] = frozenset()
    """Inputs that need no gradient: left out where the backward gives None."""
    analytic: Forward | None = None
    everywhere: bool = True
    """Whether the backward can be called at other points too."""
    complaints: list[str] = field(default_factory=list)
    """What `forward` and `backward` say of themselves: arguments that were changed."""


@dataclass
class Settings:
    """How an examination is made."""

    eps: float = 1e-6
    atol: float = 1e-6
    rtol: float = 1e-4
    seed: int = 0
    nearby: bool = True
    directions: int | None = None
    """How many random directions stand for the elements; None: every element is judged."""


def examine(subject: Subject, settings: Settings) -> Report:
    """Judge every input.

    Raises:
        GradcheckError: every upstream gradient that can be drawn is proportional to an input.
    """
    report = Report(subject.labels, subject.names, [x.shape for x in subject.point], subject.complaints)
    stream = own_stream(settings.seed)
    outputs = subject.forward(subject.point)
    if not _repeats(subject, outputs):
        report.complain(
            "the forward gives another result for the same inputs: it is random (dropout, say) or keeps a state; "
            "no difference can be taken of it: fix its seed inside, or switch it to evaluation mode"
        )
        return report
    if not all(np.isfinite(o).all() for o in outputs):
        report.complain("the forward is not finite at the given inputs (nan or infinity): give others")
        return report
    upstream = draw_upstream(stream, outputs, [*subject.point, *outputs])
    examiner = _Examiner(subject, settings, stream, upstream, report)
    examiner.at_given_inputs()
    if settings.nearby and subject.everywhere and not report.structural:
        examiner.at_other_points()
    if not report.structural:
        examiner.guess()
    return report


def _repeats(subject: Subject, outputs: list[Array]) -> bool:
    return all(
        a.shape == b.shape and np.array_equal(a, b, equal_nan=True)
        for again in (subject.forward(subject.point), subject.forward(subject.point))
        for a, b in zip(outputs, again, strict=True)
    )


class _Examiner:
    def __init__(
        self,
        subject: Subject,
        settings: Settings,
        stream: np.random.Generator,
        upstream: list[list[Array]],
        report: Report,
    ) -> None:
        self.subject, self.settings, self.stream = subject, settings, stream
        self.upstream, self.report = upstream, report
        self.close = [nearby(stream, x) for x in subject.point]
        self.far = [elsewhere(stream, x) for x in subject.point]
        self.failed: dict[int, tuple[Probe | None, Array, Array]] = {}
        """For each wrong gradient the point, what was returned and what was expected there."""

    def at_given_inputs(self) -> None:
        """Every element of every input, or directions in their place."""
        subject, settings = self.subject, self.settings
        gradients = self._gradients(subject.point)
        if gradients is None:
            return
        probe = self._probe(subject.point)
        if probe.hopeless:
            self.report.complain(
                "the forward rounds to three digits or so (half precision), by which no gradient can be judged; "
                "let it compute in float32 or float64"
            )
            return
        for index, got in enumerate(gradients):
            if got is None:
                self.report.verdicts[index] = Verdict(left_out=True)
            elif settings.directions is None:
                self._elements(probe, index, got)
            else:
                for v in self._directions(index, settings.directions):
                    if not self._direction(probe, index, v, got, ""):
                        break
        if self.report.verdicts and len(subject.output_names) > 1 and not self.report.ok:
            self._outputs_apart(probe)

    def at_other_points(self) -> None:
        """Two directions of each input, at points of the checker's own."""
        close, far = self.close, self.far
        smaller = [nearby(self.stream, x, 1e-2) for x in self.subject.point]
        everything = range(len(far))
        if not self._at(close, everything):
            self._at(smaller, everything)
        if not self._at(far, everything):  # an input that must be positive, say, stays close while another moves
            for i, x in enumerate(far):
                self._at([*close[:i], x, *close[i + 1 :]], everything)
        for i, x in enumerate(self.subject.point):
            if are_distributions(x):  # others may rely on its rows; its own gradient has no reason to
                self._at([*far[:i], elsewhere(self.stream, x, free=True), *far[i + 1 :]], [i])

    def _at(self, point: list[Array], judged: Sequence[int]) -> bool:
        """Judge some inputs at one further point; False if the function is not defined there."""
        if not self._defined(point):
            return False
        with np.errstate(all="ignore"):
            gradients = self._gradients(point)
        if gradients is None:
            return True
        probe = self._probe(point)
        for index in judged:
            got = gradients[index]
            if got is not None and self.report.verdicts[index].ok:
                for v in self._directions(index, 2):
                    if not self._direction(probe, index, v, got, _ELSEWHERE):
                        break
        return True

    def _defined(self, point: list[Array]) -> bool:
        """Whether the function gives finite values of the same shapes there."""
        try:
            with np.errstate(all="ignore"):
                outputs = self.subject.forward(point)
        except Exception:  # it refuses such inputs: nothing can be said of its gradient
            return False
        fits = [o.shape for o in outputs] == [u.shape for u in self.upstream[0]]
        return fits and all(np.isfinite(o).all() for o in outputs)

    # -- one input ---------------------------------------------------------------------------------------------------

    def _elements(self, probe: Probe, index: int, got: Array) -> None:
        expected = probe.elements(index)
        bent = set(probe.bent)
        flat = got.reshape(len(got), -1)
        allowed = self._allowed(probe, expected, got)
        with np.errstate(all="ignore"):
            excess = np.abs(flat - expected) - allowed
        suspicious = np.where(np.isnan(excess), np.inf, excess).max(0, initial=0)
        order = [int(i) for i in np.argsort(-suspicious, kind="stable") if suspicious[i] > 0 or int(i) in bent]
        kinks: list[Kink] = []
        for place in order:
            v = _unit(probe.point[index].shape, place)
            reading = probe.read(index, v)
            tolerance = self._allowed(probe, reading.slope[:, None], got)[:, 0]
            if reading.allows(flat[:, place], tolerance):
                if reading.kink:
                    kinks.append(Kink(self._place(index, place), *probe.sides(index, v)))
                expected[:, place] = flat[:, place]
                continue
            if suspicious[place] <= 0:
                continue
            if not reading.kink and np.isfinite(reading.slope).all():
                expected[:, place] = reading.slope
            self._fail(probe, index, got, expected, place, reading.kink)
            return
        if self._too_rough(probe, index, expected):
            return
        self.report.verdicts[index] = Verdict(kinks=sorted(kinks, key=lambda kink: kink.place))
        if kinks:
            ones = np.ones(probe.point[index].shape)
            for v in (ones, *self._directions(index, 2)):
                if not self._direction(probe, index, v, got, "where several elements of the kink move at once"):
                    return

    def _direction(self, probe: Probe, index: int, v: Array, got: Array, where: str) -> bool:
        """Judge the derivative along v; whether it is right."""
        along = (got * v).reshape(len(got), -1).sum(1)
        if not probe.rough:
            expected = probe.u @ probe.central(index, v)
            allowed = self.settings.atol + self.settings.rtol * np.abs(expected) + probe.uncertainty()
            if (np.abs(along - expected) <= allowed).all():
                return True
        reading = probe.read(index, v)
        scale = float(np.linalg.norm(got[0] * v)) if probe.rough or _coarse(got) else 0.0
        tolerance = self._allowed(probe, reading.slope[:, None], got)[:, 0] + 1e-5 * scale
        if reading.allows(along, tolerance) or (not np.isfinite(reading.slope).all() and np.isfinite(along).all()):
            return True
        if probe.point[index].size > 4000:
            self._fail_along(probe, index, v, got, where)
        else:
            expected = probe.elements(index)
            worst = int(np.argmax(np.abs(got.reshape(len(got), -1) - expected).max(0)))
            self._fail(probe, index, got, expected, worst, reading.kink, where, (along, reading.slope))
        return False

    def _allowed(self, probe: Probe, expected: Array, got: Array) -> Array:
        atol, rtol = self.settings.atol, self.settings.rtol
        if probe.rough or _coarse(got):  # seven digits in, and sums of them: as good as one may ask of float32
            atol, rtol = max(atol, 1e-5 * float(np.max(np.abs(got), initial=0))), max(rtol, 1e-3)
        doubt = probe.uncertainty()[:, None] if not probe.rough else 0.0
        return np.asarray(atol + rtol * np.abs(expected) + doubt)

    def _too_rough(self, probe: Probe, index: int, expected: Array) -> bool:
        """Refuse to pass where the forward is so coarse that a wrong gradient would not be seen."""
        if not probe.rough or not expected.size or not expected.any():
            return False
        place = int(np.argmax(np.abs(expected[0])))
        reading = probe.read(index, _unit(probe.point[index].shape, place))
        if reading.kink or reading.error.max() < 0.05 * np.abs(expected).max():
            return False
        self.report.verdicts[index] = Verdict(
            ok=False,
            detail=f": the forward computes with so few digits that its slope is known to {reading.error.max():.2g} "
            f"only, of {np.abs(expected).max():.2g}",
            guess="no gradient can be judged by it; compute in float64 or float32",
        )
        return True

    # -- what is said of a mistake -----------------------------------------------------------------------------------

    def _fail(
        self,
        probe: Probe,
        index: int,
        got: Array,
        expected: Array,
        worst: int,
        kink: bool,
        where: str = "",
        along: tuple[Array, Array] | None = None,
    ) -> None:
        flat = got.reshape(len(got), -1)
        allowed = self._allowed(probe, expected, got)
        with np.errstate(all="ignore"):
            error = np.abs(flat - expected)
            wrong = (~(error <= allowed)).any(0)
        if kink and not where:
            where = "at a kink, where it lies outside of the slopes of the two sides"
        draw = int(np.argmax(np.where(np.isnan(error[:, worst]), np.inf, error[:, worst])))
        claimed, true = float(flat[draw, worst]), float(expected[draw, worst])
        if along is not None and not wrong.any():
            claimed, true = float(along[0][draw]), float(along[1][draw])
        relative = abs(claimed - true) / max(abs(claimed), abs(true), float(np.finfo(np.float64).tiny))
        place = self._place(index, worst)
        border = None if np.isfinite(true) else "the function is not finite beside it: move away from the border"
        self.report.verdicts[index] = Verdict(
            ok=False,
            place=place,
            got=claimed,
            expected=true,
            where=where,
            detail=f", element {place}: analytic gradient {claimed:.9g}, numerical {true:.9g}, relative error "
            f"{relative:.2g}, {max(int(wrong.sum()), 1)} of {wrong.size} elements differ",
            guess=border,
        )
        self.failed[index] = (probe, got, expected)

    def _fail_along(self, probe: Probe, index: int, v: Array, got: Array, where: str) -> None:
        directions = [v, *self._directions(index, 3)]
        expected = np.stack([probe.read(index, d).slope for d in directions], 1)
        along = np.stack([(got * d).reshape(len(got), -1).sum(1) for d in directions], 1)
        self.report.verdicts[index] = Verdict(
            ok=False,
            got=float(along[0, 0]),
            expected=float(expected[0, 0]),
            where=where,
            detail=f", along a random direction: analytic slope {along[0, 0]:.9g}, numerical {expected[0, 0]:.9g}",
        )
        self.failed[index] = (None, along, expected)

    def guess(self) -> None:
        """Name the mistakes: at points where few elements are alike, if the gradient is wrong there too."""
        free = [elsewhere(self.stream, x, free=True) for x in self.subject.point]
        others = [self._cases_at(point) for point in (free, self.close)] if self.failed and self._may_move() else []
        for index, (probe, got, expected) in self.failed.items():
            cases = [found[index] for found in others if index in found]
            own = Case(expected, got, sample=True) if probe is None else self._case(probe, index, got, expected)
            said = (diagnose(case) for case in (*cases, own) if not _agree(case))
            verdict = self.report.verdicts[index]
            if verdict.guess is None and cases and all(_agree(case) for case in cases):
                verdict.guess = (
                    "at other inputs, drawn by the checker, the gradient is right: the given ones lie on a kink inside "
                    "of the function, or are tied"
                )
            elif verdict.guess is None:
                verdict.guess = next((text for text in said if text), None)

    def _may_move(self) -> bool:
        return self.settings.nearby and self.subject.everywhere

    def _cases_at(self, point: list[Array]) -> dict[int, Case]:
        """What is expected and returned at another point by each wrong gradient; none if it is not defined there."""
        if not self._defined(point):
            return {}
        with np.errstate(all="ignore"):
            gradients = self._gradients(point)
            if gradients is None:
                return {}
            probe = self._probe(point)
            return {
                i: self._case(probe, i, got, probe.elements(i))
                for i, got in enumerate(gradients)
                if got is not None and i in self.failed and point[i].size <= 4000
            }

    def _case(self, probe: Probe, index: int, got: Array, expected: Array) -> Case:
        subject, x = self.subject, probe.point[index]
        small = probe.y.size * x.size <= 250_000
        jacobian = probe.jacobian(index) if small and not probe.rough else None
        outputs = self._split(probe.y)
        others = {}
        for i, other in enumerate(probe.point):
            if i != index and i in self.failed and other.shape == x.shape and other.size <= 2000:
                others[subject.names[i]] = probe.elements(i).reshape(got.shape)
        return Case(
            expected=expected.reshape(got.shape),
            got=got,
            upstream=tuple(np.stack(draws) for draws in zip(*self.upstream, strict=True)),
            value=x,
            outputs=tuple(outputs),
            output_names=tuple(subject.output_names),
            jacobian=jacobian,
            others=others,
            integers=tuple(subject.integers),
            swapped=self._swapped(probe, index),
        )

    def _swapped(self, probe: Probe, index: int) -> Array | None:
        """The gradient, had the first upstream gradient and the input changed places."""
        u, x = self.upstream[0], probe.point[index]
        if len(u) != 1 or u[0].shape != x.shape or x.size > 500:
            return None
        point = [*probe.point[:index], u[0], *probe.point[index + 1 :]]
        try:
            with np.errstate(all="ignore"):
                turned = Probe(self.subject.forward, point, [[x]], self.settings.eps)
                return turned.elements(index).reshape(x.shape)
        except Exception:  # the function is not defined there
            return None

    def _outputs_apart(self, probe: Probe) -> None:
        """Which output a mistake belongs to: the gradient of each, with the others' upstream gradients zero."""
        names, first = self.subject.output_names, self.upstream[0]
        wrong = []
        for number, name in enumerate(names):
            alone = [u if i == number else np.zeros_like(u) for i, u in enumerate(first)]
            view = Probe(self.subject.forward, probe.point, [alone], self.settings.eps)
            view.noise = probe.noise
            with np.errstate(all="ignore"):
                gradients = self.subject.backward(probe.point, alone)
            for index, raw in enumerate(gradients):
                if self.report.verdicts[index].ok or raw is None or probe.point[index].size > 2000:
                    continue
                got, expected = np.asarray(raw, np.float64)[None], view.elements(index)
                if not (np.abs(got.reshape(1, -1) - expected) <= self._allowed(view, expected, got)).all():
                    wrong.append(name)
                    break
        if 0 < len(wrong) < len(names):
            self.report.note = f"only what flows back from {' and '.join(wrong)} is wrong"

    # -- tools -------------------------------------------------------------------------------------------------------

    def _gradients(self, point: list[Array]) -> list[Array | None] | None:
        """The claimed gradients for every draw, stacked; None if they are no gradients at all, which is reported."""
        draws = [self.subject.backward(point, draw) for draw in self.upstream]
        again = self.subject.backward(point, self.upstream[0])
        found: list[Array | None] = []
        for index, x in enumerate(point):
            values = [draw[index] for draw in draws]
            if all(value is None for value in values) and index in self.subject.optional:
                found.append(None)
                continue
            said = self._unfit(index, x, values)
            if said:
                self.report.verdicts[index] = Verdict(ok=False, detail=said[0], guess=said[1], structural=True)
                continue
            stacked = np.stack([np.asarray(value, np.float64) for value in values])
            found.append(stacked)
            if not np.array_equal(np.asarray(again[index], np.float64), stacked[0], equal_nan=True):
                self.report.complain(
                    "the backward returns something else from call to call, for the same arguments: it is random, or "
                    "adds to an array that it keeps"
                )
                return None
        return found if len(found) == len(point) else None

    def _unfit(self, index: int, x: Array, values: Sequence[Any]) -> tuple[str, str | None] | None:
        if any(value is None for value in values):
            return (
                f": got None, expected an array of shape {x.shape}",
                "return zeros if the function does not depend on it; pass what has no gradient as integers or booleans",
            )
        arrays = [np.asarray(value) for value in values]
        if any(a.dtype.kind not in "fiu" for a in arrays):
            return f": got a gradient of dtype {arrays[0].dtype}, expected float64", "return real numbers"
        if arrays[0].shape != x.shape:
            expected = self._probe(self.subject.point).elements(index)[0].reshape(x.shape) if x.size < 2000 else None
            why = None if expected is None else diagnose_shape(expected, arrays[0].astype(np.float64))
            return (f": the gradient has shape {arrays[0].shape}, the input has {x.shape}; make them equal", why)
        if x.size and arrays[0].dtype.kind in "iu" and any(a.any() for a in arrays):
            return f": got a gradient of dtype {arrays[0].dtype}, which cuts fractions off", "return floats"
        return None

    def _probe(self, point: list[Array]) -> Probe:
        probe = Probe(self.subject.forward, point, self.upstream, self.settings.eps, self.subject.analytic)
        probe.measure_noise(self.stream)
        return probe

    def _directions(self, index: int, count: int) -> list[Array]:
        return [np.asarray(self.stream.normal(size=self.subject.point[index].shape)) for _ in range(count)]

    def _split(self, y: Array) -> list[Array]:
        sizes = np.cumsum([u.size for u in self.upstream[0]])[:-1]
        return [part.reshape(u.shape) for part, u in zip(np.split(y, sizes), self.upstream[0], strict=True)]

    def _place(self, index: int, flat: int) -> tuple[int, ...]:
        return tuple(int(i) for i in np.unravel_index(flat, self.subject.point[index].shape))


def _agree(case: Case) -> bool:
    """Whether there is no mistake to be named."""
    scale = float(np.max(np.abs(case.expected), initial=0))
    return bool((np.abs(case.got - case.expected) <= 1e-4 * scale + 1e-9).all())


def _unit(shape: tuple[int, ...], flat: int) -> Array:
    direction = np.zeros(shape)
    direction.flat[flat] = 1
    return direction


def _coarse(got: Array) -> bool:
    """Whether every number fits into float32: the backward computed with that."""
    return bool(got.any() and (got.astype(np.float32) == got).all()) if np.isfinite(got).all() else False
