"""Recurrent layers: a cell run over whole sequences, in several layers and both directions."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nn import init
from nn.errors import DtypeError, RangeError, ShapeError
from nn.functional.dropout import dropout
from nn.functional.packing import PackedSequence, places
from nn.functional.recurrent import sequence
from nn.kernels.recurrent import CELLS
from nn.modules.fields import Bare, Unusual
from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.ops.embedding import embedding, embedding_backward
from nn.tensors.creation import empty
from nn.tensors.joining import cat, stack
from nn.tensors.place import Device, Factory
from nn.tensors.tensor import Tensor

__all__ = ["GRU", "LSTM", "RNN"]


class _Recurrent(Module):
    """Layers of one cell, in one or both directions of time."""

    input_size: Bare[int]
    hidden_size: Bare[int]
    proj_size: Unusual[int] = 0
    num_layers: Unusual[int] = 1
    bias: Unusual[bool] = True
    batch_first: Unusual[bool] = False
    dropout: Unusual[float] = 0.0
    bidirectional: Unusual[bool] = False

    def __init__(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        name = type(self).__name__
        if not isinstance(dropout, int | float) or isinstance(dropout, bool) or not 0 <= dropout <= 1:
            raise RangeError(f"{name}: dropout is the probability of a zero and must be from 0 to 1, got {dropout!r}")
        if dropout and num_layers == 1:
            warnings.warn(
                f"{name}: dropout={dropout} acts between layers, and there is one layer; give num_layers", stacklevel=3
            )
        for label, flag in (("bias", bias), ("batch_first", batch_first)):
            if not isinstance(flag, bool):
                raise TypeError(f"{name}: {label} must be True or False, got {flag!r}")
        for label, size in (("input_size", input_size), ("hidden_size", hidden_size), ("num_layers", num_layers)):
            if not isinstance(size, int | np.integer):
                raise TypeError(f"{name}: {label} must be an integer, got {size!r}")
            if size <= 0:
                raise RangeError(f"{name}: {label} must be 1 or more, got {size}")
        if not 0 <= proj_size < hidden_size:
            raise RangeError(f"{name}: proj_size must be from 0 (none) to {hidden_size - 1}, got {proj_size}")
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._cell = cell
        self._names: list[list[str]] = []  # of the parameters, for each layer and direction
        rows, out = CELLS[cell][2] * hidden_size, proj_size or hidden_size
        for layer in range(num_layers):
            for suffix in ("", "_reverse")[: self._directions()]:
                shapes: dict[str, tuple[int, ...]] = {
                    "weight_ih": (rows, out * self._directions() if layer else input_size)
                }
                shapes |= {"weight_hh": (rows, out)}
                shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
                shapes |= {"weight_hr": (proj_size, hidden_size)} if proj_size else {}
                self._names.append([f"{part}_l{layer}{suffix}" for part in shapes])
                for full, shape in zip(self._names[-1], shapes.values(), strict=True):
                    self.register_parameter(full, Parameter(empty(shape, **factory)))
        self.reset_parameters()

    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def mode(self) -> str:
        """The cell, as PyTorch names it."""
        return self._cell.upper() if self._cell in ("lstm", "gru") else f"RNN_{self._cell.upper()}"

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._names]

    def flatten_parameters(self) -> None:
        """Do nothing: there is no memory layout to arrange, but PyTorch's programs call this."""

    def reset_parameters(self) -> None:
        """Draw the initial values again: uniform in [-1/sqrt(hidden_size), 1/sqrt(hidden_size))."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Return the outputs of the last layer at each step, and the last states of every layer and direction."""
        if isinstance(input, PackedSequence):
            return self._packed(input, hx)
        if input.ndim not in (2, 3):
            raise ShapeError(
                f"{type(self).__name__}: input must have 3 axes, or 2 without a batch; its shape is {input.shape}"
            )
        states = None if hx is None else list(hx) if self._cell == "lstm" else [hx]
        for state in states or ():
            if state.ndim != input.ndim:
                raise ShapeError(
                    f"{type(self).__name__}: the initial state must have {input.ndim} axes as the input has, "
                    f"its shape is {state.shape}"
                )
        batch_axis = 0 if self.batch_first else 1
        batched = input if input.ndim == 3 else input.unsqueeze(batch_axis)
        if states is not None and input.ndim == 2:
            states = [state.unsqueeze(1) for state in states]
        steps = batched.transpose(0, 1) if self.batch_first else batched
        output, last = self._run(steps, states, None)
        output = output.transpose(0, 1) if self.batch_first else output
        if input.ndim == 2:
            output, last = output.squeeze(batch_axis), [state.squeeze(1) for state in last]
        return output, tuple(last) if self._cell == "lstm" else last[0]

    def _packed(self, input: PackedSequence, hx: Any) -> Any:
        """Pad, run with each state kept where its sequence has ended, pack again."""
        sizes = input.batch_sizes.numpy()
        steps, batch = len(sizes), int(sizes[0])
        if input.data.ndim != 2:
            raise ShapeError(f"{type(self).__name__}: packed data must have 2 axes, their shape is {input.data.shape}")
        place = places(sizes, batch, batch)
        padded = embedding_backward(input.data, place, rows=steps * batch).reshape(steps, batch, -1)
        states = None if hx is None else list(hx) if self._cell == "lstm" else [hx]
        if states is not None and input.sorted_indices is not None:
            states = [state[:, input.sorted_indices] for state in states]
        output, last = self._run(padded, states, (np.arange(batch) < sizes[:, None])[:, :, None])
        data = embedding(output.reshape(steps * batch, -1), place)
        if input.unsorted_indices is not None:
            last = [state[:, input.unsorted_indices] for state in last]
        return PackedSequence(data, *input[1:]), tuple(last) if self._cell == "lstm" else last[0]

    def _run(self, input: Tensor, states: list[Tensor] | None, live: Any) -> tuple[Tensor, list[Tensor]]:
        """All layers: (T, N, I) -> (T, N, out), and the last states, (layers * directions, N, width) each."""
        self._check(input, states)
        last = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                input = dropout(input, self.dropout, self.training)
            outputs = []
            for direction in range(self._directions()):
                number = layer * self._directions() + direction
                own = self.all_weights[number]
                weights = (*own[:2], *(own[2:4] if self.bias else (None, None)), own[-1] if self.proj_size else None)
                first = None if states is None else tuple(state[number] for state in states)
                output, state = sequence(self._cell, input, first, weights, live, direction == 1)
                outputs.append(output)
                last.append(state)
            input = cat(outputs, -1) if len(outputs) > 1 else outputs[0]
        return input, [stack(kind) for kind in zip(*last, strict=True)]

    def _check(self, input: Tensor, states: list[Tensor] | None) -> None:
        name, dtype = type(self).__name__, self.all_weights[0][0].dtype
        if input.dtype != dtype:
            raise RangeError(f"{name}: input is {input.dtype}, the weights are {dtype}; use input.to(weight.dtype)")
        if input.shape[-1] != self.input_size:
            raise ShapeError(f"{name}: input must have {self.input_size} features in its last axis, got {input.shape}")
        if not input.shape[0]:
            raise ShapeError(f"{name}: input must have at least one step, its shape is {input.shape}")
        if states is None:
            return
        wanted = [self.proj_size or self.hidden_size, self.hidden_size][: CELLS[self._cell][1]]
        if len(states) != len(wanted):
            raise ShapeError(f"{name}: expected {len(wanted)} initial states, (h, c), got {len(states)}")
        for state, width in zip(states, wanted, strict=True):
            shape = (self.num_layers * self._directions(), input.shape[1], width)
            if state.shape != shape:
                raise ShapeError(f"{name}: an initial state must have shape {shape}, got {state.shape}")
            if state.dtype != dtype:
                raise DtypeError(f"{name}: an initial state is {state.dtype}, the weights are {dtype}; use .to(...)")


