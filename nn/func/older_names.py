"""`nn.autograd.functional`: derivatives of functions by the names that PyTorch had before `torch.func`.

Each takes the function and its inputs, a tensor or a tuple of tensors, and returns numbers, not a function. With
`create_graph` the results can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn.autograd.backward import grad
from nn.autograd.grad_mode import enable_grad
from nn.errors import GradError, ShapeError
from nn.tensors.creation import ones_like, zeros_like
from nn.tensors.joining import stack
from nn.tensors.tensor import Tensor

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The derivative of each element of the result by each element of the inputs.

    Args:
        func: takes the inputs and returns a tensor or a tuple of tensors.
        inputs: a tensor or a tuple of tensors.
        create_graph: record the derivatives too.
        strict: refuse a result that does not depend on an input, instead of giving zeros.
        vectorize: no effect.
        strategy: no effect.

    Shape:
        one result, one input -> (*result, *input); tuples make tuples, results outside.

    Raises:
        GradError: strict, and a result does not depend on an input.

    Example:
        >>> import nn
        >>> nn.autograd.functional.jacobian(lambda x: x**2, nn.tensor([1.0, 3.0]))
        tensor([[2., 0.],
                [0., 6.]])
    """
    points, results = _run(func, inputs, create_graph, "jacobian")
    rows = [_jacobian(result, points, create_graph, strict) for result in _several(results)]
    blocks = [row if isinstance(inputs, tuple) else row[0] for row in rows]
    return tuple(blocks) if isinstance(results, tuple) else blocks[0]


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The second derivatives of a function with one number as its result; arguments as those of `jacobian`.

    Example:
        >>> import nn
        >>> nn.autograd.functional.hessian(lambda x: (x**3).sum(), nn.tensor([1.0, 2.0]))
        tensor([[ 6.,  0.],
                [ 0., 12.]])
    """

    def slope(*points: Tensor) -> Any:
        found = _gradients(func(*points), points, None, True, strict)
        return found if isinstance(inputs, tuple) else found[0]

    return jacobian(slope, inputs, create_graph, strict)


def vjp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The result of `func`, and v^T J; v is shaped as the result, and may be left out for one number.

    Example:
        >>> import nn
        >>> nn.autograd.functional.vjp(lambda x: x.exp(), nn.zeros(2), nn.tensor([1.0, 2.0]))
        (tensor([1., 1.]), tensor([1., 2.]))
    """
    points, results = _run(func, inputs, create_graph, "vjp")
    found = _gradients(results, points, v, create_graph, strict)
    return _given(results, create_graph), found if isinstance(inputs, tuple) else found[0]


def jvp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The result of `func`, and J v; v is shaped as the inputs.

    Example:
        >>> import nn
        >>> nn.autograd.functional.jvp(lambda x: x**2, nn.tensor([1.0, 3.0]), nn.tensor([1.0, 1.0]))
        (tensor([1., 9.]), tensor([2., 6.]))
    """
    points, results = _run(func, inputs, create_graph, "jvp")
    found = []
    for result in _several(results):
        u = zeros_like(result, requires_grad=True)  # u^T J is linear in u, and its derivative along v is J v
        pulled = _gradients(result, points, u, True, strict)
        vectors = _vectors(v, points, "jvp")
        found.append(_gradients(tuple(pulled), (u,), tuple(vectors), create_graph, False)[0])
    return _given(results, create_graph), tuple(found) if isinstance(results, tuple) else found[0]


def vhp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The value of `func`, one number, and v^T H.

    Example:
        >>> import nn
        >>> nn.autograd.functional.vhp(lambda x: (x**3).sum(), nn.tensor([1.0, 2.0]), nn.ones(2))
        (tensor(9.), tensor([ 6., 12.]))
    """
    points, value = _run(func, inputs, True, "vhp")
    slopes = _gradients(value, points, None, True, strict)
    found = _gradients(tuple(slopes), points, tuple(_vectors(v, points, "vhp")), create_graph, strict)
    return _given(value, create_graph), found if isinstance(inputs, tuple) else found[0]


def hvp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The value of `func`, one number, and H v, which is v^T H since H is symmetric.

    Example:
        >>> import nn
        >>> nn.autograd.functional.hvp(lambda x: (x**3).sum(), nn.tensor([1.0, 2.0]), nn.ones(2))
        (tensor(9.), tensor([ 6., 12.]))
    """
    return vhp(func, inputs, v, create_graph, strict)


def _several(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)


def _run(func: Callable[..., Any], inputs: Any, create_graph: bool, caller: str) -> tuple[tuple[Tensor, ...], Any]:
    """The inputs as points that gradients can be taken at, and the result there."""
    points = _several(inputs)
    for point in points:
        if not isinstance(point, Tensor):
            raise TypeError(f"{caller}: inputs must be a tensor or a tuple of tensors, got {type(point).__name__}")
    with enable_grad():
        points = tuple(
            p.view_as(p) if create_graph and p.requires_grad else p.detach().requires_grad_() for p in points
        )
        return points, func(*points)


def _gradients(
    results: Any, points: tuple[Tensor, ...], v: Any, create_graph: bool, strict: bool
) -> tuple[Tensor, ...]:
    """The gradients by the points, zeros where a result does not depend on one."""
    vectors = [None] * len(_several(results)) if v is None else list(_several(v))
    linked = [(r, u) for r, u in zip(_several(results), vectors, strict=True) if r.requires_grad]
    found: tuple[Any, ...] = (None,) * len(points)
    with enable_grad():
        if linked:
            roots, seeds = zip(*linked, strict=True)
            found = grad(roots, points, seeds, True, create_graph, allow_unused=True)
    if strict and any(g is None for g in found):
        raise GradError(
            "autograd.functional: a result does not depend on an input; pass strict=False to get zeros for it"
        )
    return tuple(zeros_like(p) if g is None else g for g, p in zip(found, points, strict=True))


def _jacobian(result: Tensor, points: tuple[Tensor, ...], create_graph: bool, strict: bool) -> tuple[Tensor, ...]:
    flat = result.reshape(-1)
    rows = [_gradients(flat[i], points, None, create_graph, strict) for i in range(flat.numel())]
    if not rows:
        return tuple(zeros_like(p).reshape(*p.shape)[None][:0].reshape(*result.shape, *p.shape) for p in points)
    return tuple(stack(column).reshape(*result.shape, *column[0].shape) for column in zip(*rows, strict=True))


def _vectors(v: Any, points: tuple[Tensor, ...], caller: str) -> list[Tensor]:
    vectors = [ones_like(p) for p in points] if v is None else list(_several(v))
    if v is None and any(p.numel() != 1 for p in points):
        raise GradError(f"{caller}: v can be left out only for an input of one number; give it, shaped as the inputs")
    if [tuple(u.shape) for u in vectors] != [tuple(p.shape) for p in points]:
        raise ShapeError(
            f"{caller}: v must be shaped as the inputs, {[tuple(p.shape) for p in points]}; "
            f"got {[tuple(u.shape) for u in vectors]}"
        )
    return vectors


def _given(value: Any, create_graph: bool) -> Any:
    """The result as it is handed out: without its history, unless that is asked for."""
    if create_graph:
        return value
    return tuple(r.detach() for r in value) if isinstance(value, tuple) else value.detach()
