"""Recurrent layers by loops over their cells, at zero weights, packed, in both directions; and the messages."""

import numpy as np
import pytest

import nn
from nn.utils.rnn import pack_sequence, unpack_sequence

LAYERS = {"RNN": nn.RNNCell, "LSTM": nn.LSTMCell, "GRU": nn.GRUCell}


def close(a, b):
    np.testing.assert_allclose(np.asarray(a.detach()), np.asarray(b.detach()), atol=1e-12)


def made(name, **options):
    nn.manual_seed(0)
    return getattr(nn, name)(3, 4, dtype=nn.float64, **options)


def cell_of(name, layer, suffix="_l0"):
    """The cell with the parameters of one layer and direction."""
    cell = LAYERS[name](layer.input_size if suffix[:3] == "_l0" else 4, 4, dtype=nn.float64)
    cell.load_state_dict({n: getattr(layer, n + suffix).detach() for n in cell.state_dict()})
    return cell


def looped(cell, steps):
    state, outputs = None, []
    for x in steps:
        state = cell(x, state)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    return nn.stack(outputs)


@pytest.fixture
def x(rng):
    return nn.tensor(rng.normal(size=(6, 2, 3)))  # (T, N, I)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_a_loop_over_its_cell_and_ends_in_its_last_state(name, x):
    layer = made(name)
    y, last = layer(x)
    close(y, looped(cell_of(name, layer), x))
    close((last[0] if name == "LSTM" else last)[0], y[-1])


@pytest.mark.parametrize("name", LAYERS)
def test_the_second_layer_reads_the_first_and_the_other_direction_the_reversed_steps(name, x):
    two = made(name, num_layers=2)
    close(two(x)[0], looped(cell_of(name, two, "_l1"), looped(cell_of(name, two), x)))
    both = made(name, bidirectional=True)
    y = both(x)[0]
    close(y[..., :4], looped(cell_of(name, both), x))
    close(y[..., 4:], looped(cell_of(name, both, "_l0_reverse"), x.flip(0)).flip(0))


def test_with_zero_weights_an_lstm_says_nothing_and_a_gru_halves_its_state(x):
    for name, half in (("LSTM", False), ("GRU", True)):
        layer = made(name)
        with nn.no_grad():
            for parameter in layer.parameters():
                parameter.zero_()
        assert not layer(x)[0].any()
        if half:
            y = layer(x, nn.ones(1, 2, 4).double())[0]
            close(y[:, 0, 0], 0.5 ** nn.arange(1.0, 7.0).double())


@pytest.mark.parametrize("name", LAYERS)
def test_a_batch_of_one_equals_a_row_of_the_batch_and_the_batch_may_come_first(name, x):
    layer = made(name)
    y = layer(x)[0]
    close(layer(x[:, 1:])[0], y[:, 1:])
    close(layer(x[:, 1])[0], y[:, 1])
    layer.batch_first = True
    close(layer(x.transpose(0, 1))[0], y.transpose(0, 1))


@pytest.mark.parametrize("name", LAYERS)
def test_the_second_half_goes_on_from_the_state_of_the_first(name, x):
    layer = made(name, num_layers=2)
    head, state = layer(x[:2])
    close(nn.cat([head, layer(x[2:], state)[0]]), layer(x)[0])


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("both", [False, True])
def test_packed_sequences_are_run_each_by_itself(name, both, rng):
    layer = made(name, bidirectional=both, num_layers=2)
    sequences = [nn.tensor(rng.normal(size=(length, 3))) for length in (2, 5, 3)]
    packed, last = layer(pack_sequence(sequences, enforce_sorted=False))
    hidden = last[0] if name == "LSTM" else last
    for i, (y, sequence) in enumerate(zip(unpack_sequence(packed), sequences, strict=True)):
        expected, own = layer(sequence)
        close(y, expected)
        close(hidden[:, i], own[0] if name == "LSTM" else own)


def test_a_projection_makes_the_output_narrower(x):
    layer = made("LSTM", proj_size=2)
    y, (h, c) = layer(x)
    assert (y.shape, h.shape, c.shape) == ((6, 2, 2), (1, 2, 2), (1, 2, 4))
    close(h[0], y[-1])


def test_dropout_acts_between_layers_in_training_alone(x):
    layer = made("GRU", num_layers=2, dropout=0.5)
    assert layer(x)[0].tolist() != layer(x)[0].tolist()
    layer.eval()
    plain = made("GRU", num_layers=2)
    close(layer(x)[0], plain(x)[0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.LSTM(3, 4, dropout=2), ValueError, "LSTM: dropout is the probability of a zero and must be from 0"),
        (lambda: nn.GRU(3, 0), ValueError, "GRU: hidden_size must be 1 or more, got 0"),
        (lambda: nn.RNN(3.0, 4), TypeError, "RNN: input_size must be an integer, got 3.0"),
        (lambda: nn.LSTM(3, 4, proj_size=4), ValueError, r"LSTM: proj_size must be from 0 \(none\) to 3, got 4"),
        (lambda: nn.GRU(3, 4)(nn.ones(5, 2, 4)), RuntimeError, "GRU"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_dropout_of_one_layer_warns():
    with pytest.warns(
        UserWarning, match=r"GRU: dropout=0.5 acts between layers, and there is one layer; give num_layers"
    ):
        nn.GRU(3, 4, dropout=0.5)
