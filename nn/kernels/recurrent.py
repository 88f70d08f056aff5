"""Recurrent cells over a whole sequence, and the linear recurrence that gradients through time obey.

A cell has G gates and K states of width H. The recurrent product is added to its first R gates:

    tanh, relu   s' = f(a)                                                                        G = K = R = 1
    lstm         i, f, g, o = gates;  c' = f c + i g;  h' = o tanh(c'), states (h, c)             G = 4, K = 2, R = 4
    gru          r, z, m, n = gates;  h' = (1 - z) tanh(n + r m) + z h, with h in r, z, m alone   G = 4, K = 1, R = 3
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

CELLS = {"tanh": (1, 1, 1), "relu": (1, 1, 1), "lstm": (4, 2, 4), "gru": (4, 1, 3)}
"""G, K and R of each cell."""


def sizes(cell: str, shape: tuple[int, int, int]) -> tuple[tuple[int, ...], ...]:
    """The shapes of what `recurrence` reads from its operand: the gates, the recurrent weight, the first state."""
    steps, batch, width = shape
    gates, states, fed = CELLS[cell]
    return (steps, batch, gates * width), (fed * width, width), (batch, states * width)


def recurrence(
    packed: Array, *, cell: str, shape: tuple[int, int, int], live: Array | None = None, out: Array | None = None
) -> Array:
    """The states after each step: gates, recurrent weight and first state, one after another -> (T, N, K H).

    They come packed in one array because a rule belongs to one operand, and one sweep back through time gives all
    three gradients. `shape` is (T, N, H); where `live` (T, N, 1) is False, a state is kept as it was.
    """
    parts, start = [], 0
    for size in sizes(cell, shape):
        stop = start + int(np.prod(size))
        parts.append(packed[start:stop].reshape(size))
        start = stop
    gates, weight, state = parts
    if out is None:
        out = np.empty((shape[0], *state.shape), packed.dtype)
    step, width, fed = _STEPS[cell], shape[2], len(weight)
    columns = np.ascontiguousarray(weight.T)
    for t in range(shape[0]):
        a = state[:, :width] @ columns
        a += gates[t, :, :fed]
        step(a, gates[t, :, fed:], state, out[t])
        if live is not None:
            np.copyto(out[t], state, where=~live[t])
        state = out[t]
    return out


def _sigmoid(a: Array) -> Array:
    """1 / (1 + e^-a) in place, as (1 + tanh(a / 2)) / 2, which cannot overflow."""
    a *= a.dtype.type(0.5)
    np.tanh(a, out=a)
    a *= a.dtype.type(0.5)
    a += a.dtype.type(0.5)
    return a


def _tanh(a: Array, rest: Array, state: Array, out: Array) -> None:
    np.tanh(a, out=out)


def _relu(a: Array, rest: Array, state: Array, out: Array) -> None:
    np.maximum(a, a.dtype.type(0), out=out)


def _lstm(a: Array, rest: Array, state: Array, out: Array) -> None:
    h = out.shape[1] // 2
    i_f, g, o = _sigmoid(a[:, : 2 * h]), a[:, 2 * h : 3 * h], _sigmoid(a[:, 3 * h :])
    np.tanh(g, out=g)
    c = out[:, h:]
    np.multiply(i_f[:, h:], state[:, h:], out=c)
    c += i_f[:, :h] * g
    np.multiply(o, np.tanh(c), out=out[:, :h])


def _gru(a: Array, rest: Array, state: Array, out: Array) -> None:
    h = out.shape[1]
    r_z, m = _sigmoid(a[:, : 2 * h]), a[:, 2 * h :]
    m *= r_z[:, :h]
    m += rest
    np.tanh(m, out=m)
    np.subtract(state, m, out=out)
    out *= r_z[:, h:]
    out += m


_STEPS = {"tanh": _tanh, "relu": _relu, "lstm": _lstm, "gru": _gru}


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
