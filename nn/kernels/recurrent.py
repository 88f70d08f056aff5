"""Recurrent cells over a whole sequence, back through it, and the linear recurrence that small changes obey.

A cell has G gates and K states of width H. The recurrent product is added to its first R gates:

    tanh, relu   s' = f(a)                                                                        G = K = R = 1
    lstm         i, f, g, o = gates;  c' = f c + i g;  h' = o tanh(c'), states (h, c)             G = 4, K = 2, R = 4
    gru          m, r, z, n = gates;  h' = (1 - z) tanh(n + r m) + z h, with h in m, r, z alone   G = 4, K = 1, R = 3

The gates of all steps lie in one array, step by step, and so do their gradients: what a step computes is written where
it stays, and all that does not wait for the step before is one product for all steps.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.blas import one_thread
from nn.kernels.blocks import BLOCK
from nn.kernels.threads import product

Array = NDArray[Any]

CELLS = {"tanh": (1, 1, 1), "relu": (1, 1, 1), "lstm": (4, 2, 4), "gru": (4, 1, 3)}
"""G, K and R of each cell."""


def sizes(cell: str, shape: tuple[int, int, int]) -> tuple[tuple[int, ...], ...]:
    """The shapes of what `recurrence` reads from its operand: the gates, the recurrent weight, the first state."""
    steps, batch, width = shape
    gates, states, fed = CELLS[cell]
    return (steps, batch, gates * width), (fed * width, width), (batch, states * width)


def parts(packed: Array, cell: str, shape: tuple[int, int, int]) -> list[Array]:
    """The gates (T, N, G H), the recurrent weight (R H, H) and the first state (N, K H) in `packed`, as views."""
    views, start = [], 0
    for size in sizes(cell, shape):
        stop = start + math.prod(size)
        views.append(packed[start:stop].reshape(size))
        start = stop
    return views


def recurrence(
    packed: Array,
    *,
    cell: str,
    shape: tuple[int, int, int],
    live: Array | None = None,
    out: tuple[Array, Array] | None = None,
) -> tuple[Array, Array]:
    """The states after each step (T, N, K H), from gates, recurrent weight and first state, one after another.

    They come packed in one array because a rule belongs to one operand, and one sweep back through time gives all
    three gradients. `shape` is (T, N, H); where `live` (T, N, 1) is False, a state is kept as it was. The by-product
    are the gates after their activation functions, (T, G, N, H); m of a GRU has none.
    """
    gates, weight, first = parts(packed, cell, shape)
    count, states, fed = CELLS[cell]
    y, kept = out or (
        np.empty((shape[0], *first.shape), packed.dtype),
        np.empty((shape[0], count, *shape[1:]), packed.dtype),
    )
    step, given, places = _STEPS[cell], _one_by_one(gates, count), _one_by_one(y, states)
    columns = np.ascontiguousarray(weight.reshape(fed, shape[2], shape[2]).swapaxes(1, 2))  # (R, H, H)
    state = _one_by_one(first, states).copy()  # (K, N, H)
    now = np.empty_like(state)
    with one_thread:  # each step is too short for more
        for t in range(shape[0]):
            a = kept[t]
            np.matmul(state[0], columns, out=a[:fed])  # (N, H) @ (R, H, H)
            a[:fed] += given[t, :fed]
            a[fed:] = given[t, fed:]
            step(a, state, now)
            if live is not None:
                np.copyto(now, state, where=~live[t])
            places[t] = now
            state, now = now, state
    return y, kept


def _one_by_one(x: Array, count: int) -> Array:
    """(..., N, count H) -> (..., count, N, H), a view."""
    return x.reshape(*x.shape[:-1], count, x.shape[-1] // count).swapaxes(-3, -2)


# Each turns the gates a (G, N, H) into their values, and writes the states `now` (K, N, H) from those before.


def _sigmoid(a: Array) -> None:
    """1 / (1 + e^-a) in place, as (1 + tanh(a / 2)) / 2, which cannot overflow."""
    a *= 0.5
    np.tanh(a, out=a)
    a *= 0.5
    a += 0.5


def _tanh(a: Array, state: Array, now: Array) -> None:
    np.tanh(a, out=a)
    now[...] = a


def _relu(a: Array, state: Array, now: Array) -> None:
    np.maximum(a, 0, out=a)
    now[...] = a


def _lstm(a: Array, state: Array, now: Array) -> None:
    i_f, (i, f, g, o), (h, c) = a[:2], a, now
    i_f *= 0.5
    o *= 0.5
    np.tanh(a, out=a)  # of all four at once: see _sigmoid
    i_f *= 0.5
    i_f += 0.5
    o *= 0.5
    o += 0.5
    np.multiply(f, state[1], out=c)
    c += i * g
    np.multiply(o, np.tanh(c), out=h)


def _gru(a: Array, state: Array, now: Array) -> None:
    m, r, z, n = a
    _sigmoid(a[1:3])
    n += r * m
    np.tanh(n, out=n)
    np.subtract(state, n, out=now)
    now *= z
    now += n


_STEPS = {"tanh": _tanh, "relu": _relu, "lstm": _lstm, "gru": _gru}


def recurrence_backward(
    g: Array,
    y: Array,
    packed: Array,
    *,
    cell: str,
    shape: tuple[int, int, int],
    live: Array | None = None,
    kept: Array | None = None,
    out: Array | None = None,
) -> Array:
    """g, the gradients by the states after each step, pulled back to all that `recurrence` reads, packed as that is."""
    if out is None:
        out = np.empty_like(packed, order="C")
    _, weight, first = parts(packed, cell, shape)
    by_gates, by_weight, by_first = parts(out, cell, shape)
    if kept is None:
        kept = _activated(y, packed, cell, shape)
    (count, states, fed), (slopes, pull), (steps, batch, width) = CELLS[cell], _PULLS[cell], shape
    given, told, by_a = _one_by_one(g, states), _one_by_one(y, states), _one_by_one(by_gates, count)  # (T, ., N, H)
    blocks = weight.reshape(fed, width, width)
    after = np.empty((states, batch, width), packed.dtype)  # the gradient by the states after a step
    back = np.zeros_like(after)  # and by those before it

    # one step after another, from the last: what does not wait for the step after it, for some steps at once
    some = max(1, BLOCK // max(1, batch * width))
    with one_thread:
        for start in (*reversed(range(1, steps, some)), 0):
            part = slice(start, min(start + some, steps) if start else 1)
            before = told[start - 1 : part.stop - 1] if start else _one_by_one(first, states)[None]
            ready = slopes(kept[part], before, told[part])
            for t in reversed(range(steps)[part]):
                np.add(back, given[t], out=after)
                pull(after, kept[t], [slope[t - start] for slope in ready], by_a[t], back)
                if live is not None:
                    np.copyto(by_a[t], 0, where=~live[t])
                back[0] += np.add.reduce(np.matmul(by_a[t, :fed], blocks))  # (R, N, H) @ (R, H, H)
                if live is not None:
                    np.copyto(back, after, where=~live[t])
    _one_by_one(by_first, states)[...] = back

    # all steps at once: by_weight = sum over t and n of by_a h^T
    h = y[:-1, :, :width].reshape(-1, width)  # ((T - 1) N, H)
    by_fed = by_gates[1:, :, : len(weight)].reshape(-1, len(weight))  # ((T - 1) N, R H)
    product(by_gates[0, :, : len(weight)].T, first[:, :width], by_weight)  # (R H, N) @ (N, H)
    by_weight += product(by_fed.T, h)
    return out


def _activated(y: Array, packed: Array, cell: str, shape: tuple[int, int, int]) -> Array:
    """The gates after their activation functions, (T, G, N, H), given the states after each step."""
    gates, weight, first = parts(packed, cell, shape)
    count, states, _ = CELLS[cell]
    before = np.concatenate([first[None], y[:-1]]).reshape(-1, first.shape[1])  # (T N, K H)
    a = gates.reshape(len(before), -1).copy()
    a[:, : len(weight)] += product(before[:, : shape[2]], weight.T)
    a = np.ascontiguousarray(_one_by_one(a, count))  # (G, T N, H)
    before = _one_by_one(before, states)
    _STEPS[cell](a, before, np.empty(before.shape, before.dtype))
    return a.reshape(count, *shape).swapaxes(0, 1)


# Two functions of each cell. The first gives the derivatives of S steps, each (S, ..., N, H), from their gates, the
# states before and those after. The second writes, of one step, the gradient by its gates before their activation,
# (G, N, H), and that by the states before, (K, N, H), but for W's part in it.


def _slopes_tanh(a: Array, before: Array, now: Array) -> list[Array]:
    slope = np.square(now)
    return [np.subtract(1, slope, out=slope)]


def _pull_tanh(after: Array, a: Array, slopes: list[Array], by_a: Array, before: Array) -> None:
    np.multiply(after, slopes[0], out=by_a)
    before[...] = 0


def _slopes_relu(a: Array, before: Array, now: Array) -> list[Array]:
    return [~(now <= 0)]


def _pull_relu(after: Array, a: Array, slopes: list[Array], by_a: Array, before: Array) -> None:
    by_a[...] = before[...] = 0
    np.copyto(by_a, after, where=slopes[0])  # a product would turn an infinite gradient into nan


def _slopes_lstm(a: Array, before: Array, now: Array) -> list[Array]:
    """Of c' by i, f and g, of h' by o, and of h' by c'."""
    i, _, g, o = a.swapaxes(0, 1)
    slope = np.square(a)
    np.subtract(a, slope, out=slope)  # s (1 - s) of a logistic function whose value is s
    by_i, by_f, by_g, by_o = slope.swapaxes(0, 1)
    t = np.tanh(now[:, 1])
    by_i *= g
    by_f *= before[:, 1]
    np.square(g, out=by_g)
    np.subtract(1, by_g, out=by_g)
    by_g *= i
    by_o *= t
    np.square(t, out=t)
    np.subtract(1, t, out=t)
    t *= o
    return [slope, t]


def _pull_lstm(after: Array, a: Array, slopes: list[Array], by_a: Array, before: Array) -> None:
    (by_h, by_c), (by_gates, through) = after, slopes
    through = by_h * through
    through += by_c  # the gradient by c', also through h'
    np.multiply(by_gates[:3], through, out=by_a[:3])
    np.multiply(by_gates[3], by_h, out=by_a[3])
    np.multiply(through, a[1], out=before[1])
    before[0] = 0


def _slopes_gru(a: Array, before: Array, now: Array) -> list[Array]:
    """Of h' by m, r, z and n."""
    m, r, z, n = a.swapaxes(0, 1)
    slope = np.empty_like(a)
    by_m, by_r, by_z, by_n = slope.swapaxes(0, 1)
    np.square(n, out=by_n)
    np.subtract(1, by_n, out=by_n)
    by_n *= 1 - z
    np.multiply(by_n, r, out=by_m)
    np.subtract(1, a[:, 1:3], out=slope[:, 1:3])
    by_r *= by_m
    by_r *= m
    by_z *= z
    by_z *= before[:, 0] - n
    return [slope]


