"""Recurrent cells over a sequence. Three ops serve all cells, at any order of differentiation:

`recurrence` runs a cell, and `recurrence_backward` goes back through all its steps in one sweep. A small change of the
states obeys a linear recurrence, which `recurrence_solve` runs, and so does its transpose, the gradient:
`_through_time` says with it, in ops, what `recurrence_backward` computes, and higher orders are derivatives of that.
What a cell is to them is `_slopes`: the derivatives of its states by its gates and by the states before, for all steps.

    Werbos, Backpropagation Through Time: What It Does and How to Do It, 1990.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from nn.autograd.backward import grad
from nn.autograd.grad_mode import enable_grad
from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.autograd.tape import TensorBase, wrap
from nn.kernels import recurrent as kernels
from nn.ops.activation import relu_backward, sigmoid, tanh
from nn.ops.arithmetic import where, zeros_like
from nn.ops.linear import linear, linear_weight_backward
from nn.ops.reduction import sum
from nn.ops.shape import cat, clone, concatenate, narrow, reshape


def _first(x: Any, length: int, dim: int = 0) -> Any:
    return narrow(x, dim=dim, start=0, length=length)


def _rest(x: Any, start: int, dim: int = 0) -> Any:
    return narrow(x, dim=dim, start=start, length=x.shape[dim] - start)


def _blocks(x: Any, count: int) -> list[Any]:
    """The last axis in `count` equal pieces."""
    width = x.shape[-1] // count
    return [narrow(x, dim=-1, start=i * width, length=width) for i in range(count)]


def _spread(y: Any) -> Any:
    """y (1 - y), the derivative of the logistic function whose value is y."""
    return y * (1 - y)


def _slopes(cell: str, a: Any, before: Any, y: Any) -> list[Any]:
    """For each state: its derivative by each gate, then by each state before, everything (T, N, H)."""
    none = zeros_like(_blocks(y, kernels.CELLS[cell][1])[0])
    if cell == "tanh":
        return [1 - y**2, none]
    if cell == "relu":
        return [relu_backward(none + 1, y), none]
    if cell == "gru":
        m, r, z, n = _blocks(a, 4)
        r, z = sigmoid(r), sigmoid(z)
        n = tanh(n + r * m)
        q = (1 - z) * (1 - n**2)
        return [q * r, q * m * _spread(r), (before - n) * _spread(z), q, z]
    i, f, g, o = _blocks(a, 4)
    i, f, g, o = sigmoid(i), sigmoid(f), tanh(g), sigmoid(o)
    t = tanh(_blocks(y, 2)[1])
    c = [g * _spread(i), _blocks(before, 2)[1] * _spread(f), i * (1 - g**2), none, none, f]
    through = o * (1 - t**2)  # h is a function of c, and of o besides
    by_i, by_f, by_g, by_c = (through * slope for slope in (c[0], c[1], c[2], c[5]))
    return [by_i, by_f, by_g, t * _spread(o), none, by_c, *c]


def _pull(slopes: Any, adjoint: Any) -> Any:
    """Gradients by the states after each step, pulled back to gates and states before: (T, N, G + K, H)."""
    steps, batch, states, _, width = slopes.shape
    return sum(slopes * reshape(adjoint, shape=(steps, batch, states, 1, width)), dim=2)


def _flat(x: Any) -> Any:
    return reshape(x, shape=(math.prod(x.shape),))


def _through_time(g: Any, y: Any, packed: Any, cell: str, shape: tuple[int, int, int], live: Any) -> Any:
    """What `recurrence_backward` computes, made of ops."""
    steps, batch, width = shape
    gates, states, fed = kernels.CELLS[cell]
    sizes = kernels.sizes(cell, shape)
    ends = list(itertools.accumulate((math.prod(size) for size in sizes), initial=0))
    a, weight, state = (
        reshape(narrow(packed, dim=0, start=start, length=math.prod(size)), shape=size)
        for start, size in zip(ends, sizes, strict=False)
    )
    before = cat([reshape(state, shape=(1, *state.shape)), _first(y, steps - 1)])
    h = _first(before, width, -1)
    product = linear(h, weight)
    a = cat([_first(a, fed * width, -1) + product, _rest(a, fed * width, -1)], -1)
    slopes = reshape(cat(_slopes(cell, a, before, y), -1), shape=(steps, batch, states, gates + states, width))
    if live is not None:  # a state that is kept depends on itself alone
        kept = np.eye(states, gates + states, gates, dtype=packed.dtype)[:, :, None]
        slopes = where(live[..., None, None], slopes, kept)
    nothing = reshape(zeros_like(state), shape=(1, *state.shape))
    adjoint = recurrence_solve(cat([nothing, g]), slopes, weight, adjoint=True)
    pulled = _first(_pull(slopes, _rest(adjoint, 1)), gates, 2)
    by_weight = linear_weight_backward(h, reshape(_first(pulled, fed, 2), shape=(steps, batch, fed * width)))
    return cat([_flat(pulled), _flat(by_weight), _flat(_first(adjoint, 1))])


def _again(position: int) -> Any:
    """The rule of an operand of `recurrence_backward`: the derivative of `_through_time` by it."""

    def rule(u: Any, g: Any, y: Any, packed: Any, cell: str, shape: Any, live: Any) -> Any:
        recorded = isinstance(u, TensorBase)
        with enable_grad():
            own = [clone(o) if recorded else wrap(o, requires_grad=True) for o in (g, y, packed)]
            result = _through_time(own[0], own[1], own[2], cell, shape, live)
            (by_own,) = grad(result, own[position], u if recorded else wrap(u), create_graph=recorded)
        return by_own if recorded else by_own._array

    return rule


def _both(u: Any, y: Any, slopes: Any, weight: Any, adjoint: bool) -> tuple[Any, Any, Any]:
    """Of <u, s>: the gradient after each step, the states before each, and what of those W makes."""
    other = recurrence_solve(u, slopes, weight, adjoint=not adjoint)
    back, forth = (y, other) if adjoint else (other, y)
    steps, batch, _, _, width = slopes.shape
    h = reshape(_first(_first(forth, steps), width, -1), shape=(steps, batch, width))
    return _rest(back, 1), _first(forth, steps), h


def _solve_slopes(u: Any, y: Any, slopes: Any, weight: Any, adjoint: bool) -> Any:
    steps, batch, states, inputs, width = slopes.shape
    after, before, h = _both(u, y, slopes, weight, adjoint)
    fed = linear(h, weight)
    unfed = zeros_like(
        _first(reshape(slopes, shape=(steps, batch, -1)), (inputs - states) * width - weight.shape[0], -1)
    )
    moved = reshape(cat([fed, unfed, before], -1), shape=(steps, batch, 1, inputs, width))
    return reshape(after, shape=(steps, batch, states, 1, width)) * moved


def _solve_weight(u: Any, y: Any, slopes: Any, weight: Any, adjoint: bool) -> Any:
    after, _, h = _both(u, y, slopes, weight, adjoint)
    pulled = _first(_pull(slopes, after), weight.shape[0] // h.shape[-1], 2)
    return linear_weight_backward(h, reshape(pulled, shape=(*h.shape[:2], weight.shape[0])))


def _runs(r: Draw) -> list[Sample]:
    """Every cell, with and without sequences that begin or end within the batch."""
    shape = (3, 2, 2)
    late = np.array([[True, False], [True, True], [True, True]])[:, :, None]
    runs = []
    for cell in kernels.CELLS:
        size = int(np.sum([math.prod(s) for s in kernels.sizes(cell, shape)]))
        runs += [r.normal((size,), cell=cell, shape=shape), r.normal((size,), cell=cell, shape=shape, live=late)]
    return [*runs, r.normal((8 + 16 + 4,), cell="lstm", shape=(1, 1, 2))]


def _systems(r: Draw) -> list[Sample]:
    return [
        r.normal((4, 2, k * 2), (3, 2, k, g + k, 2), (fed * 2, 2), adjoint=adjoint)
        for g, k, fed in ((1, 1, 1), (4, 2, 4), (4, 1, 3))
        for adjoint in (False, True)
    ]


def _runs_back(r: Draw) -> list[Sample]:
    made = []
    for sample in _runs(r):
        steps, batch, width = sample.attributes["shape"]
        states = (steps, batch, kernels.CELLS[sample.attributes["cell"]][1] * width)
        made.append(r.normal(states, states, sample.operands[0].shape, **sample.attributes))
    return made


recurrence_backward = Op(
    kernels.recurrence_backward,
    vjp=dict(g=_again(0), y=_again(1), packed=_again(2)),
    samples=_runs_back,
)
recurrence = Op(
    kernels.recurrence,
    saves=("kept",),
    vjp=dict(
        packed=lambda g, y, packed, cell, shape, live, kept: recurrence_backward(
            g, y, packed, cell=cell, shape=shape, live=live, kept=kept
        )
    ),
    samples=_runs,
)
recurrence_solve = Op(
    kernels.recurrence_solve,
    vjp=dict(
        g=lambda u, slopes, weight, adjoint: recurrence_solve(u, slopes, weight, adjoint=not adjoint),
        slopes=_solve_slopes,
        weight=_solve_weight,
    ),
    samples=_systems,
)


# -- composite --------------------------------------------------------------------------------------------------------
def run(gates: Any, weight: Any, state: Any, cell: str, live: Any = None) -> Any:
    """The states of a cell after each step, (T, N, K H), from its gates but for what the states before add to them."""
    shape = (*gates.shape[:2], weight.shape[1])
    parts = [_flat(part) for part in (gates, weight, state)]
    starts = tuple(itertools.accumulate((len(part) for part in parts), initial=0))
    return recurrence(concatenate(*parts, dim=0, starts=starts), cell=cell, shape=shape, live=live)
