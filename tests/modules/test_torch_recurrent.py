"""Recurrent layers against PyTorch: every argument, states, packed sequences; two orders of gradients, and errors."""

import itertools
import math

import numpy as np
import pytest
from oracle import normal, torch
from twins import compare_modules, flat

import nn

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN:UserWarning")
KINDS = ["RNN", "LSTM", "GRU"]
ARGUMENTS = {
    "plain": (3, 4), "two layers": (3, 4, 2),
    "three layers": (2, 3, 3), "both ways": (3, 4, 1, {"bidirectional": True}),
    "both ways twice": (3, 2, 2, {"bidirectional": True, "batch_first": True}), "no bias": (3, 4, 2, {"bias": False}),
    "batch first": (3, 4, 1, {"batch_first": True}), "one unit": (1, 1),
}  # fmt: skip


def split(arguments):
    return [a for a in arguments if not isinstance(a, dict)], next((a for a in arguments if isinstance(a, dict)), {})


def states_of(kind, layers, batch, width, rng, projected=0):
    """Initial states as torch takes them, as arrays: one or two."""
    shapes = [(layers, *batch, projected or width), (layers, *batch, width)][: 2 if kind == "LSTM" else 1]
    return normal(rng, *shapes)


def arranged(kind):
    """(x, h) or (x, h, c) as the arguments of a call."""
    return lambda x, *states: (x, states if kind == "LSTM" else states[0]) if states else (x,)


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("with_state", [True, False])
@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS)
@pytest.mark.parametrize("kind", [*KINDS, "relu", "projected"])
def test_layers(kind, arguments, with_state, batched, rng):
    sizes, options = split(arguments)
    projected, cell = 0, kind if kind in KINDS else "RNN" if kind == "relu" else "LSTM"
    if kind == "relu":
        options = {**options, "nonlinearity": "relu"}
    elif kind == "projected":
        projected = max(0, sizes[1] - 2)
        options = {**options, "proj_size": projected}
    layers = (sizes[2] if len(sizes) > 2 else 1) * (2 if options.get("bidirectional") else 1)
    shape = (3, 2) if not batched else (2, 3) if options.get("batch_first") else (3, 2)
    x = rng.normal(size=(*(shape if batched else (3,)), sizes[0]))
    states = states_of(cell, layers, (2,) if batched else (), sizes[1], rng, projected) if with_state else []
    compare_modules(lambda t: getattr(t, cell)(*sizes, **options), x, *states, arrange=arranged(cell))


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_sequence_in_training(kind, rng):
    compare_modules(lambda t: getattr(t, kind)(4, 5), rng.normal(size=(60, 3, 4)), orders=1, train=True)


@pytest.mark.parametrize("kind", KINDS)
def test_one_step_of_one_and_steps_of_none(kind):
    compare_modules(lambda t: getattr(t, kind)(3, 2), np.ones((1, 1, 3)), orders=1)
    layer = getattr(nn, kind)(3, 2)
    y, last = layer(nn.zeros(5, 0, 3))
    assert [t.shape for t in flat((y, last))] == [(5, 0, 2), (1, 0, 2), (1, 0, 2)][: 3 if kind == "LSTM" else 2]
    y.sum().backward()
    assert all(not p.grad.numpy().any() for p in layer.parameters())


CELLS = {
    "RNNCell": lambda t: t.RNNCell(3, 4), "relu": lambda t: t.RNNCell(3, 4, nonlinearity="relu"),
    "LSTMCell": lambda t: t.LSTMCell(3, 4), "GRUCell": lambda t: t.GRUCell(3, 4),
    "no bias": lambda t: t.GRUCell(3, 4, bias=False), "lstm without": lambda t: t.LSTMCell(3, 4, False),
    "rnn without": lambda t: t.RNNCell(3, 4, False),
}  # fmt: skip


@pytest.mark.parametrize("batch", [(5,), ()])
@pytest.mark.parametrize("with_state", [True, False])
@pytest.mark.parametrize("name", CELLS)
def test_cells(name, with_state, batch, rng):
    kind = "LSTM" if "LSTM" in name or "lstm" in name else "GRU"
    states = normal(rng, *[(*batch, 4)] * (2 if kind == "LSTM" else 1)) if with_state else []
    compare_modules(CELLS[name], rng.normal(size=(*batch, 3)), *states, arrange=arranged(kind))


