"""Analytic gradients against central differences, at first and second order, with random upstream gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nn.autograd.backward import grad
from nn.autograd.tape import Array, TensorBase, wrap
from nn.errors import GradcheckError

__all__ = ["gradcheck", "gradgradcheck"]


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
        GradcheckError: an element differs; the message names the worst one.

    Example:
        >>> import nn
        >>> x = nn.tensor([[0.3, -1.2]], dtype=nn.float64, requires_grad=True)
        >>> nn.testing.gradcheck(lambda x: (x.sigmoid() * x).sum(), x)
        True
    """
    inputs = _as_tuple(inputs)
    outputs = _floats(fn(*inputs))
    rng = np.random.default_rng(seed)
    upstream = [np.asarray(rng.normal(size=o._array.shape)) for o in outputs]
    checked = [i for i, t in enumerate(inputs) if isinstance(t, TensorBase) and t._needs_grad()]
    if not checked:
        raise GradcheckError("gradcheck: no input requires gradients; make them with requires_grad=True")
    recorded = [(o, wrap(u)) for o, u in zip(outputs, upstream, strict=True) if o._needs_grad()]
    analytic: Sequence[Any] = [None] * len(checked)
    if recorded:
        tensors, vectors = zip(*recorded, strict=True)
        analytic = grad(tensors, [inputs[i] for i in checked], vectors, allow_unused=True)
    for index, tensor in zip(checked, analytic, strict=True):
        base = inputs[index]._array
        if base.dtype != np.float64:
            raise GradcheckError(f"gradcheck: input {index} is {base.dtype}; differences need float64, use .double()")
        exact = np.zeros_like(base) if tensor is None else tensor._array
        numerical = _numerical(fn, inputs, index, upstream, eps)
        excess = np.abs(exact - numerical) - (atol + rtol * np.abs(numerical))
        if base.size and not excess.max() <= 0:
            if not raise_exception:
                return False
            worst = np.unravel_index(int(np.argmax(np.where(np.isnan(excess), np.inf, excess))), base.shape)
            place = tuple(int(i) for i in worst)
            raise GradcheckError(
                f"gradcheck: input {index}, element {place}: analytic gradient {exact[worst]:.9g}, "
                f"numerical {numerical[worst]:.9g}; correct the rule, or move the input away from a kink"
            )
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


def _numerical(fn: Callable[..., Any], inputs: tuple[Any, ...], index: int, upstream: list[Array], eps: float) -> Array:
    """The gradient of sum(upstream * fn(inputs)) by one input."""
    base = inputs[index]._array
    gradient = np.zeros_like(base)

    def value(x: Array) -> Any:
        moved = (*inputs[:index], wrap(x, requires_grad=True), *inputs[index + 1 :])
        return sum(np.sum(u * o._array) for u, o in zip(upstream, _floats(fn(*moved)), strict=True))

    for place in np.ndindex(base.shape):
        up, down = base.copy(), base.copy()
        up[place] += eps
        down[place] -= eps
        gradient[place] = (value(up) - value(down)) / (2 * eps)
    return gradient


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return (value,) if isinstance(value, TensorBase) else tuple(value)


def _floats(outputs: Any) -> list[Any]:
    return [o for o in _as_tuple(outputs) if o._array.dtype.kind == "f"]
