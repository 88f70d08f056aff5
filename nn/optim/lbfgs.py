"""L-BFGS: Newton's method with a Hessian guessed from the last steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from nn.autograd.grad_mode import enable_grad
from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.kernels.curvature import lbfgs_direction, move_
from nn.kernels.threads import dot
from nn.optim.line_search import Point, strong_wolfe
from nn.optim.optimizer import Array, Optimizer, require_at_least_0

__all__ = ["LBFGS"]


class LBFGS(Optimizer):
    """Limited-memory BFGS: for full batches, and functions that are smooth; each step runs the closure many times.

    d = -H g, H from the last steps s and changes of the gradient y so that H y = s;  p = p + t d, t = lr, or found by a
    line search. The first direction is -g, at most lr long in the sum of its elements.

    Args:
        params: leaf tensors; only one group.
        lr: the length of a step in units of d, or with a line search the first length tried.
        max_iter: how many directions a step tries.
        max_eval: how many evaluations a step is allowed; None for 5/4 of max_iter.
        tolerance_grad: a step ends when no element of the gradient is larger.
        tolerance_change: a step ends when parameters or loss change less.
        history_size: how many steps are remembered.
        line_search_fn: "strong_wolfe", or None for the fixed length lr.

    Raises:
        ValueError: a negative rate; several groups; an unknown line search.

    Example:
        >>> import nn
        >>> w = nn.tensor([1.0, -20.0], requires_grad=True)
        >>> optimizer = nn.optim.LBFGS([w], line_search_fn="strong_wolfe")
        >>> def closure():
        ...     optimizer.zero_grad()
        ...     loss = ((w - nn.tensor([3.0, 4.0])) ** 2).sum()
        ...     loss.backward()
        ...     return loss
        >>> loss = optimizer.step(closure)
        >>> w
        tensor([3.0000, 4.0000], requires_grad=True)

    References:
        Nocedal, Updating Quasi-Newton Matrices with Limited Storage, Mathematics of Computation 1980.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        require_at_least_0(self, lr=lr)
        if line_search_fn not in (None, "strong_wolfe"):
            raise ValueError(f"LBFGS: line_search_fn must be strong_wolfe or None, got {line_search_fn!r}")
        options = dict(lr=lr, max_iter=max_iter, max_eval=max_iter * 5 // 4 if max_eval is None else max_eval)
        tolerances = dict(tolerance_grad=tolerance_grad, tolerance_change=tolerance_change)
        super().__init__(
            params, {**options, **tolerances, "history_size": history_size, "line_search_fn": line_search_fn}
        )
        if len(self.param_groups) != 1:
            raise ValueError(f"LBFGS: expected one group of parameters, got {len(self.param_groups)}")

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take max_iter steps; a tolerance or the allowed number of evaluations may end them earlier.

        Args:
            closure: computes the loss again, calls backward, and returns the loss.

        Returns:
            What the closure returned first.
        """
        if closure is None:
            raise TypeError("LBFGS.step: give a closure that computes the loss again, calls backward and returns it")
        group = self.param_groups[0]
        state = self.state[group["params"][0]]  # all of it at one parameter, as in PyTorch
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first, point = self._evaluated(closure)
        evaluations, iterations = 1, 0
        while iterations < group["max_iter"] and self._steep(point):
            iterations += 1
            direction = self._direction(state, point.g)
            start = Point(0.0, point.f, point.g, float(dot(point.g, direction)))
            state["n_iter"] += 1
            t = float(group["lr"])
            if state["n_iter"] == 1:
                t *= min(1.0, 1 / float(abs(start.g).sum()))
            state.update(prev_flat_grad=wrap(start.g), prev_loss=start.f, d=wrap(direction), t=t)
            if start.slope > -group["tolerance_change"]:
                break
            last = iterations == group["max_iter"]
            if group["line_search_fn"] is not None:
                point, used = self._searched(closure, start, t, direction, group["max_eval"] - evaluations)
                state["t"] = t = point.t
                self._move(t, direction)
            elif last:  # the next step evaluates anyway
                self._move(t, direction)
                break
            else:
                self._move(t, direction)
                point, used = self._evaluated(closure)[1], 1
            evaluations += used
            moved, fallen = float(abs(direction).max()) * t, abs(point.f - start.f)
            if evaluations >= group["max_eval"] or moved <= group["tolerance_change"]:
                break
            if fallen < group["tolerance_change"]:
                break
        state["func_evals"] += evaluations
        return first

    def _steep(self, point: Point) -> bool:
        return bool(abs(point.g).max() > self.param_groups[0]["tolerance_grad"])

    def _direction(self, state: dict[str, Any], g: Array) -> Array:
        """The next direction; the last step is remembered, unless it went through negative curvature."""
        if not state["n_iter"]:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=wrap(np.ones((), g.dtype)))
            return -g
        y, s = g - state["prev_flat_grad"]._array, state["d"]._array * float(state["t"])
        product = dot(y, s)
        if product > 1e-10:
            for name, value in (("old_dirs", y), ("old_stps", s), ("ro", np.asarray(1 / product, g.dtype))):
                state[name] = [*state[name], wrap(value)][-self.param_groups[0]["history_size"] :]
            state["H_diag"] = wrap(np.asarray(product / dot(y, y), g.dtype))
        past = ([tensor._array for tensor in state[name]] for name in ("old_dirs", "old_stps", "ro"))
        return np.asarray(mode.quiet(lbfgs_direction, g, *past, state["H_diag"]._array))

    def _evaluated(self, closure: Callable[[], Any]) -> tuple[Any, Point]:
        """The closure's loss, and the point where the parameters are."""
        with enable_grad():
            loss = closure()
        params = self.param_groups[0]["params"]
        parts = [np.zeros_like(p._array) if p.grad is None else p.grad._array for p in params]
        return loss, Point(0.0, float(loss), np.concatenate([part.ravel() for part in parts]), 0.0)

    def _searched(
        self, closure: Callable[[], Any], start: Point, t: float, direction: Array, allowed: int
    ) -> tuple[Point, int]:
        """The point that the line search finds; the parameters stay where they are."""
        arrays = [p._array for p in self.param_groups[0]["params"]]
        before = [array.copy() for array in arrays]

        def evaluate(t: float) -> Point:
            self._move(t, direction)
            point = self._evaluated(closure)[1]
            for array, kept in zip(arrays, before, strict=True):
                array[...] = kept
            return point._replace(t=t, slope=float(dot(point.g, direction)))

        length = float(abs(direction).max())
        return strong_wolfe(evaluate, start, t, length, self.param_groups[0]["tolerance_change"], allowed)

    def _move(self, t: float, direction: Array) -> None:
        params = self.param_groups[0]["params"]
        mode.quiet(move_, [p._array for p in params], direction, t=t)
        for p in params:
            p._touch()
