"""What the recurrent functions compute, in words, and their messages."""

import numpy as np
import pytest

import nn


def test_steps_one_by_one_are_the_sequence(rng):
    for kind in ("RNN", "LSTM", "GRU"):
        layer, cell = getattr(nn, kind)(3, 4).double(), getattr(nn, f"{kind}Cell")(3, 4).double()
        cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
        x, state = nn.tensor(rng.normal(size=(5, 2, 3))), None
        outputs = []
        for step in x:
            state = cell(step, state)
            outputs.append(state[0] if kind == "LSTM" else state)
        np.testing.assert_allclose(nn.stack(outputs).detach().numpy(), layer(x)[0].detach().numpy(), rtol=1e-12)


@pytest.mark.parametrize(("call", "message"), [
    (lambda z: nn.gru_cell(z(2, 2), z(2, 4), z(12, 3), z(12, 4)), r"gru_cell: input must be \(N, 3\), its shape is"),
    (lambda z: nn.gru_cell(z(2, 3), z(2, 4), z(9, 3), z(12, 4)), r"w_hh must be \(12, 4\) and w_ih \(12, I\)"),
    (lambda z: nn.gru_cell(z(2, 3), z(3, 4), z(12, 3), z(12, 4)), r"h must have shape \(2, 4\), its shape is \(3, 4\)"),
    (lambda z: nn.lstm_cell(z(2, 3), (z(2, 4),), z(16, 3), z(16, 4)), "expected 2 states, got 1"),
    (lambda z: nn.LSTM(3, 4)(z(5, 2, 2)), "LSTM: input must have 3 features in its last axis"),
    (lambda z: nn.LSTM(3, 4)(z(5, 2, 3), (z(1, 2, 4), z(1, 2, 5))), r"must have shape \(1, 2, 4\), got \(1, 2, 5\)"),
    (lambda z: nn.LSTM(3, 4).double()(z(5, 2, 3)), r"input is float32, the weights are float64"),
    (lambda z: nn.GRU(3, 4)(z(0, 2, 3)), "at least one step"),
    (lambda z: nn.GRU(3, 4)(z(5, 2, 3), z(1, 4)), "the initial state must have 3 axes"),
    (lambda z: nn.LSTM(3, 4, proj_size=5), r"proj_size must be from 0 \(none\) to 3, got 5"),
])  # fmt: skip
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call(nn.zeros)
