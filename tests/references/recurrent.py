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
        z = sigmoid(a[2])
        return [(1 - z) * math.tanh(a[3] + sigmoid(a[1]) * a[0]) + z * s[0]]
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


def slopes(cell, a, s, y):
    """The derivatives of each new state of one unit by its gates, then by the states before."""
    if cell == "tanh":
        return [[1 - y[0] ** 2, 0.0]]
    if cell == "relu":
        return [[float(y[0] > 0), 0.0]]
    if cell == "gru":
        m, r, z = a[0], sigmoid(a[1]), sigmoid(a[2])
        n = math.tanh(a[3] + r * m)
        by_n = (1 - z) * (1 - n**2)
        return [[by_n * r, by_n * m * r * (1 - r), (s[0] - n) * z * (1 - z), by_n, z]]
    i, f, g, o = sigmoid(a[0]), sigmoid(a[1]), math.tanh(a[2]), sigmoid(a[3])
    c = [g * i * (1 - i), s[1] * f * (1 - f), i * (1 - g**2), 0.0, 0.0, f]
    t = math.tanh(y[1])
    h = [o * (1 - t**2) * slope for slope in c]
    h[3] = t * o * (1 - o)
    return [h, c]


def recurrence_backward(g, y, x, cell, shape, live=None):
    """Back through time, one number at a time."""
    steps, batch, width = shape
    gates, states, fed = CELLS[cell]
    parts = np.split(x, np.cumsum([math.prod(s) for s in sizes(cell, shape)])[:-1])
    a, weight, first = (part.reshape(s) for part, s in zip(parts, sizes(cell, shape), strict=True))
    by_a, by_weight = np.zeros_like(a), np.zeros_like(weight)
    later = np.zeros_like(first)
    for t in reversed(range(steps)):
        now, later = later + g[t], np.zeros_like(first)
        for n, j in np.ndindex(batch, width):
            before = first[n] if t == 0 else y[t - 1, n]
            if live is not None and not live[t, n, 0]:
                for k in range(states):
                    later[n, k * width + j] += now[n, k * width + j]
                continue
            drive = a[t, n].reshape(gates, width)[:, j].copy()
            for k in range(fed):
                drive[k] += math.fsum(weight[k * width + j] * before[:width])
            own, after = before.reshape(states, width)[:, j], y[t, n].reshape(states, width)[:, j]
            for k, slope in enumerate(slopes(cell, drive, own, after)):
                pulled = now[n, k * width + j] * np.array(slope)
                by_a[t, n].reshape(gates, width)[:, j] += pulled[:gates]
                later[n].reshape(states, width)[:, j] += pulled[gates:]
                for gate in range(fed):
                    later[n, :width] += pulled[gate] * weight[gate * width + j]
                    by_weight[gate * width + j] += pulled[gate] * before[:width]
    return np.concatenate([by_a.ravel(), by_weight.ravel(), later.ravel()])


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


REFERENCES = {
    "recurrence": recurrence,
    "recurrence_backward": recurrence_backward,
    "recurrence_solve": recurrence_solve,
}
