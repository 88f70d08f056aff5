"""Backward: walk the nodes newest first, hand each its gradient, and let its rules pass gradients on to older nodes.

Order of creation is a topological order: a node's operands existed before it. So when a node's turn comes, every node
that used its result has been walked, and its gradient is complete. No recursion, no search: linear in the nodes.
"""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from nn.autograd import complaints, hooks
from nn.autograd.grad_mode import enable_grad, no_grad
from nn.autograd.hooks import LAST
from nn.autograd.mode import constant, mode, quietly
from nn.autograd.op import edge_shape
from nn.autograd.parts import Parts
from nn.autograd.tape import Array, Edge, Memory, Node, TensorBase, wrap
from nn.errors import DtypeError, GradError, ShapeError
from nn.kernels.reduction import sum_to_size

__all__ = ["backward", "grad"]

_ARRAY = np.ndarray
_AS_IT_IS = contextlib.nullcontext()
"""For a walk that computes with arrays, of which nothing is recorded."""
_order = operator.attrgetter("order")


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Add the gradient of the sum of `tensors` with respect to every leaf into that leaf's `.grad`.

    Args:
        tensors: a tensor, or a sequence of them.
        grad_tensors: the gradient by each of them; None for a scalar, where it is 1.
        retain_graph: keep what the graph has saved, for another backward. Default: `create_graph`.
        create_graph: record the gradients too, so that they can be differentiated again.
        grad_variables: an older name of `grad_tensors`.
        inputs: the tensors whose `.grad` is added to; None for every leaf.

    Raises:
        GradError: nothing requires gradients; not a scalar; the graph was used up; `inputs` is empty or unused.

    Example:
        >>> import nn
        >>> x, w = nn.tensor(2.0, requires_grad=True), nn.tensor(3.0, requires_grad=True)
        >>> nn.autograd.backward([x * w, w * w], inputs=[w])
        >>> x.grad, w.grad
        (None, tensor(8.))
    """
    roots = [tensors] if isinstance(tensors, TensorBase) else list(tensors)
    gradients = grad_variables if grad_tensors is None else grad_tensors
    if gradients is None:
        gradients = [None] * len(roots)
    elif isinstance(tensors, TensorBase) or isinstance(gradients, TensorBase):
        gradients = [gradients]
    if len(gradients) != len(roots):
        raise GradError(f"backward: expected {len(roots)} grad_tensors, one for each tensor; got {len(gradients)}")
    as_tensors = create_graph or mode.recorder is not None
    seeds, given = [], set()
    for root, gradient in zip(roots, gradients, strict=True):
        edge, seed = _root(root, gradient, "backward", as_tensors)
        seeds.append((edge, seed))
        given.add(id(seed._array if as_tensors else seed))
    wanted = None if inputs is None else _named_inputs(inputs)
    retain = create_graph if retain_graph is None else retain_graph
    try:
        if wanted is None:
            leaves = _walk(seeds, retain, create_graph, None, given)
        else:
            found = _walk(seeds, retain, create_graph, set(wanted))
            leaves = {tensor: found[edge] for edge, tensor in wanted.items() if edge in found}
        _accumulate(leaves, as_tensors, create_graph, given)
    except BaseException:
        hooks.ending.clear()
        raise
    if hooks.ending:
        callbacks = hooks.ending[:]
        hooks.ending.clear()
        for callback in callbacks:
            callback()


def _accumulate(gradients: dict[Any, Any], as_tensors: bool, create_graph: bool, given: set[int]) -> None:
    """Add gradients to the `.grad` of leaves and call the hooks that wait; `given` has the arrays that others hold."""
    for leaf, g in gradients.items():
        if leaf._node is None:
            if not leaf._requires_grad:
                continue  # frozen since the forward
        elif LAST in (leaf._node.hooks or ()):
            continue  # retained, which has added it already
        of_leaf, before = leaf._hooks, leaf._grad
        if of_leaf:
            g = _hooked(of_leaf, g, as_tensors)
        array = g._array if as_tensors else g
        # own memory: never a view, nor an array that another leaf, a hook or the caller holds too
        shared = array.base is not None or id(array) in given or of_leaf
        if as_tensors:
            with enable_grad() if create_graph else no_grad():
                if before is None:
                    leaf._grad = g.clone() if shared else g
                else:
                    leaf._grad = before + g if create_graph else before.add_(g)
            array = leaf._grad._array
        elif before is None:
            if shared:
                array = array.copy()
            leaf._grad = wrap(array)
        else:
            array = before._array
            np.add(array, g, out=array)
            before._touch()
        given.add(id(array))
        if leaf._after:
            if mode.recorder is not None:
                mode.recorder.refuse("a hook on a gradient is called")
            for _, hook in sorted(leaf._after.items()):
                hook(leaf)


def _named_inputs(inputs: Any) -> dict[Edge, TensorBase]:
    """The edges that the given tensors are at, and the tensors."""
    named = [inputs] if isinstance(inputs, TensorBase) else list(inputs)
    if not named:
        raise GradError("backward: inputs is empty; leave it out for the gradients of all leaves")
    for number, tensor in enumerate(named):
        if not tensor._needs_grad():
            raise GradError(f"backward: input {number} does not require gradients; make it with requires_grad=True")
    return {tensor._node or tensor: tensor for tensor in named}


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    *,
    only_inputs: bool = True,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of the sum of `outputs` with respect to `inputs`; no `.grad` is touched.

    Args:
        outputs: a tensor, or a sequence of them.
        inputs: a tensor, or a sequence of them.
        grad_outputs: the gradient by each output (the vector of the vector-Jacobian product); None for a scalar output.
        retain_graph: keep what the graph has saved, for another backward. Default: `create_graph`.
        create_graph: record the gradients too, so that they can be differentiated again.
        allow_unused: give None for an input that the outputs do not depend on, instead of an error.
        only_inputs: True, the one way there is.
        materialize_grads: give zeros for such an input.

    Returns:
        A tuple with one tensor for each input.

    Raises:
        GradError: an input does not require gradients, or is unused.

    Example:
        >>> import nn
        >>> x = nn.tensor(3.0, requires_grad=True)
        >>> (slope,) = nn.grad(x**3, x, create_graph=True)
        >>> slope.item(), nn.grad(slope, x)[0].item()
        (27.0, 18.0)
    """
    outputs = [outputs] if isinstance(outputs, TensorBase) else list(outputs)
    inputs = [inputs] if isinstance(inputs, TensorBase) else list(inputs)
    if grad_outputs is None:
        grad_outputs = [None] * len(outputs)
    elif isinstance(grad_outputs, TensorBase):
        grad_outputs = [grad_outputs]
    if len(grad_outputs) != len(outputs):
        raise GradError(f"grad: expected {len(outputs)} grad_outputs, one for each output; got {len(grad_outputs)}")
    for number, tensor in enumerate(inputs):
        if not tensor._needs_grad():
            raise GradError(f"grad: input {number} does not require gradients; make it with requires_grad=True")
    targets: list[Edge] = [tensor._node or tensor for tensor in inputs]
    as_tensors = create_graph or mode.recorder is not None
    roots = [_root(o, g, "grad", as_tensors) for o, g in zip(outputs, grad_outputs, strict=True)]
    found = _walk(roots, create_graph if retain_graph is None else retain_graph, create_graph, set(targets))
    gradients = []
    for number, target in enumerate(targets):
        g = found.get(target)
        if g is None and materialize_grads:
            g = np.zeros(inputs[number]._array.shape, inputs[number]._array.dtype)
            g = wrap(g) if as_tensors else g
        if g is None and not allow_unused:
            raise GradError(
                f"grad: input {number} was not used to compute the outputs; "
                "leave it out, or pass allow_unused=True to get None for it"
            )
        if isinstance(target, TensorBase) and g is not None:
            g = _hooked(target._hooks, g, as_tensors)
        if g is not None and not create_graph:
            g = g.detach().clone() if as_tensors else wrap(np.array(g))
        gradients.append(g)
    return tuple(gradients)