class RNN(_Recurrent):
    """Elman layers, h' = tanh(W_ih x + b_ih + W_hh h + b_hh), each reading the outputs of the one below.

    Args:
        input_size: I, the features of a step.
        hidden_size: H, the width of the state.
        num_layers: how many layers.
        nonlinearity: tanh or relu.
        bias: whether there are b_ih and b_hh.
        batch_first: whether input and output are (N, T, ...), not (T, N, ...).
        dropout: the probability of a zero in what a layer reads from the one below, in training.
        bidirectional: whether each layer also runs from the last step to the first; D = 2, else 1.

    Shape:
        (T, N, I), (D layers, N, H) -> (T, N, D H), (D layers, N, H), or all without N; a `PackedSequence` gives one.
        weight_ih_l0 (H, I), weight_hh_l0 (H, H), bias_ih_l0 and bias_hh_l0 (H,), all uniform within 1/sqrt(H).

    Example:
        >>> import nn
        >>> output, h = nn.RNN(3, 4, num_layers=2)(nn.zeros(5, 1, 3))
        >>> output.shape, h.shape
        ((5, 1, 4), (2, 1, 4))

    References:
        Elman, Finding Structure in Time, Cognitive Science 1990.
    """

    nonlinearity: str

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        if nonlinearity not in ("tanh", "relu"):
            raise RangeError(f"RNN: nonlinearity must be tanh or relu, got {nonlinearity!r}")
        super().__init__(
            nonlinearity, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, **factory
        )
        self.nonlinearity = nonlinearity


class LSTM(_Recurrent):
    """Layers of long short-term memory; see `nn.lstm_cell` for the step and `RNN` for the arguments.

    Args:
        proj_size: P, the width of h after a projection W_hr; 0 for none.

    Shape:
        (T, N, I), ((D layers, N, P or H), (D layers, N, H)) -> (T, N, D (P or H)), (h, c) as the initial ones.
        weight_ih_l0 (4H, I), weight_hh_l0 (4H, P or H), biases (4H,), weight_hr_l0 (P, H).

    Example:
        >>> import nn
        >>> output, (h, c) = nn.LSTM(3, 4, bidirectional=True)(nn.zeros(5, 1, 3))
        >>> output.shape, h.shape, c.shape
        ((5, 1, 8), (2, 1, 4), (2, 1, 4))

    References:
        Hochreiter and Schmidhuber, Long Short-Term Memory, Neural Computation 1997; Sak, Senior and Beaufays, Long
        Short-Term Memory Based Recurrent Neural Network Architectures, 2014 (the projection).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(
            "lstm", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size, **factory
        )


class GRU(_Recurrent):
    """Layers of gated recurrent units; see `nn.gru_cell` for the step and `RNN` for the arguments and shapes.

    Shape:
        weight_ih_l0 (3H, I), weight_hh_l0 (3H, H), biases (3H,).

    Example:
        >>> import nn
        >>> output, h = nn.GRU(3, 4, batch_first=True)(nn.zeros(2, 5, 3))
        >>> output.shape, h.shape
        ((2, 5, 4), (1, 2, 4))

    References:
        Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, EMNLP 2014.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(
            "gru", input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, **factory
        )
