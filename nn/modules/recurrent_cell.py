"""Single steps of recurrent networks: from an input and the state to the next state.

`RNNCell`, `LSTMCell` and `GRUCell` are for loops of one's own; whole sequences are run by the layers in `recurrent`.
"""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import DTypeLike

from nn import init
from nn.errors import RangeError, ShapeError
from nn.functional.recurrent import gru_cell, lstm_cell, rnn_relu_cell, rnn_tanh_cell
from nn.kernels.recurrent import CELLS
from nn.modules.fields import Bare, Unusual
from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.tensors.creation import empty, zeros
from nn.tensors.place import Device, Factory
from nn.tensors.tensor import Tensor

__all__ = ["GRUCell", "LSTMCell", "RNNCell"]


class _Cell(Module):
    """One step of a cell."""

    input_size: Bare[int]
    hidden_size: Bare[int]
    bias: Unusual[bool] = True
    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        bias: bool,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows = CELLS[cell][2] * hidden_size
        self.weight_ih = Parameter(empty(rows, input_size, **factory))
        self.weight_hh = Parameter(empty(rows, hidden_size, **factory))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(empty(rows, **factory)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial values again: uniform in [-1/sqrt(hidden_size), 1/sqrt(hidden_size))."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _states(self, step: Any, input: Tensor, hx: tuple[Tensor, ...] | None, count: int) -> list[Tensor]:
        """The states after `step`, with the batch put in place where there is none."""
        name = type(self).__name__
        for label, value in (("input", input), *(("state", state) for state in hx or ())):
            if value.ndim not in (1, 2):
                raise ShapeError(f"{name}: {label} must have 1 or 2 axes, its shape is {value.shape}")
        batched = input if input.ndim == 2 else input.unsqueeze(0)
        if hx is None:
            hx = (zeros(len(batched), self.hidden_size, dtype=input.dtype),) * count
        elif input.ndim == 1:
            hx = tuple(state.unsqueeze(0) for state in hx)
        states = step(batched, hx[0] if count == 1 else hx, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        states = [states] if count == 1 else list(states)
        return states if input.ndim == 2 else [state.squeeze(0) for state in states]


class RNNCell(_Cell):
    """One step of an Elman network; see `nn.rnn_tanh_cell`.

    Shape:
        (N, I), (N, H) -> (N, H), or all without N; weight_ih (H, I), weight_hh (H, H), bias_ih and bias_hh (H,).

    Example:
        >>> import nn
        >>> nn.RNNCell(3, 4)(nn.zeros(2, 3)).shape
        (2, 4)
    """

    nonlinearity: Unusual[str] = "tanh"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__("tanh", input_size, hidden_size, bias, **factory)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Return the next state; the first is zeros by default."""
        if self.nonlinearity not in ("tanh", "relu"):
            raise RangeError(f"RNNCell: nonlinearity must be tanh or relu, got {self.nonlinearity!r}")
        step = rnn_tanh_cell if self.nonlinearity == "tanh" else rnn_relu_cell
        return self._states(step, input, None if hx is None else (hx,), 1)[0]


class LSTMCell(_Cell):
    """One step of a long short-term memory; see `nn.lstm_cell`.

    Shape:
        (N, I), ((N, H), (N, H)) -> (N, H), (N, H), or all without N; weight_ih (4H, I), weight_hh (4H, H),
        bias_ih and bias_hh (4H,).

    Example:
        >>> import nn
        >>> h, c = nn.LSTMCell(3, 4)(nn.zeros(2, 3))
        >>> h.shape, c.shape
        ((2, 4), (2, 4))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__("lstm", input_size, hidden_size, bias, **factory)

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """Return the next (h, c); the first are zeros by default."""
        h, c = self._states(lstm_cell, input, hx, 2)
        return h, c


class GRUCell(_Cell):
    """One step of a gated recurrent unit; see `nn.gru_cell`.

    Shape:
        (N, I), (N, H) -> (N, H), or all without N; weight_ih (3H, I), weight_hh (3H, H), bias_ih and bias_hh (3H,).

    Example:
        >>> import nn
        >>> nn.GRUCell(3, 4)(nn.zeros(2, 3)).shape
        (2, 4)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__("gru", input_size, hidden_size, bias, **factory)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Return the next state; the first is zeros by default."""
        return self._states(gru_cell, input, None if hx is None else (hx,), 1)[0]