def gradients_of_all(tensor: TensorBase, gradient: Any = None) -> dict[Edge, Array]:
    """The gradient by every node and leaf behind a tensor, in the order of the walk, leaves last; all is kept."""
    if mode.recorder is not None:
        mode.recorder.refuse("every gradient is asked for")
    root, seed = _root(tensor, gradient, "explain", False)
    nodes = reachable([root])
    leaves = {edge: None for node in nodes for edge in node.edges if isinstance(edge, TensorBase)}
    found = _walk([(root, seed)], True, False, {root, *nodes, *leaves})
    return {edge: found[edge] for edge in (*nodes, *leaves, root) if edge in found}


def _root(tensor: TensorBase, gradient: Any, caller: str, as_tensors: bool) -> tuple[Edge, Any]:
    """Where the walk starts, and the gradient it starts with."""
    array = tensor._array
    if not tensor._needs_grad():
        raise GradError(
            f"{caller}: this tensor of shape {array.shape} does not require gradients and has no graph; "
            "compute it from a tensor made with requires_grad=True, outside nn.no_grad()"
        )
    if gradient is None:
        if array.size != 1:
            raise GradError(
                f"{caller}: gradient can be left out only for a scalar, this tensor has shape {array.shape}; "
                "reduce it first, e.g. .sum(), or pass a gradient of that shape"
            )
        gradient = np.empty(array.shape, array.dtype)
        constant(gradient).fill(1)  # a third of the time of np.ones_like
    elif not isinstance(gradient, TensorBase):
        gradient = np.asarray(gradient)
    if gradient.shape != array.shape:
        raise ShapeError(
            f"{caller}: gradient must have the tensor's shape {array.shape}, got {gradient.shape}; make them equal"
        )
    if gradient.dtype.kind not in "fiub":
        raise DtypeError(f"{caller}: gradient must be real numbers, got dtype {gradient.dtype}")
    if as_tensors:
        gradient = gradient if isinstance(gradient, TensorBase) else wrap(gradient)
    elif isinstance(gradient, TensorBase):
        gradient = gradient._array
    edge = tensor._node or tensor
    return edge, _fit(gradient, edge)


