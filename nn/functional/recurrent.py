"""Recurrent cells: one step of each, and whole sequences for the layers of `nn.modules.recurrent`."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.errors import DtypeError, ShapeError
from nn.functional.linear import linear
from nn.kernels.recurrent import CELLS
from nn.ops import recurrent as ops
from nn.tensors import checks
from nn.tensors.creation import zeros
from nn.tensors.joining import cat
from nn.tensors.tensor import Tensor

__all__ = ["gru_cell", "lstm_cell", "rnn_relu_cell", "rnn_tanh_cell"]


def rnn_tanh_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """One step of an Elman network, h' = tanh(W_ih x + b_ih + W_hh h + b_hh).

    Shape:
        (N, I), (N, H), (H, I), (H, H), (H,), (H,) -> (N, H).

    Example:
        >>> import nn
        >>> nn.rnn_tanh_cell(nn.zeros(1, 2), nn.ones(1, 1), nn.ones(1, 2), nn.ones(1, 1))
        tensor([[0.7616]])

    References:
        Elman, Finding Structure in Time, Cognitive Science 1990.
    """
    return _step("tanh", "rnn_tanh_cell", input, (hx,), w_ih, w_hh, b_ih, b_hh)[0]


def rnn_relu_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """As `rnn_tanh_cell` with relu, h' = max(W_ih x + b_ih + W_hh h + b_hh, 0).

    Example:
        >>> import nn
        >>> nn.rnn_relu_cell(nn.zeros(1, 2), nn.ones(1, 1), nn.ones(1, 2), nn.ones(1, 1))
        tensor([[1.]])
    """
    return _step("relu", "rnn_relu_cell", input, (hx,), w_ih, w_hh, b_ih, b_hh)[0]


def lstm_cell(
    input: Tensor,
    hx: tuple[Tensor, Tensor],
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None = None,
    b_hh: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """One step of a long short-term memory: c' = f c + i g, h' = o tanh(c').

    The gates i, f, g, o are the quarters of W_ih x + b_ih + W_hh h + b_hh, through sigmoid, and tanh for g.

    Shape:
        (N, I), ((N, H), (N, H)), (4H, I), (4H, H), (4H,), (4H,) -> (N, H), (N, H).

    Example:
        >>> import nn
        >>> nn.lstm_cell(nn.zeros(1, 2), (nn.zeros(1, 1), nn.ones(1, 1)), nn.ones(4, 2), nn.ones(4, 1))
        (tensor([[0.2311]]), tensor([[0.5000]]))

    References:
        Hochreiter and Schmidhuber, Long Short-Term Memory, Neural Computation 1997; Gers, Schmidhuber and Cummins,
        Learning to Forget, 2000.
    """
    h, c = _step("lstm", "lstm_cell", input, tuple(hx), w_ih, w_hh, b_ih, b_hh)
    return h, c


def gru_cell(
    input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None = None, b_hh: Tensor | None = None
) -> Tensor:
    """One step of a gated recurrent unit: h' = (1 - z) n + z h, n = tanh(W_in x + b_in + r (W_hn h + b_hn)).

    The gates r and z are the first two thirds of W_ih x + b_ih + W_hh h + b_hh, through sigmoid.

    Shape:
        (N, I), (N, H), (3H, I), (3H, H), (3H,), (3H,) -> (N, H).

    Example:
        >>> import nn
        >>> nn.gru_cell(nn.zeros(1, 2), nn.ones(1, 1), nn.zeros(3, 2), nn.zeros(3, 1))
        tensor([[0.5000]])

    References:
        Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, EMNLP 2014.
    """
    return _step("gru", "gru_cell", input, (hx,), w_ih, w_hh, b_ih, b_hh)[0]


def sequence(
    cell: str,
    input: Tensor,
    state: tuple[Tensor, ...] | None,
    weights: tuple[Any, ...],
    live: Any = None,
    reverse: bool = False,
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """One layer in one direction: the outputs (T, N, H), and the last states.

    Args:
        cell: tanh, relu, lstm or gru.
        input: (T, N, I).
        state: the first states, (N, H) each; None for zeros.
        weights: w_ih, w_hh, b_ih, b_hh (or None twice), and of an LSTM w_hr (or None).
        live: where False, (T, N, 1), the state is kept as it was: before or after a shorter sequence.
        reverse: run from the last step to the first.
    """
    w_ih, w_hh, b_ih, b_hh, w_hr = weights
    gates = _gates(cell, input, w_ih, b_ih, b_hh)
    if reverse:
        gates, live = gates[::-1], None if live is None else live[::-1]
    width = w_hh.shape[1] if w_hr is None else w_hr.shape[1]
    if state is None:
        start = zeros(input.shape[1], CELLS[cell][1] * width, dtype=gates.dtype)
    elif w_hr is None:
        start = cat(list(state), -1)
    else:  # the projected state counts in the first step alone, all later ones follow from the state before projection
        start = cat([zeros(input.shape[1], width, dtype=gates.dtype), state[1]], -1)
        gates = gates + linear(state[0], w_hh) * _first_step(gates, live)
    if w_hr is not None:
        w_hh = w_hh @ w_hr
    if cell == "gru":  # in the order of the kernel's gates, where the input gives nothing to the first
        w_hh = cat([w_hh[2 * width :], w_hh[: 2 * width]])
    y = ops.run(gates, w_hh, start, cell, live)
    last = y[-1]
    h = y[:, :, :width][::-1] if reverse else y[:, :, :width]
    states = tuple(last[:, k * width : (k + 1) * width] for k in range(CELLS[cell][1]))
    if w_hr is not None:
        h, states = linear(h, w_hr), (linear(states[0], w_hr), *states[1:])
    return h, states


def _gates(cell: str, input: Tensor, w_ih: Tensor, b_ih: Tensor | None, b_hh: Tensor | None) -> Tensor:
    """What the input alone gives to the gates, for all steps in one product."""
    if cell != "gru":
        return linear(input, w_ih, None if b_ih is None or b_hh is None else b_ih + b_hh)
    width = w_ih.shape[0] // 3
    if b_ih is None or b_hh is None:
        m = zeros(width, dtype=input.dtype)
    else:
        m = b_hh[2 * width :]
        b_ih = b_ih + cat([b_hh[: 2 * width], zeros(width, dtype=b_hh.dtype)])
    gates = linear(input, w_ih, b_ih)
    return cat([m.expand(*gates.shape[:-1], width), gates], -1)


def _first_step(gates: Tensor, live: Any) -> Any:
    """1 at the first step of each sequence, 0 elsewhere: (T, N, 1)."""
    live = np.ones((gates.shape[0], 1, 1), np.bool_) if live is None else live
    return np.diff(live, axis=0, prepend=False).astype(gates.dtype) * live


def _step(
    cell: str,
    caller: str,
    input: Tensor,
    hx: tuple[Tensor, ...],
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor | None,
    b_hh: Tensor | None,
) -> tuple[Tensor, ...]:
    _, states, fed = CELLS[cell]
    width = checks.tensor(w_hh, caller, "w_hh").shape[-1]
    rows = fed * width
    if checks.tensor(input, caller).ndim != 2 or input.shape[1] != w_ih.shape[-1]:
        raise ShapeError(f"{caller}: input must be (N, {w_ih.shape[-1]}), its shape is {input.shape}; see w_ih")
    if len(hx) != states:
        raise ShapeError(f"{caller}: expected {states} states, got {len(hx)}")
    if w_ih.shape[0] != rows or w_hh.shape != (rows, width):
        raise ShapeError(
            f"{caller}: w_hh must be ({rows}, {width}) and w_ih ({rows}, I), got {w_hh.shape} and {w_ih.shape}"
        )
    for name, state in zip(("h", "c"), hx, strict=False):
        if checks.tensor(state, caller, name).shape != (input.shape[0], width):
            raise ShapeError(
                f"{caller}: {name} must have shape ({input.shape[0]}, {width}), its shape is {state.shape}"
            )
        if state.dtype != input.dtype:
            raise DtypeError(f"{caller}: {name} is {state.dtype}, input is {input.dtype}; make them equal")
    return sequence(cell, input.unsqueeze(0), hx, (w_ih, w_hh, b_ih, b_hh, None))[1]
