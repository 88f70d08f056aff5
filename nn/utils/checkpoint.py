"""Activation checkpointing: keep the inputs of a part of the model alone, and compute the rest again for backward."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable
from typing import Any

from nn.autograd.backward import reachable, release
from nn.autograd.grad_mode import enable_grad, is_grad_enabled
from nn.autograd.tape import Node, TensorBase, tick, wrap
from nn.errors import GradError
from nn.rng import default_generator

__all__ = ["checkpoint", "checkpoint_sequential"]


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """`function(*args, **kwargs)`, whose intermediate results are freed, and computed again by backward.

    Saves memory for the price of a second forward. Gradients reach arguments and parameters as without it, at any
    order. Nothing but the graph itself is kept: when backward first needs a result inside, the function runs again.

    Args:
        function: computes tensors from tensors; run a second time it must do the same.
        args: passed on.
        use_reentrant: without effect: there is one way here, which does all that both of PyTorch's do.
        preserve_rng_state: run the second time with the random numbers of the first (dropout).
        kwargs: passed on.

    Raises:
        GradError: in backward, if the function did not repeat itself.

    Example:
        >>> import nn
        >>> x = nn.tensor([0.5], requires_grad=True)
        >>> y = nn.utils.checkpoint.checkpoint(lambda x: x.exp().sin(), x)
        >>> y.backward()
        >>> x.grad
        tensor([-0.1283])

    References:
        Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016.
    """
    if not is_grad_enabled():
        return function(*args, **kwargs)
    state = default_generator.numpy.bit_generator.state if preserve_rng_state else None
    start = tick()
    result = function(*args, **kwargs)
    repeat = _Repeat(lambda: function(*args, **kwargs), state)
    for place, node in enumerate(_made_since(start, result)):
        if node.saved or node.result is not None or node.op.saves:
            release(node)
            node.recall = functools.partial(repeat.give, place)
    return result


def checkpoint_sequential(
    functions: Iterable[Callable[[Any], Any]],
    segments: int,
    input: Any,
    use_reentrant: bool | None = None,
    **kwargs: Any,
) -> Any:
    """A chain of layers in `segments` parts, of which each but the last is a `checkpoint`.

    Args:
        functions: an `nn.Sequential`, or a list of functions of one argument.
        segments: the number of parts.
        input: what the first function gets.
        use_reentrant, kwargs: see `checkpoint`.

    Example:
        >>> import nn
        >>> layers = [nn.sin, nn.exp, nn.cos]
        >>> x = nn.tensor([0.5], requires_grad=True)
        >>> nn.utils.checkpoint.checkpoint_sequential(layers, 2, x).backward()
        >>> x.grad
        tensor([-1.4160])
    """
    layers = list(functions)
    size = max(len(layers) // segments, 1)
    starts = range(0, size * (segments - 1), size)
    for start in starts:
        input = checkpoint(functools.partial(_chain, layers[start : start + size]), input, **kwargs)
    return _chain(layers[len(starts) * size :], input)


def _chain(layers: list[Callable[[Any], Any]], value: Any) -> Any:
    for layer in layers:
        value = layer(value)
    return value


def _made_since(start: int, result: Any) -> list[Node]:
    """The nodes behind the results that were made after the tick, oldest first."""
    results = result if isinstance(result, tuple | list) else [result]
    roots = [r._node for r in results if isinstance(r, TensorBase) and r._node is not None]
    return [node for node in reversed(reachable(roots)) if node.order > start]


class _Repeat:
    """Runs the function again when the first of its nodes asks, and gives each what the node in its place saved."""

    def __init__(self, function: Callable[[], Any], state: Any) -> None:
        self._function = function
        self._state = state
        self._found: dict[int, Node] = {}

    def give(self, place: int, node: Node) -> None:
        """Put back what the node gave away; what was computed has the node's own history."""
        if place not in self._found:
            self._found = dict(enumerate(self._run()))
        twin = self._found.pop(place, None)
        if twin is None or twin.op is not node.op or twin.shape != node.shape:
            raise GradError(
                f"checkpoint: run again for backward, the function did not repeat its {node.op.name} of shape "
                f"{node.shape}; it must do the same each time it is called"
            )
        node.saved = [
            wrap(operand._array, edge) if edge.__class__ is Node and isinstance(operand, TensorBase) else operand
            for operand, edge in itertools.zip_longest(twin.saved or (), node.edges if twin.saved else ())
        ]
        node.result, node.memory = twin.result, twin.memory
        node.attributes.update({name: twin.attributes[name] for name in node.op.saves})

    def _run(self) -> list[Node]:
        generator = default_generator.numpy.bit_generator
        state = generator.state
        if self._state is not None:
            generator.state = self._state
        try:
            start = tick()
            with enable_grad():
                return _made_since(start, self._function())
        finally:
            generator.state = state