# -- packed sequences -------------------------------------------------------------------------------------------------
class Packing:
    """A recurrent layer that packs what it reads and pads what it gives."""

    @staticmethod
    def of(t, layer, lengths, in_order, batch_first):
        base = t.Module

        class Packed(base):
            def __init__(self):
                super().__init__()
                self.layer = layer(t)

            def forward(self, x, hx=None):
                packed = t.utils.rnn.pack_padded_sequence(x, lengths, batch_first, in_order)
                y, last = self.layer(packed, hx)
                return t.utils.rnn.pad_packed_sequence(y, batch_first, padding_value=-1.5, total_length=6)[0], last

        return Packed()


@pytest.mark.parametrize("with_state", [True, False])
@pytest.mark.parametrize(("lengths", "in_order"), [([4, 2, 1], True), ([2, 4, 1], False), ([3, 3, 3], True)], ids=str)
@pytest.mark.parametrize("options", [{}, {"bidirectional": True}, {"bidirectional": True, "num_layers": 2}], ids=str)
@pytest.mark.parametrize("kind", [*KINDS, "projected"])
def test_packed_sequences(kind, options, lengths, in_order, with_state, rng):
    cell, projected = ("LSTM", 2) if kind == "projected" else (kind, 0)
    more = {"proj_size": 2} if projected else {}
    layers = options.get("num_layers", 1) * (2 if options else 1)
    x = rng.normal(size=(3, 5, 2))
    states = states_of(cell, layers, (3,), 3, rng, projected) if with_state else []
    compare_modules(
        lambda t: Packing.of(t, lambda t: getattr(t, cell)(2, 3, **options, **more), lengths, in_order, True),
        x, *states, arrange=arranged(cell),
    )  # fmt: skip


def test_a_packed_sequence_gives_what_each_sequence_gives_alone(rng):
    layer = nn.GRU(2, 3, bidirectional=True, num_layers=2).double()
    parts = [nn.tensor(rng.normal(size=(n, 2))) for n in (3, 5, 1)]
    y, h = layer(nn.utils.rnn.pack_sequence(parts, enforce_sorted=False))
    for i, (part, got) in enumerate(zip(parts, nn.utils.rnn.unpack_sequence(y), strict=True)):
        alone, last = layer(part)
        np.testing.assert_allclose(got.detach().numpy(), alone.detach().numpy(), rtol=1e-12)
        np.testing.assert_allclose(h[:, i].detach().numpy(), last.detach().numpy(), rtol=1e-12)


# -- the rest ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
def test_dropout_acts_between_layers_in_training_alone(kind, rng):
    layer = getattr(nn, kind)(2, 50, num_layers=2, dropout=1.0)
    x = nn.tensor(rng.normal(size=(3, 2, 2)).astype(np.float32))
    without = getattr(nn, kind)(2, 50, num_layers=2)
    without.load_state_dict(layer.state_dict())
    np.testing.assert_array_equal(layer.eval()(x)[0].detach().numpy(), without(x)[0].detach().numpy())
    layer.train()
    y = layer(x)[0]
    np.testing.assert_allclose(y.detach().numpy(), layer(x * 5)[0].detach().numpy())  # the upper layer reads zeros
    assert repr(layer) == repr(getattr(torch.nn, kind)(2, 50, num_layers=2, dropout=1.0))
    half = getattr(nn, kind)(2, 50, num_layers=2, dropout=0.5)
    assert (half(x)[0] != half(x)[0]).any()


@pytest.mark.parametrize(
    ("kind", "options"), list(itertools.product(KINDS, [{}, {"bidirectional": True, "num_layers": 2}]))
)
def test_initial_values_are_uniform_within_the_root_of_the_width(kind, options):
    nn.manual_seed(0)
    layer = getattr(nn, kind)(10, 25, **options)
    for parameter in layer.parameters():
        values = parameter.detach().numpy()
        assert abs(values).max() <= 1 / math.sqrt(25)
        assert values.std() > 0.7 / math.sqrt(25) / math.sqrt(3)


