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
    are the gates after their activation functions, (T, N, G H); m of a GRU has none.
    """
    gates, weight, state = parts(packed, cell, shape)
    y, kept = out or (np.empty((shape[0], *state.shape), packed.dtype), np.empty_like(gates))
    step, width, fed = _STEPS[cell], shape[2], len(weight)
    columns = np.ascontiguousarray(weight.T)
    with one_thread:  # each step is too short for more
        for now, given, a, t in zip(y, gates, kept, range(shape[0]), strict=True):
            np.matmul(state[:, :width], columns, out=a[:, :fed])  # (N, H) @ (H, R H)
            a[:, :fed] += given[:, :fed]
            a[:, fed:] = given[:, fed:]
            step(a, state, now)
            if live is not None:
                np.copyto(now, state, where=~live[t])
            state = now
    return y, kept


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
    h = now.shape[1] // 2
    i_f, g, o = a[:, : 2 * h], a[:, 2 * h : 3 * h], a[:, 3 * h :]
    i_f *= 0.5
    o *= 0.5
    np.tanh(a, out=a)  # of all four at once: see _sigmoid
    i_f *= 0.5
    i_f += 0.5
    o *= 0.5
    o += 0.5
    c = now[:, h:]
    np.multiply(i_f[:, h:], state[:, h:], out=c)
    c += i_f[:, :h] * g
    np.multiply(o, np.tanh(c), out=now[:, :h])


def _gru(a: Array, state: Array, now: Array) -> None:
    h = now.shape[1]
    m, r_z, n = a[:, :h], a[:, h : 3 * h], a[:, 3 * h :]
    _sigmoid(r_z)
    n += r_z[:, :h] * m
    np.tanh(n, out=n)
    np.subtract(state, n, out=now)
    now *= r_z[:, h:]
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
    pull, steps, width, fed = _PULLS[cell], shape[0], shape[2], len(weight)

    # one step after another, from the last: by_first holds the gradient by the states before
    by_first[...] = 0
    after = np.empty_like(by_first)
    with one_thread:
        for t in reversed(range(steps)):
            by_a = by_gates[t]
            np.add(by_first, g[t], out=after)
            pull(after, kept[t], y[t - 1] if t else first, y[t], by_a, by_first)
            if live is not None:
                np.copyto(by_a, 0, where=~live[t])
            by_first[:, :width] += by_a[:, :fed] @ weight  # (N, R H) @ (R H, H)
            if live is not None:
                np.copyto(by_first, after, where=~live[t])

    # all steps at once: by_weight = sum over t and n of by_a h^T
    h = y[:-1, :, :width].reshape(-1, width)  # ((T - 1) N, H)
    by_fed = by_gates[1:, :, :fed].reshape(-1, fed)  # ((T - 1) N, R H)
    product(by_gates[0, :, :fed].T, first[:, :width], by_weight)  # (R H, N) @ (N, H)
    by_weight += product(by_fed.T, h)
    return out


def _activated(y: Array, packed: Array, cell: str, shape: tuple[int, int, int]) -> Array:
    """The gates after their activation functions, (T, N, G H), given the states after each step."""
    gates, weight, first = parts(packed, cell, shape)
    before = np.concatenate([first[None], y[:-1]]).reshape(-1, first.shape[1])  # (T N, K H)
    a = gates.reshape(len(before), -1).copy()
    a[:, : len(weight)] += product(before[:, : shape[2]], weight.T)
    _STEPS[cell](a, before, np.empty_like(before))
    return a.reshape(gates.shape)


# Each writes the gradient by its gates before their activation, and by the states before but for W's part in it.


def _pull_tanh(after: Array, a: Array, state: Array, now: Array, by_a: Array, before: Array) -> None:
    np.multiply(now, now, out=by_a)
    np.subtract(1, by_a, out=by_a)
    by_a *= after
    before[...] = 0


def _pull_relu(after: Array, a: Array, state: Array, now: Array, by_a: Array, before: Array) -> None:
    by_a[...] = 0
    np.copyto(by_a, after, where=~(now <= 0))
    before[...] = 0


def _pull_lstm(after: Array, a: Array, state: Array, now: Array, by_a: Array, before: Array) -> None:
    h = now.shape[1] // 2
    i, f, g, o = a[:, :h], a[:, h : 2 * h], a[:, 2 * h : 3 * h], a[:, 3 * h :]
    by_h, by_c = after[:, :h], before[:, h:]
    t = np.tanh(now[:, h:])

    np.multiply(by_h, t, out=by_a[:, 3 * h :])
    np.square(t, out=t)
    np.subtract(1, t, out=t)
    t *= by_h
    t *= o
    t += after[:, h:]  # the gradient by c', also through h'
    np.multiply(t, g, out=by_a[:, :h])
    np.multiply(t, state[:, h:], out=by_a[:, h : 2 * h])
    np.multiply(t, i, out=by_a[:, 2 * h : 3 * h])
    np.multiply(t, f, out=by_c)

    slope = np.square(a)
    slope[:, : 2 * h] -= a[:, : 2 * h]  # -s (1 - s) of a logistic function whose value is s
    slope[:, 2 * h : 3 * h] -= 1  # -(1 - t^2) of a tanh whose value is t
    slope[:, 3 * h :] -= o
    by_a *= slope
    np.negative(by_a, out=by_a)
    before[:, :h] = 0


def _pull_gru(after: Array, a: Array, state: Array, now: Array, by_a: Array, before: Array) -> None:
    h = now.shape[1]
    m, r, z, n = a[:, :h], a[:, h : 2 * h], a[:, 2 * h : 3 * h], a[:, 3 * h :]
    np.multiply(after, z, out=before)

    by_n = np.square(n, out=by_a[:, 3 * h :])
    np.subtract(1, by_n, out=by_n)
    by_n *= after - before  # the gradient times 1 - z
    np.multiply(by_n, r, out=by_a[:, :h])

    by_r_z = np.subtract(1, a[:, h : 3 * h], out=by_a[:, h : 3 * h])
    by_r_z *= a[:, h : 3 * h]
    by_r_z[:, :h] *= by_n * m
    by_r_z[:, h:] *= (state - n) * after


_PULLS = {"tanh": _pull_tanh, "relu": _pull_relu, "lstm": _pull_lstm, "gru": _pull_gru}


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