def _pull_gru(after: Array, a: Array, slopes: list[Array], by_a: Array, before: Array) -> None:
    np.multiply(after, slopes[0], out=by_a)
    np.multiply(after, a[2], out=before)


_PULLS = {
    "tanh": (_slopes_tanh, _pull_tanh),
    "relu": (_slopes_relu, _pull_relu),
    "lstm": (_slopes_lstm, _pull_lstm),
    "gru": (_slopes_gru, _pull_gru),
}


def recurrence_solve(
    g: Array, slopes: Array, weight: Array, *, adjoint: bool = False, out: Array | None = None
) -> Array:
    """s of the linear recurrence s[t + 1] = g[t + 1] + slopes[t] (W s[t], s[t]), s[0] = g[0]; or of its transpose.

    As a system, (1 - A) s = g with A one step below the diagonal; `adjoint` solves (1 - A)^T s = g, backwards in time.
    g and s are (T + 1, N, K H), W (R H, H). `slopes` (T, N, K, G + K, H) are what a cell multiplies small changes by:
    those of state k by its gates, of which the first R get W s, and by the states before.
    """
    steps, batch, states, inputs, width = slopes.shape
    if out is None:
        out = np.array(g, order="C")
    else:
        np.copyto(out, g)
    s = out.reshape(steps + 1, batch, states, width)
    gates, fed = inputs - states, len(weight) // width
    moved = np.zeros((batch, inputs, width), g.dtype)
    for t in reversed(range(steps)) if adjoint else range(steps):
        if adjoint:
            pulled = slopes[t, :, 0] * s[t + 1, :, :1]
            for k in range(1, states):
                pulled += slopes[t, :, k] * s[t + 1, :, k : k + 1]
            s[t] += pulled[:, gates:]
            s[t, :, 0] += pulled[:, :fed].reshape(batch, fed * width) @ weight
        else:
            moved[:, :fed] = (s[t, :, 0] @ weight.T).reshape(batch, fed, width)
            moved[:, gates:] = s[t]
            s[t + 1] += (slopes[t] * moved[:, None]).sum(axis=2)
    return out
