"""Function: an op of the user's own, whose forward and backward are written in tensors.

One node is recorded for a call. If the call has several results, the node is that of all of them joined to one vector,
and each result is a piece of it: so the backward gets the gradient by each, zeros for what was not used.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nn.autograd.grad_mode import no_grad
from nn.autograd.mode import mode
from nn.autograd.op import ForAll
from nn.autograd.tape import Node, TensorBase, tick, wrap
from nn.errors import GradError

__all__ = ["Function"]


class Context:
    """What forward leaves for backward: `ctx`, on which anything can be kept, tensors by `save_for_backward`.

    Attributes:
        needs_input_grad: for each argument of `apply` whether its gradient is needed.
        saved_tensors: the tensors that were saved.
    """

    def __init__(self, arguments: Sequence[Any]) -> None:
        self.needs_input_grad = tuple(isinstance(a, TensorBase) and a._needs_grad() for a in arguments)
        self.materialize = True
        self._saved: tuple[Any, ...] = ()
        self._constant: set[int] = set()
        self._node: Node | None = None  # while backward runs; else nothing here refers to the graph
        self._places: dict[int, int] = {}  # of the saved tensors, those that are results: which
        self._joined: Any = None
        self._pieces: Callable[[Any], list[Any]]

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors, arguments or results, for backward; None may stand among them."""
        self._saved = tensors

    def mark_non_differentiable(self, *results: Any) -> None:
        """Say of results that no gradient goes through them."""
        self._constant |= {id(result) for result in results}

    def mark_dirty(self, *tensors: Any) -> None:
        """Say of arguments that forward has changed them in place."""
        for tensor in tensors:
            tensor._touch()

    def set_materialize_grads(self, value: bool) -> None:
        """Whether backward gets zeros (True, as at first) or None for a result that was not used."""
        self.materialize = value

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The tensors that were saved; a result has its history again, so that backward can be differentiated."""
        if self._node is None or self._node.saved is None:
            raise GradError(
                "saved_tensors: they can be read in backward, once; pass retain_graph=True to the first backward to "
                "go through the graph twice"
            )
        return tuple(
            self._result(self._places[i]) if i in self._places else tensor for i, tensor in enumerate(self._saved)
        )

    def _result(self, number: int) -> Any:
        """A result again, with the history that it has while backward runs."""
        return self._pieces(wrap(self._joined, self._node))[number]


class Function:
    """An op of your own: write `forward` and `backward` as static methods, and call it by `apply`.

    `forward(ctx, *args)` computes tensors from tensors, unrecorded, and saves on `ctx` what `backward(ctx, *grads)`
    needs; that gets the gradient by each result and returns one for each argument (None for what has none). If it is
    written in tensors, gradients of gradients work. `forward(*args)` and `setup_context(ctx, inputs, output)` may be
    written apart.

    Raises:
        GradError: backward returned another number of gradients than there are arguments.

    Example:
        >>> import nn
        >>> class Square(nn.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         ctx.save_for_backward(x)
        ...         return x * x
        ...
        ...     @staticmethod
        ...     def backward(ctx, g):
        ...         (x,) = ctx.saved_tensors
        ...         return 2 * x * g
        >>> x = nn.tensor([1.0, 3.0], requires_grad=True)
        >>> Square.apply(x).sum().backward()
        >>> x.grad
        tensor([2., 6.])
    """

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the results; written by each subclass."""
        raise NotImplementedError("Function: write a static method forward(ctx, *args) that computes the results")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Save what backward needs, if `forward` takes no ctx; written by a subclass."""
        raise NotImplementedError("Function: write a static method setup_context(ctx, inputs, output)")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradient by each argument; written by each subclass."""
        raise NotImplementedError("Function: write a static method backward(ctx, *grad_outputs)")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run forward on the arguments, and record the call if one of them requires gradients."""
        ctx = Context(args)
        with no_grad():
            if cls.setup_context is Function.setup_context:
                results = cls.forward(ctx, *args)
            else:
                results = cls.forward(*args)
                cls.setup_context(ctx, args, results)
        recording = mode.grad
        if not recording or not any(ctx.needs_input_grad):
            return results
        several = isinstance(results, tuple | list)
        recorded = _recorded(cls, ctx, args, list(results) if several else [results])
        if callable(recording):
            for result in recorded:
                if isinstance(result, TensorBase) and result._node is not None:
                    recording(result, args)
        return type(results)(recorded) if several else recorded[0]


class _Call:
    """What a node takes for its op: the one rule of each argument asks for all gradients, and takes its own."""

    vjp: dict[str, Any] = {}  # noqa: RUF012  (nothing is ever put there)
    saves: tuple[str, ...] = ()
    part = None
    view = False

    def __init__(self, cls: type[Function], gradients: Callable[[Node, Any], Sequence[Any]], count: int) -> None:
        self.name = cls.__name__
        self.label = f"{cls.__name__}Backward"
        self.operands = tuple(f"saved tensor {i}" for i in range(count))
        self._gradients = gradients

    @property
    def rules(self) -> ForAll:
        """Made when it is asked for: kept here, its method would be a reference from the call to itself."""
        return ForAll(self._rule)

    def _rule(self, slots: list[Any], node: Node, position: int) -> Any:
        if not isinstance(slots[-1], _Found):
            slots.append(_Found(self._gradients(node, slots[0])))
        return slots[-1].gradients[position]


class _Found:
    """The gradients by all arguments, found when the first is asked for."""

    def __init__(self, gradients: Sequence[Any]) -> None:
        self.gradients = gradients


def _recorded(cls: type[Function], ctx: Context, args: tuple[Any, ...], results: list[Any]) -> list[Any]:
    """The results with their history."""
    places = [
        i
        for i, r in enumerate(results)
        if isinstance(r, TensorBase) and r._array.dtype.kind == "f" and id(r) not in ctx._constant
    ]
    if not places:
        return results
    ctx._places = {
        i: number
        for i, saved in enumerate(ctx._saved)
        for number, place in enumerate(places)
        if saved is results[place] and not any(saved is a for a in args)
    }
    kept = tuple(None if i in ctx._places else saved for i, saved in enumerate(ctx._saved))
    ctx._saved = kept
    arrays = [results[i]._array for i in places]
    joined = arrays[0] if len(places) == 1 else np.concatenate([array.reshape(-1) for array in arrays])
    pieces = functools.partial(_pieces, shapes=[array.shape for array in arrays])
    node = Node()
    node.op = _Call(cls, functools.partial(_gradients, cls, ctx, pieces, len(results), places), len(kept))
    node.attributes, node.saved, node.order = {}, kept, tick()
    node.edges = [a._node or a if needs else None for a, needs in zip(args, ctx.needs_input_grad, strict=True)]
    node.shape, node.dtype = joined.shape, joined.dtype
    ctx._joined, ctx._pieces = joined, pieces
    for place, piece in zip(places, pieces(wrap(joined, node)), strict=True):
        results[place] = piece
    return results


def _pieces(joined: Any, shapes: Sequence[tuple[int, ...]]) -> list[Any]:
    """The results, of the vector that they are joined to; a single one is its own."""
    if len(shapes) == 1:
        return [joined]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    starts = [0, *ends[:-1].tolist()]
    return [joined[a:b].reshape(shape) for a, b, shape in zip(starts, ends.tolist(), shapes, strict=True)]


def _gradients(
    cls: type[Function],
    ctx: Context,
    pieces: Callable[[Any], list[Any]],
    count: int,
    places: Sequence[int],
    node: Node,
    g: Any,
) -> Sequence[Any]:
    """The gradients by the arguments: arrays where g is one, else tensors."""
    plain = not isinstance(g, TensorBase)
    by_result: list[Any] = [None] * count
    for place, piece in zip(places, pieces(wrap(g) if plain else g), strict=True):
        by_result[place] = piece
    ctx._node = node
    try:
        if plain:
            with no_grad():
                found = cls.backward(ctx, *by_result)
        else:
            found = cls.backward(ctx, *by_result)
    finally:
        ctx._node = None
    found = found if isinstance(found, tuple | list) else (found,)
    edges = len(node.edges)
    if len(found) != edges and not (len(found) > edges and all(g is None for g in found[edges:])):
        raise GradError(
            f"{cls.__name__}.backward: returned {len(found)} gradients, but apply got {edges} arguments; "
            "return one for each, None where there is none"
        )
    return [by._array if plain and isinstance(by, TensorBase) else by for by in found]