def _walk(
    roots: Sequence[tuple[Edge, Any]],
    retain: bool,
    create_graph: bool,
    wanted: set[Edge] | None,
    given: set[int] | None = None,
) -> dict[Edge, Any]:
    """Gradients by the leaves, or by the nodes and leaves in `wanted`: arrays, or tensors if `create_graph`.

    They are tensors too while a step is captured, so that every rule calls its kernels where the recorder sees it.
    With `given`, a leaf that a hook waits for gets its gradient as soon as it is complete, and is left out.
    """
    grads: dict[Edge, Any] = {}
    for root, g in roots:
        grads[root] = grads[root] + g if root in grads else g
    nodes = reachable(grads)
    for root in grads:
        if root.__class__ is Node and root.nan:
            raise complaints.nan_value(nodes)
    useful = None if wanted is None else _leading_to(wanted, nodes)
    complete = {} if given is None or not hooks.awaited else _completed_by(nodes)
    found: dict[Edge, Any] = {}
    as_tensors = create_graph or mode.recorder is not None
    slots_of = _tensors if as_tensors else _arrays
    recording = enable_grad() if create_graph else no_grad() if as_tensors else _AS_IT_IS
    if mode.recorder is not None:
        mode.recorder.walked(nodes)
    # infinities and nan are gradients like others
    with quietly(), recording:
        for node in nodes:
            g = grads.pop(node, None)
            if g is None:
                continue
            if g.__class__ is Parts:
                g = _fit(g.whole(), node)
            if node.hooks:
                g = _hooked(node.hooks, g, as_tensors)
            if wanted is not None and node in wanted:
                found[node] = g
            if useful is not None and not any(edge in useful for edge in node.edges if edge is not None):
                continue  # the walk ends here: what the node saved is left for others
            slots = slots_of(node, g)
            op, edges = node.op, node.edges
            rules = op.rules
            if op.part is not None and _keep_part(node, slots, grads, useful):
                edges = []
            for position, edge in enumerate(edges):
                if edge is not None and (useful is None or edge in useful):
                    pulled = rules[position](slots, node, position)
                    if pulled is None:  # an op of the user's says that there is none
                        continue
                    like: Any = edge if edge.__class__ is Node else edge._array  # type: ignore[union-attr]
                    if pulled.__class__ is not _ARRAY or pulled.shape != like.shape or pulled.dtype is not like.dtype:
                        pulled = _fit(pulled, edge)
                    if node.made_at is not None:
                        complaints.refuse_nan(node, position, g, pulled)
                    grads[edge] = grads[edge] + pulled if edge in grads else pulled
            if not retain:
                release(node)
            if complete:
                for leaf in complete.get(node, ()):
                    if leaf in grads:
                        g = grads.pop(leaf)  # other edges may hold the same array until they are walked
                        g = _fit(g.whole(), leaf) if g.__class__ is Parts else g if as_tensors else g.copy()
                        _accumulate({leaf: g}, as_tensors, create_graph, given or set())
        for edge, g in grads.items():
            if g.__class__ is Parts:
                grads[edge] = _fit(g.whole(), edge)
    return grads if wanted is None else {**found, **{edge: g for edge, g in grads.items() if edge in wanted}}


