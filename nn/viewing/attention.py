"""Attention: the weights that a model gives its keys, taken from its forward, and drawn with the tokens beside them."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Any

from nn.autograd.grad_mode import enable_grad
from nn.autograd.mode import Watcher, mode
from nn.autograd.tape import Node
from nn.errors import RangeError, ShapeError
from nn.modules.module import Module
from nn.tensors.tensor import Tensor
from nn.viewing import layout
from nn.viewing.arrays import Array, as_array, labels_of
from nn.viewing.layout import Part, coloured, placed, plot, text
from nn.viewing.looking import evaluating, named_modules
from nn.viewing.picture import Picture

__all__ = ["attention_weights", "draw_attention"]


def attention_weights(model: Module, *inputs: Any) -> dict[str, Array]:
    """The weights of every attention in a model, by the name of the layer: how much each query takes of each key.

    Attention is a softmax that a matrix of values is multiplied by, wherever the model does that; its code stays as it
    is. The model is run in evaluation mode, and left as it was.

    Args:
        model: any module.
        inputs: what it is called with.

    Returns:
        The weights; a layer that attends several times has its name with ".2", ".3" behind from the second on.

    Shape:
        Each (N, heads, L, S) where there are heads, else (N, L, S); rows sum to 1.

    Raises:
        TypeError: the model is no module.
        RangeError: nothing in the model attends.

    Example:
        >>> import nn
        >>> layer = nn.TransformerEncoderLayer(8, 2, batch_first=True)
        >>> {name: weights.shape for name, weights in nn.viewing.attention_weights(layer, nn.zeros(1, 5, 8)).items()}
        {'self_attn': (1, 2, 5, 5)}
    """
    where = "attention_weights"
    names = named_modules(where, model)
    running: list[str] = []
    found: dict[str, Array] = {}
    calls: dict[str, int] = {}

    def watch(result: Any, operands: Sequence[Any]) -> None:
        first = operands[0] if operands else None
        if result._node.op.name != "matmul" or not isinstance(first, Tensor) or first.ndim < 3:
            return
        if _is_softmax(first._node):
            name = running[-1] if running else ""
            calls[name] = calls.get(name, 0) + 1
            found[name if calls[name] == 1 else f"{name}.{calls[name]}"] = first.detach().numpy().copy()

    handles = []
    for name, part in names:
        handles.append(part.register_forward_pre_hook(lambda _part, _args, name=name: running.append(name)))
        handles.append(part.register_forward_hook(lambda _part, _args, _output: _pop(running)))
    try:
        with evaluating(model), _all_recorded(model), enable_grad(), _watching(watch):
            model(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    if not found:
        raise RangeError(
            f"{where}: nothing in {type(model).__name__} attends: no softmax multiplies a matrix of values"
        )
    return found


def _pop(running: list[str]) -> None:
    running.pop()


def _is_softmax(node: Node | None) -> bool:
    """Whether a softmax was made here; the weights of a query without keys are set to 0 behind it."""
    while node is not None and node.op.name == "where":
        node = next((edge for edge in node.edges if isinstance(edge, Node)), None)
    return node is not None and node.op.name == "softmax"


@contextlib.contextmanager
def _watching(watch: Watcher) -> Iterator[None]:
    """Call the function with each result that is recorded."""
    before = mode.watcher, mode.grad
    mode.watcher = mode.grad = watch
    try:
        yield
    finally:
        mode.watcher, mode.grad = before


@contextlib.contextmanager
def _all_recorded(model: Module) -> Iterator[None]:
    """Frozen parameters require gradients for once, since nothing is recorded where none does."""
    frozen = [parameter for parameter in model.parameters() if not parameter.requires_grad]
    for parameter in frozen:
        parameter.requires_grad_(True)
    try:
        yield
    finally:
        for parameter in frozen:
            parameter.requires_grad_(False)


def draw_attention(
    weights: Any,
    tokens: Sequence[Any] | None = None,
    keys: Sequence[Any] | None = None,
    *,
    sample: int = 0,
    title: str = "",
) -> Picture:
    """Draw the weights of one sample: a map for each head, a row for each query, a column for each key, in one scale.

    Args:
        weights: of one layer, as `attention_weights` gives them.
        tokens: a text for each query; their numbers by default.
        keys: a text for each key; `tokens` where there are as many.
        sample: which of the batch.
        title: above all.

    Shape:
        weights (N, heads, L, S), (N, L, S) or (L, S).

    Raises:
        ShapeError: these are no weights, there is no such sample, or not as many tokens as queries or keys.

    Example:
        >>> import nn
        >>> picture = nn.viewing.draw_attention([[1.0, 0.0], [0.4, 0.6]], ["the", "cat"])
    """
    where = "draw_attention"
    array = as_array(where, "weights", weights)
    if array.ndim not in (2, 3, 4) or not array.size:
        raise ShapeError(f"{where}: weights must be (N, heads, L, S), (N, L, S) or (L, S), got {array.shape}")
    if array.ndim > 2 and not -len(array) <= sample < len(array):
        raise ShapeError(f"{where}: sample must be one of {len(array)}, got {sample}")
    heads = array[sample] if array.ndim > 2 else array
    heads = heads[None] if heads.ndim == 2 else heads
    count, length, size = heads.shape
    down = labels_of(where, "tokens", tokens, length)
    across = labels_of(where, "keys", keys, size) or (down if size == length else None)
    side = max(2, min(24, (480 if count == 1 else 240) // max(length, size)))
    high = float(heads.max())
    maps: list[Part] = []
    top = left = 0
    columns = min(count, math.ceil(math.sqrt(count)), 4)
    for number, head in enumerate(heads):
        field = coloured(head, "viridis", 0, high).repeat(side, 0).repeat(side, 1)
        drawn = plot(
            field,
            title=f"head {number}" if count > 1 else "",
            left=[(token, (i + 0.5) * side) for i, token in enumerate(down or layout.numbers(length))],
            bottom=[(token, (j + 0.5) * side) for j, token in enumerate(across or layout.numbers(size))],
            left_label="query",
            bottom_label="key",
            bar=layout.colour_bar("viridis", 0, high, field.shape[0], "weight") if number == columns - 1 else (),
        )
        maps.append((drawn, top, left))
        left += drawn.shape[1]
        if number % columns == columns - 1:
            top, left = top + drawn.shape[0], 0
    words = text(title)
    return Picture(placed([(words, -layout.LINE - layout.GAP, 0), *maps]))
