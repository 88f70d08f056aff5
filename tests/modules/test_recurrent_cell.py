"""Single steps by their formulas in NumPy, from zeros by default, without a batch too; and the messages."""

import numpy as np
import pytest

import nn


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def parts(cell):
    return [p.detach().numpy() for p in (cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)]


@pytest.fixture
def data(rng):
    nn.manual_seed(0)
    return rng.normal(size=(2, 3)), rng.normal(size=(2, 4)), rng.normal(size=(2, 4))


@pytest.mark.parametrize(("word", "function"), [("tanh", np.tanh), ("relu", lambda v: np.maximum(v, 0))])
def test_an_elman_step(word, function, data):
    x, h, _ = data
    cell = nn.RNNCell(3, 4, nonlinearity=word, dtype=nn.float64)
    w, u, b, c = parts(cell)
    y = cell(nn.tensor(x), nn.tensor(h))
    np.testing.assert_allclose(y.detach().numpy(), function(x @ w.T + b + h @ u.T + c), atol=1e-14)


def test_a_step_of_an_lstm(data):
    x, h, s = data
    cell = nn.LSTMCell(3, 4, dtype=nn.float64)
    w, u, b, c = parts(cell)
    i, f, g, o = np.split(x @ w.T + b + h @ u.T + c, 4, 1)
    state = sigmoid(f) * s + sigmoid(i) * np.tanh(g)
    new, kept = cell(nn.tensor(x), (nn.tensor(h), nn.tensor(s)))
    np.testing.assert_allclose(kept.detach().numpy(), state)
    np.testing.assert_allclose(new.detach().numpy(), sigmoid(o) * np.tanh(state))


def test_a_step_of_a_gru(data):
    x, h, _ = data
    cell = nn.GRUCell(3, 4, dtype=nn.float64)
    w, u, b, c = parts(cell)
    (r, z, n), (hr, hz, hn) = np.split(x @ w.T + b, 3, 1), np.split(h @ u.T + c, 3, 1)
    z = sigmoid(z + hz)
    expected = (1 - z) * np.tanh(n + sigmoid(r + hr) * hn) + z * h
    np.testing.assert_allclose(cell(nn.tensor(x), nn.tensor(h)).detach().numpy(), expected)


@pytest.mark.parametrize("kind", [nn.RNNCell, nn.LSTMCell, nn.GRUCell])
def test_the_first_state_is_zeros_and_a_vector_is_a_row_of_a_batch(kind, data):
    cell = kind(3, 4, dtype=nn.float64)
    x, zero = nn.tensor(data[0]), nn.zeros(2, 4, dtype=nn.float64)
    first = lambda result: result[0] if kind is nn.LSTMCell else result
    state = (zero, zero) if kind is nn.LSTMCell else zero
    assert first(cell(x)).tolist() == first(cell(x, state)).tolist()
    np.testing.assert_allclose(first(cell(x[1])).detach().numpy(), first(cell(x))[1].detach().numpy(), atol=1e-14)
    assert not list(kind(3, 4, bias=False).state_dict())[2:]


def test_messages():
    with pytest.raises(nn.ShapeError, match=r"GRUCell: input must have 1 or 2 axes, its shape is \(1, 2, 3\)"):
        nn.GRUCell(3, 4)(nn.ones(1, 2, 3))
    with pytest.raises(ValueError, match="RNNCell: nonlinearity must be tanh or relu, got 'sin'"):
        nn.RNNCell(3, 4, nonlinearity="sin")(nn.ones(2, 3))
