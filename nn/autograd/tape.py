"""The tape: a tensor is an array that remembers the node that made it, and a node is one call of one op.

    x ──► [Node mul] ──► t ──► [Node sum] ──► loss          (a node hangs on its output, an edge points backwards)

`TensorBase` knows no arithmetic; `nn.tensors.tensor.Tensor` has the operators and registers itself here. Nodes point
only at older nodes and never at their own output, so a graph has no cycles: what is unreachable is freed at once.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nn.autograd import naming
from nn.autograd.hooks import Hooks

__all__: list[str] = []

Array: TypeAlias = NDArray[Any]

tick = itertools.count(1).__next__
"""Ticks at every node and at every change in place: so "changed since" is one comparison of two integers."""


class Memory:
    """What tensors of one memory share: when it was last changed in place, and which tensors are views in it."""

    changes = 0
    """How often it was changed in place."""
    changed = 0
    """By `tick`: a node that saved the memory's contents earlier than this no longer has what it saved."""
    views: list[weakref.ref[TensorBase]] | None = None
    """Oldest first, so that a view follows what it is a view of."""
    _room = 8

    def remember(self, view: TensorBase) -> None:
        """Note a further view; those that are gone are forgotten whenever their number has doubled."""
        views = self.views
        if views is None:
            self.views = [weakref.ref(view)]
            return
        views.append(weakref.ref(view))
        if len(views) > self._room:
            self.views = [ref for ref in views if ref() is not None]
            self._room = 2 * len(self.views) + 8


class View(NamedTuple):
    """The call by which a tensor reads another one's memory."""

    base: TensorBase
    op: Any
    attributes: dict[str, Any]
    recorded: bool
    """Whether it was made while recording."""
    several: bool = False
    """Whether it is one of the pieces that one call cut: `split`, `unbind`, iteration."""


class _TensorDefaults:
    """What most tensors never change: kept on the class, so that making a tensor sets three slots."""

    __slots__ = ()
    _requires_grad = False
    _shared: Memory | None = None
    _view: View | None = None
    _hooks: Hooks | None = None
    _after: Hooks | None = None
    _grad: Any = None


class TensorBase(_TensorDefaults):
    """An array on the tape: its data, the node that made it, and its place for a gradient."""

    __slots__ = ("__dict__", "__weakref__", "_array", "_node")

    _array: Array
    _node: Node | None

    def _needs_grad(self) -> bool:
        """Whether this tensor, or one behind the node that made it, requires a gradient."""
        return self._node is not None or self._requires_grad

    def _memory(self) -> Memory:
        """One for all tensors that share the memory."""
        if self._shared is None:
            self._shared = Memory()
        return self._shared

    def _touch(self) -> None:
        """The memory has been changed in place."""
        memory = self._shared or self._memory()
        memory.changed = tick()
        memory.changes += 1

    @property
    def _version(self) -> int:
        return self._memory().changes


class _NodeDefaults:
    """What few nodes have: kept on the class, as with tensors."""

    __slots__ = ()
    hooks: Hooks | None = None
    """Called with the gradient by the result, when it is known."""
    recall: Callable[[Node], None] | None = None
    """Computes again what the node had saved and freed (see `nn.utils.checkpoint`)."""
    result: Array | None = None
    """The op's result, if a rule names it."""
    memory: Memory | None = None
    """The memory of the result, if a rule names the result."""
    made_at: str | None = None
    """The line of the user's that made it (see `detect_anomaly`)."""
    nan: str | None = None
    """Whether the result has a nan, then noted too: "made" of operands without, or "passed" on."""


class Node(_NodeDefaults):
    """One call of an op: what its rules will need, and where the gradients of its operands go."""

    __slots__ = (
        "__dict__",
        "attributes",
        "dtype",
        "edges",
        "op",
        "order",
        "saved",
        "shape",
    )

    op: Any
    """The `nn.autograd.op.Op` that was called."""
    saved: Sequence[Any] | None
    """The operands that a rule names, as they were passed, and None for the others; None once they were freed."""
    attributes: dict[str, Any]
    edges: list[Edge | None]
    order: int
    """When the node was made: later than its operands."""
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def name(self) -> str:
        """The op's name, as PyTorch writes it: `MulBackward0`."""
        label: str | None = getattr(self.op, "label", None)  # a user's own function has one
        return label or naming.of(self.op.name, len(self.shape), self.attributes)

    def __repr__(self) -> str:
        return f"<{self.name()} {self.shape}>"

    @property
    def next_functions(self) -> tuple[tuple[Edge | None, int], ...]:
        """The nodes (or leaf tensors) that the gradients of the operands go to, in PyTorch's form."""
        return tuple((edge, 0) for edge in self.edges)


Edge: TypeAlias = "Node | TensorBase"
"""Where a gradient goes: to the node that made the operand, or to the operand itself if it is a leaf."""

tensor_class: Any = TensorBase

_new, _ARRAY = object.__new__, np.ndarray


def register_tensor_class(cls: type[Any]) -> None:
    """Make `cls` what ops return; called once, by `nn.tensors.tensor`."""
    global tensor_class
    tensor_class = cls


def wrap(array: Any, node: Node | None = None, *, requires_grad: bool = False) -> Any:
    """A tensor around `array`, without a copy."""
    tensor = _new(tensor_class)
    tensor._array = array if array.__class__ is _ARRAY else np.asarray(array)
    tensor._node = node
    if requires_grad:
        tensor._requires_grad = True
    return tensor
