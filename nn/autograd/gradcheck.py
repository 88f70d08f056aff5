"""Analytic gradients against central differences, at first and second order, with random upstream gradients."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from nn.autograd.backward import grad
from nn.autograd.tape import Array, TensorBase, wrap
from nn.checking.examination import Settings, Subject, examine
from nn.checking.report import Report
from nn.checking.streams import own_stream
from nn.checking.structure import leaves
from nn.errors import GradcheckError, KinkWarning

__all__ = ["check_tensors", "gradcheck", "gradgradcheck"]

__tracebackhide__ = True


def gradcheck(
    fn: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-6,
    rtol: float = 1e-4,
    raise_exception: bool = True,
    seed: int = 0,
    nearby: bool = True,
    directions: int | None = None,
) -> bool:
    """Compare the gradients of `fn` with central differences, (f(x + eps) - f(x - eps)) / (2 eps), element by element.

    The gradient by the outputs is random, not ones: many a wrong rule is right for ones. Two points that the checker
    draws are looked at too: many a wrong rule is right at ones, zeros or symmetric inputs.

    Args:
        fn: tensors in; a tensor out, or a nested tuple, list or dict of tensors.
        inputs: a tensor or a sequence; those that require gradients are checked, and must be float64.
        eps: the step.
        atol: the absolute error allowed.
        rtol: the error allowed relative to the numerical gradient.
        raise_exception: raise on failure, else return False.
        seed: of the checker's random numbers.
        nearby: False judges at the given inputs alone: for a function that is defined nowhere else.
        directions: so many random directions for each input instead of its elements;
            `nn.testing.assert_gradients_match` says what that can miss.

    Returns:
        True if every element agrees.

    Raises:
        GradcheckError: an element differs; the message names the worst one, and the mistake if it is a known one.

    Warns:
        KinkWarning: an input lies on a kink, where every slope between those of the two sides passes.

    Example:
        >>> import nn
        >>> x = nn.tensor([[0.3, -1.2]], dtype=nn.float64, requires_grad=True)
        >>> nn.testing.gradcheck(lambda x: (x.sigmoid() * x).sum(), x)
        True
    """
    settings = Settings(eps, atol, rtol, seed, nearby, directions)
    return _checked(fn, inputs, settings, 1, raise_exception)


def gradgradcheck(
    fn: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-6,
    rtol: float = 1e-4,
    raise_exception: bool = True,
    seed: int = 0,
    nearby: bool = True,
    directions: int | None = None,
) -> bool:
    """`gradcheck` of the gradient itself: differentiate twice, by the inputs and by the upstream gradient.

    Args and errors are those of `gradcheck`; the message says whether the first order is right.

    Example:
        >>> import nn
        >>> x = nn.tensor([0.3, -1.2], dtype=nn.float64, requires_grad=True)
        >>> nn.testing.gradgradcheck(lambda x: x**3, x)
        True
    """
    settings = Settings(eps, atol, rtol, seed, nearby, directions)
    return _checked(fn, inputs, settings, 2, raise_exception)


def _checked(fn: Callable[..., Any], inputs: Any, settings: Settings, order: int, raise_exception: bool) -> bool:
    given = [inputs] if isinstance(inputs, TensorBase) else list(inputs)
    checked = [i for i, t in enumerate(given) if isinstance(t, TensorBase) and t._needs_grad()]
    if not checked:
        raise GradcheckError("gradcheck: no input requires gradients; make them with requires_grad=True")
    for i in checked:
        if given[i]._array.dtype != np.float64:
            raise GradcheckError(
                f"gradcheck: input {i} is {given[i]._array.dtype}; differences need float64, use .double()"
            )

    def of_checked(*points: Any) -> Any:
        full = list(given)
        for i, point in zip(checked, points, strict=True):
            full[i] = point
        return fn(*full)

    labels = [f"gradcheck: input {i}" for i in checked]
    names = [f"input {i}" for i in checked]
    try:
        if order == 2:
            kinks = _second_order(of_checked, [given[i] for i in checked], labels, names, settings, "gradcheck")
        else:
            report = _examined(of_checked, [given[i] for i in checked], labels, names, settings)
            kinks = report.kinks()
            if not report.ok:
                raise GradcheckError(report.text("gradcheck"))
        if kinks:
            warnings.warn(KinkWarning(kinks), stacklevel=3)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def check_tensors(
    fn: Callable[..., Any],
    points: list[Any],
    labels: list[str],
    names: list[str],
    settings: Settings,
    order: int,
    caller: str,
    optional: frozenset[int] = frozenset(),
) -> str:
    """Check the first order, and the second if asked to; returns what is to be said of kinks.

    Raises:
        GradcheckError: a gradient differs.
    """
    report = _examined(fn, points, labels, names, settings, optional)
    if not report.ok:
        raise GradcheckError(report.text(caller))
    kinks = report.kinks()
    if order > 1:
        kinks = kinks or _second_order(fn, points, labels, names, settings, caller, optional)
    return kinks


def _second_order(
    fn: Callable[..., Any],
    points: list[Any],
    labels: list[str],
    names: list[str],
    settings: Settings,
    caller: str,
    optional: frozenset[int] = frozenset(),
) -> str:
    """Check the gradient of u . fn, by the points and by u."""
    stream = own_stream(settings.seed + 1)
    outputs = [o for o in _floats(fn(*points)) if o._needs_grad()]
    upstream = [wrap(np.asarray(stream.normal(size=o._array.shape)), requires_grad=True) for o in outputs]

    def gradient(*args: Any) -> Any:
        moved, vectors = args[: len(points)], args[len(points) :]
        results = [o for o in _floats(fn(*moved)) if o._needs_grad()]
        found = grad(results, list(moved), vectors, create_graph=True, allow_unused=True)
        return [g for g in found if g is not None]

    several = len(upstream) > 1
    heads = [f"{caller}: the gradient by output {i if several else 0}" for i in range(len(upstream))]
    kinds = [f"upstream gradient {i if several else 0}" for i in range(len(upstream))]
    report = _examined(gradient, [*points, *upstream], [*labels, *heads], [*names, *kinds], settings, optional)
    if not report.ok:
        first = _examined(fn, points, labels, names, settings, optional)
        order = "right, the gradient of the gradient (second order) is wrong" if first.ok else "wrong already"
        raise GradcheckError(f"{report.text(caller)}\n    the gradient of first order is {order}")
    return report.kinks()


def _examined(
    fn: Callable[..., Any],
    points: list[Any],
    labels: list[str],
    names: list[str],
    settings: Settings,
    optional: frozenset[int] = frozenset(),
) -> Report:
    complaints: list[str] = []

    def tensors(point: list[Array]) -> list[Any]:
        return [wrap(np.array(x), requires_grad=True) for x in point]

    def forward(point: list[Array]) -> list[Array]:
        return [np.array(o._array, np.float64) for o in outputs(tensors(point), point)]

    def outputs(moved: list[Any], point: list[Array]) -> list[Any]:
        found = _floats(fn(*moved))
        for name, tensor, x in zip(names, moved, point, strict=True):
            if tensor._array.shape != x.shape or not np.array_equal(tensor._array, x, equal_nan=True):
                said = f"the function changes its {name} in place; let it work on a copy"
                if said not in complaints:
                    complaints.append(said)
        return found

    def backward(point: list[Array], upstream: list[Array]) -> list[Any]:
        moved = tensors(point)
        pairs = [
            (o, wrap(np.array(u))) for o, u in zip(outputs(moved, point), upstream, strict=True) if o._needs_grad()
        ]
        found: tuple[Any, ...] = (None,) * len(moved)
        if pairs:
            found = grad([o for o, _ in pairs], moved, [u for _, u in pairs], allow_unused=True)
        return [
            g._array if g is not None else None if i in optional else np.zeros(x.shape)
            for i, (g, x) in enumerate(zip(found, point, strict=True))
        ]

    with_places = [(place, o) for place, o in leaves(fn(*points)) if _is_float(o)]
    return examine(
        Subject(
            forward=forward,
            backward=backward,
            point=[np.array(t._array, np.float64) for t in points],
            labels=labels,
            names=names,
            output_names=[f"output {place}" for place, _ in with_places],
            optional=optional,
            complaints=complaints,
        ),
        settings,
    )


def _is_float(value: Any) -> bool:
    return isinstance(value, TensorBase) and value._array.dtype.kind == "f"


def _floats(outputs: Any) -> list[Any]:
    return [o for _, o in leaves(outputs) if _is_float(o)]