def test_attributes_and_parameters_by_layer():
    for kind in KINDS:
        ours, theirs = (getattr(t, kind)(3, 4, 2, bidirectional=True) for t in (nn, torch.nn))
        assert [[p.shape for p in row] for row in ours.all_weights] == [
            [tuple(p.shape) for p in row] for row in theirs.all_weights
        ]
        for name in ("mode", "input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "proj_size"):
            assert getattr(ours, name) == getattr(theirs, name)
        assert ours.flatten_parameters() is None


CONSTRUCTORS = [
    lambda t: t.RNN(3, 4, nonlinearity="sigmoid"), lambda t: t.LSTM(3, 4, dropout=1.5), lambda t: t.LSTM(3, 0),
    lambda t: t.GRU(0, 3), lambda t: t.GRU(3, 4, 0), lambda t: t.LSTM(3, 4, proj_size=4), lambda t: t.LSTM(3, 4.5),
    lambda t: t.LSTM(3, 4, proj_size=-1), lambda t: t.LSTM(3, 4, bias=1), lambda t: t.LSTM(3, 4, batch_first=None),
    lambda t: t.GRU(3, 4, dropout=True), lambda t: t.GRU(3, 4, dropout="a"), lambda t: t.GRU(2.0, 4),
]  # fmt: skip
CALLS = [
    lambda t, z: t.LSTM(3, 4)(z(5)), lambda t, z: t.LSTM(3, 4)(z(5, 2, 2)), lambda t, z: t.GRU(3, 4)(z(1, 1, 1, 3)),
    lambda t, z: t.RNN(3, 4)(z(5, 2, 3), z(1, 3, 4)), lambda t, z: t.RNN(3, 4)(z(5, 2, 3), z(2, 4)),
    lambda t, z: t.RNN(3, 4)(z(5, 3), z(1, 1, 4)), lambda t, z: t.LSTM(3, 4)(z(5, 2, 3), (z(1, 2, 4), z(1, 2, 5))),
    lambda t, z: t.LSTM(3, 4)(z(5, 2, 3), (z(1, 2, 5), z(1, 2, 4))), lambda t, z: t.LSTM(3, 4).double()(z(5, 2, 3)),
    lambda t, z: t.GRU(3, 4)(z(0, 2, 3)), lambda t, z: t.LSTM(3, 4)(z(5, 2, 3), (z(2, 4), z(2, 4))),
    lambda t, z: t.GRU(3, 4)(z(5, 2, 3), z(1, 2, 4).double()),
    lambda t, z: t.GRUCell(3, 4)(z(2, 3), z(2, 4).double()),
    lambda t, z: t.RNNCell(3, 4)(z(1, 2, 3)), lambda t, z: t.RNNCell(3, 4)(z(2, 2)),
    lambda t, z: t.GRUCell(3, 4)(z(2, 3), z(3, 4)), lambda t, z: t.LSTMCell(3, 4)(z(2, 3), (z(2, 4), z(2, 5))),
    lambda t, z: t.RNNCell(3, 4, nonlinearity="x")(z(2, 3)), lambda t, z: t.GRUCell(3, 4)(z(2, 3), z(2, 2, 4)),
]  # fmt: skip


@pytest.mark.parametrize("make", CONSTRUCTORS)
def test_constructors_refuse_what_torch_refuses(make):
    with pytest.raises(Exception) as theirs:
        make(torch.nn)
    with pytest.raises(theirs.type):
        make(nn)


@pytest.mark.parametrize("call", CALLS)
def test_calls_refuse_what_torch_refuses(call):
    with pytest.raises(Exception) as theirs:
        call(torch.nn, torch.zeros)
    with pytest.raises(theirs.type):
        call(nn, nn.zeros)


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_with_one_layer_warns(kind):
    with pytest.warns(UserWarning, match="acts between layers, and there is one layer"):
        getattr(nn, kind)(2, 3, dropout=0.5)


def test_what_comes_out_is_as_nested_as_in_torch():
    x = np.zeros((2, 1, 3), np.float32)
    for kind in KINDS:
        ours, theirs = getattr(nn, kind)(3, 4)(nn.tensor(x)), getattr(torch.nn, kind)(3, 4)(torch.tensor(x))
        assert isinstance(ours[1], tuple) == isinstance(theirs[1], tuple)
        assert len(flat(ours)) == len(flat(theirs))
