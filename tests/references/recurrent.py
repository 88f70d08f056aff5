"""Recurrent cells one number at a time, and the linear recurrence as one dense system of equations."""

import math

import numpy as np

from nn.kernels.recurrent import CELLS, sizes


def sigmoid(a):
    return 1 / (1 + math.exp(-a))


def step(cell, a, s):
    """The states of one unit, from its gates and the states before."""
    if cell == "tanh":
        return [math.tanh(a[0])]
    if cell == "relu":
        return [max(a[0], 0.0)]
    if cell == "gru":
        z = sigmoid(a[1])
        return [(1 - z) * math.tanh(a[3] + sigmoid(a[0]) * a[2]) + z * s[0]]
    c = sigmoid(a[1]) * s[1] + sigmoid(a[0]) * math.tanh(a[2])
    return [sigmoid(a[3]) * math.tanh(c), c]


def recurrence(x, cell, shape, live=None):
    steps, batch, width = shape
    gates, states, fed = CELLS[cell]
    parts = np.split(x, np.cumsum([math.prod(s) for s in sizes(cell, shape)])[:-1])
    a, weight, state = (part.reshape(s) for part, s in zip(parts, sizes(cell, shape), strict=True))
    y = np.zeros((steps, batch, states * width))
    for t, n, j in np.ndindex(shape):
        before = state[n] if t == 0 else y[t - 1, n]
        own = before.reshape(states, width)[:, j]
        drive = a[t, n].reshape(gates, width)[:, j].copy()
        for k in range(fed):
            drive[k] += math.fsum(weight[k * width + j] * before[:width])
        alive = live is None or live[t, n, 0]
        y[t, n].reshape(states, width)[:, j] = step(cell, drive, own) if alive else own
    return y


def recurrence_solve(g, slopes, weight, adjoint=False):
    steps, batch, states, inputs, width = slopes.shape
    size, gates = states * width, inputs - states
    s = np.zeros(g.shape)
    for n in range(batch):
        system = np.eye((steps + 1) * size)
        for t, k, j in np.ndindex(steps, states, width):
            row = system[(t + 1) * size + k * width + j, t * size : (t + 1) * size]
            for gate in range(len(weight) // width):
                row[:width] -= slopes[t, n, k, gate, j] * weight[gate * width + j]
            for before in range(states):
                row[before * width + j] -= slopes[t, n, k, gates + before, j]
        s[:, n] = np.linalg.solve(system.T if adjoint else system, g[:, n].ravel()).reshape(steps + 1, size)
    return s


REFERENCES = {"recurrence": recurrence, "recurrence_solve": recurrence_solve}
