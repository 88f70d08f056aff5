"""Analytic gradients against central differences, at first and second order, with random upstream gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nn.autograd.backward import grad
from nn.autograd.tape import Array, TensorBase, wrap
from nn.errors import GradcheckError

__all__ = ["difference_quotients", "gradcheck", "gradgradcheck", "refuse_difference"]


def gradcheck(
    fn: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    seed: int = 0,
) -> bool:
    """Compare the gradients of `fn` with central differences, (f(x + eps) - f(x - eps)) / (2 eps), element by element.

    The gradient by the outputs is random, not ones: many a wrong rule is right for ones.

    Args:
        fn: tensors in, a tensor or a tuple of tensors out.
        inputs: a tensor or a sequence; those that require gradients are checked, and should be float64.
        eps: the step.
        atol: the absolute error allowed.
        rtol: the error allowed relative to the numerical gradient.
        raise_exception: raise on failure, else return False.
        seed: of the random upstream gradient.

    Returns:
        True if every element agrees.

    Raises:
        GradcheckError: an element differs; the message names the worst one, and says if the function has a kink there.

    Example:
        >>> import nn
        >>> x = nn.tensor([[0.3, -1.2]], dtype=nn.float64, requires_grad=True)
        >>> nn.testing.gradcheck(lambda x: (x.sigmoid() * x).sum(), x)
        True
    """
    inputs = _as_tuple(inputs)
    checked = [i for i, t in enumerate(inputs) if isinstance(t, TensorBase) and t._needs_grad()]
    if not checked:
        raise GradcheckError("gradcheck: no input requires gradients; make them with requires_grad=True")
    for i in checked:
        if inputs[i]._array.dtype != np.float64:
            raise GradcheckError(
                f"gradcheck: input {i} is {inputs[i]._array.dtype}; differences need float64, use .double()"
            )
    outputs = _floats(fn(*inputs))
    rng = np.random.default_rng(seed)
    upstream = [np.asarray(rng.normal(size=o._array.shape)) for o in outputs]
    recorded = [(o, wrap(u)) for o, u in zip(outputs, upstream, strict=True) if o._needs_grad()]
    analytic: Sequence[Any] = [None] * len(checked)
    if recorded:
        tensors, vectors = zip(*recorded, strict=True)
        analytic = grad(tensors, [inputs[i] for i in checked], vectors, allow_unused=True)
    for index, tensor in zip(checked, analytic, strict=True):

        def value(x: Array, index: int = index) -> Any:
            moved = (*inputs[:index], wrap(x, requires_grad=True), *inputs[index + 1 :])
            return sum(np.sum(u * o._array) for u, o in zip(upstream, _floats(fn(*moved)), strict=True))

        base = inputs[index]._array
        exact = np.zeros_like(base) if tensor is None else tensor._array
        try:
            refuse_difference(f"gradcheck: input {index}", exact, value, base, eps=eps, atol=atol, rtol=rtol)
        except GradcheckError:
            if raise_exception:
                raise
            return False
    return True


def gradgradcheck(
    fn: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    seed: int = 0,
) -> bool:
    """`gradcheck` of the gradient itself: differentiate twice, by the inputs and by the upstream gradient.

    Args and errors are those of `gradcheck`.

    Example:
        >>> import nn
        >>> x = nn.tensor([0.3, -1.2], dtype=nn.float64, requires_grad=True)
        >>> nn.testing.gradgradcheck(lambda x: x**3, x)
        True
    """
    inputs = _as_tuple(inputs)
    rng = np.random.default_rng(seed + 1)
    outputs = [o for o in _floats(fn(*inputs)) if o._needs_grad()]
    upstream = [wrap(np.asarray(rng.normal(size=o._array.shape)), requires_grad=True) for o in outputs]
    checked = [i for i, t in enumerate(inputs) if isinstance(t, TensorBase) and t._needs_grad()]

    def gradient(*args: Any) -> tuple[Any, ...]:
        points, vectors = args[: len(inputs)], args[len(inputs) :]
        results = [o for o in _floats(fn(*points)) if o._needs_grad()]
        found = grad(results, [points[i] for i in checked], vectors, create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    return gradcheck(
        gradient, (*inputs, *upstream), eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception, seed=seed
    )


def difference_quotients(value: Callable[[Array], Any], x: Array, eps: float) -> Array:
    """(f(x + eps) - f(x - eps)) / (2 eps) of a function with one number as its value, for each element of x."""
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        gradient[place] = (_moved(value, x, place, eps) - _moved(value, x, place, -eps)) / (2 * eps)
    return gradient


def refuse_difference(
    where: str, exact: Array, value: Callable[[Array], Any], x: Array, *, eps: float, atol: float, rtol: float
) -> None:
    """Raise, naming the worst element, unless `exact` is the gradient of `value` at x."""
    if exact.shape != x.shape:
        raise GradcheckError(f"{where}: the gradient has shape {exact.shape}, the input has {x.shape}; make them equal")
    numerical = difference_quotients(value, x, eps)
    error = np.abs(exact - numerical)
    excess = error - (atol + rtol * np.abs(numerical))
    if not x.size or excess.max() <= 0:
        return
    worst = np.unravel_index(int(np.argmax(np.where(np.isnan(excess), np.inf, excess))), x.shape)
    relative = error[worst] / max(abs(exact[worst]), abs(numerical[worst]), np.finfo(np.float64).tiny)
    wrong = int((~(excess <= 0)).sum())
    raise GradcheckError(
        f"{where}, element {tuple(int(i) for i in worst)}: analytic gradient {exact[worst]:.9g}, numerical "
        f"{numerical[worst]:.9g}, relative error {relative:.2g}, {wrong} of {x.size} elements differ; "
        + _advice(value, x, tuple(int(i) for i in worst), eps)
    )


def _advice(value: Callable[[Array], Any], x: Array, place: tuple[int, ...], eps: float) -> str:
    """What to do: at a kink the slopes from the two sides differ, however near one comes; elsewhere they meet."""
    here = value(x)

    def slopes(step: float) -> tuple[Any, Any]:
        left, right = _moved(value, x, place, -step), _moved(value, x, place, step)
        return (here - left) / step, (right - here) / step

    (left, right), (far_left, far_right) = slopes(eps), slopes(4 * eps)
    jump, far_jump = abs(right - left), abs(far_right - far_left)
    if jump > 1e-3 * max(1, abs(left), abs(right)) and jump > far_jump / 2:
        return f"the function has a kink there, slope {left:.4g} on the left and {right:.4g} on the right: move away"
    return "correct the rule"


def _moved(value: Callable[[Array], Any], x: Array, place: tuple[int, ...], step: float) -> Any:
    moved = x.copy()
    moved[place] += step
    return value(moved)


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return (value,) if isinstance(value, TensorBase) else tuple(value)


def _floats(outputs: Any) -> list[Any]:
    return [o for o in _as_tuple(outputs) if o._array.dtype.kind == "f"]