def _keep_part(node: Node, slots: Sequence[Any], grads: dict[Edge, Any], useful: set[Edge] | None) -> bool:
    """Keep the gradient by an operand of which the result is a part; False where the rule has to say it at once."""
    place, join = node.op.part
    index = place(**node.attributes)
    edge: Any = node.edges[0]
    if index is None or node.made_at is not None:
        return False
    if useful is None or edge in useful:
        rule = node.op.rules[0]
        part = Parts(slots[0], index, edge_shape(edge), lambda: rule(slots, node, 0), join)
        before = grads.get(edge)
        grads[edge] = part if before is None else before + part if before.__class__ is Parts else part + before
    return True


def reachable(roots: Iterable[Edge]) -> list[Node]:
    """Every node behind the roots, newest first."""
    stack = [edge for edge in roots if edge.__class__ is Node]
    seen = set(stack)
    while stack:
        for edge in stack.pop().edges:
            if edge.__class__ is Node and edge not in seen:
                seen.add(edge)
                stack.append(edge)
    return sorted(seen, key=_order, reverse=True)


def _completed_by(nodes: Sequence[Node]) -> dict[Node, list[TensorBase]]:
    """The leaves that hooks wait for, by the oldest node that uses each: once that is walked, nothing is added."""
    oldest = {edge: node for node in nodes for edge in node.edges if isinstance(edge, TensorBase) and edge._after}
    completed: dict[Node, list[TensorBase]] = {}
    for leaf, node in oldest.items():
        completed.setdefault(node, []).append(leaf)
    return completed


def _leading_to(wanted: set[Edge], nodes: Sequence[Node]) -> set[Edge]:
    """The edges in `wanted`, and every node from which one of them can be reached."""
    useful = set(wanted)
    for node in reversed(nodes):
        if any(edge in useful for edge in node.edges if edge is not None):
            useful.add(node)
    return useful


def _arrays(node: Node, g: Any) -> list[Any]:
    """What the rules of a node read: the gradient, the result and the operands, as arrays."""
    order = node.order
    if node.recall is not None and node.saved is None:
        node.recall(node)
    if node.saved is None or (node.memory is not None and node.memory.changed > order):
        raise complaints.spoilt(node)
    slots = [g, node.result]
    for saved in node.saved:
        if isinstance(saved, TensorBase):
            if saved._shared is not None and saved._shared.changed > order:
                raise complaints.spoilt(node)
            saved = saved._array
        slots.append(saved)
    return slots


def _tensors(node: Node, g: Any) -> list[Any]:
    """The same as tensors with their history, so that what the rules compute is recorded."""
    if node.recall is not None and node.saved is None:
        node.recall(node)
    if node.saved is None or any(memory.changed > node.order for memory in _memories(node)):
        raise complaints.spoilt(node)
    result = None
    if node.result is not None:
        result = wrap(node.result, node)
        result._shared = node.memory
    return [g, result, *node.saved]


def _memories(node: Node) -> list[Memory]:
    """The memory of each thing that the node saved."""
    saved = [operand._shared for operand in node.saved or () if isinstance(operand, TensorBase)]
    return [memory for memory in [*saved, node.memory] if memory is not None]


def _fit(g: Any, edge: Edge) -> Any:
    """Undo broadcasting and type promotion: the gradient gets the operand's own shape and dtype."""
    like: Any = edge if edge.__class__ is Node else edge._array  # type: ignore[union-attr]
    if g.__class__ is np.ndarray:
        if g.shape != like.shape:
            g = sum_to_size(g, size=like.shape)
        return g if g.dtype is like.dtype else g.astype(like.dtype, copy=False)
    if isinstance(g, TensorBase):
        if g._array.shape != like.shape:
            g = g.sum_to_size(like.shape)  # type: ignore[attr-defined]
        return g if g._array.dtype == like.dtype else g.to(like.dtype)
    return _fit(np.asarray(g), edge)


def _hooked(called: Any, g: Any, as_tensors: bool) -> Any:
    """The gradient after the hooks, each of which may give another in its place."""
    if called and mode.recorder is not None:
        mode.recorder.refuse("a hook on a tensor is called")
    for _, hook in sorted((called or {}).items()):
        other = hook(g if as_tensors else wrap(g))
        if other is not None:
            complaints.refuse_unlike(other, g)
            g = other if as_tensors else other._array
    return g


def release(node: Node) -> None:
    """Free what the node saved. (A node that saved nothing can be walked again.)"""
    if node.result is not None:
        node.saved = node.result = node.memory = None
    elif node.saved:
        node.saved = None
    if node.op.saves:
        node.saved = None
        for name in node.op.saves:
            del node.attributes[name]
    if node.recall is not None:
        node.recall = None
