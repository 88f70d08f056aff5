"""Derivatives of functions, by functions: `nn.func.jvp` and its kin, with the names of `torch.func`.

Forward mode needs no second table of derivatives. A vector-Jacobian product is linear in its vector g, and its rules
are made of ops, so it can be differentiated by g like any other function: the derivative of <J^T g, v> by g is J v.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn.autograd.backward import grad
from nn.autograd.grad_mode import enable_grad
from nn.errors import ShapeError
from nn.functional.creation import zeros_like
from nn.tensor import Tensor

__all__ = ["jvp"]


def jvp(func: Callable[..., Any], primals: tuple[Tensor, ...], tangents: tuple[Tensor, ...]) -> tuple[Any, Any]:
    """The value and the Jacobian-vector product J v, of `func` at `primals` in the direction `tangents`.

    Args:
        func: from tensors to a tensor, or to a tuple of them.
        primals: the arguments, as a tuple.
        tangents: the direction, a tensor of each argument's shape.

    Returns:
        (value, product), each as `func` returns it.

    Raises:
        ShapeError: a tangent is not shaped as its primal.

    Example:
        >>> import nn
        >>> nn.func.jvp(nn.sin, (nn.tensor(0.0),), (nn.tensor(2.0),))
        (tensor(0.), tensor(2.))

    References:
        Townsend, A New Trick for Calculating Jacobian Vector Products, 2017.
    """
    for i, (x, v) in enumerate(zip(primals, tangents, strict=True)):
        if x.shape != v.shape:
            raise ShapeError(f"jvp: tangent {i} has shape {v.shape}, its primal has {x.shape}; make them equal")
    with enable_grad():
        inputs = [x.detach().requires_grad_() for x in primals]
        value = func(*inputs)
        outputs = list(value) if isinstance(value, tuple) else [value]
        vectors = [zeros_like(y).requires_grad_() for y in outputs]
        free = [i for i, y in enumerate(outputs) if y.requires_grad]
        products: list[Any] = [zeros_like(y) for y in outputs]
        if free:
            back = grad(
                [outputs[i] for i in free], inputs, [vectors[i] for i in free], create_graph=True, allow_unused=True
            )
            used = [(g, v) for g, v in zip(back, tangents, strict=True) if g is not None and g.requires_grad]
            if used:
                gs, vs = zip(*used, strict=True)
                pushed = grad(gs, [vectors[i] for i in free], vs, allow_unused=True)
                products = [zeros_like(y) for y in outputs]
                for i, p in zip(free, pushed, strict=True):
                    products[i] = products[i] if p is None else p
    outputs = [y.detach() for y in outputs]
    return (tuple(outputs), tuple(products)) if isinstance(value, tuple) else (outputs[0], products[0])
