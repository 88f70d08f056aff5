"""How far to go in a direction: a point where the function has fallen enough and flattened enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from numpy.typing import NDArray

from nn.autograd.mode import mode
from nn.kernels.curvature import cubic_minimum

__all__ = ["Point", "strong_wolfe"]

FALLEN, FLATTENED = 1e-4, 0.9


class Point(NamedTuple):
    """The function along the direction: at distance t its value, its gradient, and its slope in the direction."""

    t: float
    f: float
    g: NDArray[Any]
    slope: float


def strong_wolfe(
    evaluate: Callable[[float], Point], start: Point, t: float, length: float, tolerance: float, max_moves: int
) -> tuple[Point, int]:
    """A point t where f(t) <= f(0) + 1e-4 t f'(0) and |f'(t)| <= 0.9 |f'(0)|, or the best one found.

    First the distance grows until the two ends enclose such a point, then the ends are moved inwards; trial points are
    minima of the cubic through the ends.

    Args:
        evaluate: the function at a distance.
        start: the point at distance 0.
        t: the first distance to try.
        length: the largest element of the direction.
        tolerance: the search ends when parameters at the two ends differ less.
        max_moves: how often the ends may be moved.

    Returns:
        The point, and how often the function was evaluated.

    References:
        Nocedal and Wright, Numerical Optimization, 2006, algorithms 3.5 and 3.6.
    """

    def too_high(point: Point) -> bool:
        return point.f > start.f + FALLEN * point.t * start.slope

    def flat(point: Point) -> bool:
        return abs(point.slope) <= -FLATTENED * start.slope

    before, here, moves = start, evaluate(t), 0
    while moves < max_moves:
        if too_high(here) or (moves > 1 and here.f >= before.f) or (here.slope >= 0 and not flat(here)):
            break
        if flat(here):
            return here, moves + 1
        bounds = here.t + 0.01 * (here.t - before.t), here.t * 10
        before, here, moves = here, evaluate(_between(before, here, bounds)), moves + 1
    else:
        before = start  # never enclosed

    ends = [before, here]
    low = 0 if before.f <= here.f else 1
    slow = False
    while moves < max_moves and not abs(ends[1].t - ends[0].t) * length < tolerance:
        least, most = sorted(end.t for end in ends)
        t = _between(ends[0], ends[1], (least, most))
        margin = 0.1 * (most - least)
        near = min(most - t, t - least) < margin
        if near and (slow or t >= most or t <= least):  # twice near an end: go a tenth inwards
            t = most - margin if abs(t - most) < abs(t - least) else least + margin
            near = False
        slow = near
        here, moves = evaluate(t), moves + 1
        if too_high(here) or here.f >= ends[low].f:
            ends[1 - low] = here
            low = 0 if ends[0].f <= ends[1].f else 1
        elif flat(here):
            return here, moves + 1
        else:
            if here.slope * (ends[1 - low].t - ends[low].t) >= 0:
                ends[1 - low] = ends[low]
            ends[low] = here
    return ends[low], moves + 1


def _between(a: Point, b: Point, bounds: tuple[float, float]) -> float:
    return float(mode.quiet(cubic_minimum, a.t, a.f, a.slope, b.t, b.f, b.slope, bounds))
