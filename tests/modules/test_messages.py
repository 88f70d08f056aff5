"""Messages about a layer's arguments and inputs that no other file of tests reads."""

import re

import pytest

import nn


def packed(*shape):
    """A packed sequence of two samples whose data have a shape of their own."""
    sequence = nn.utils.rnn.pack_padded_sequence(nn.zeros(3, 2, 4), nn.tensor([3, 2]))
    return sequence._replace(data=nn.zeros(*shape))


CASES = {
    "ModuleDict: expected a mapping, or pairs of name and value, got int": lambda: nn.ModuleDict(3),
    "ParameterDict: expected a mapping, or pairs of name and value, got float": lambda: nn.ParameterDict(0.5),
    "ModuleDict: entry 0 must be a pair of name and value, got ReLU": lambda: nn.ModuleDict([nn.ReLU()]),
    "ModuleDict: entry 0 must be a pair of name and value, got 3 parts": lambda: nn.ModuleDict([("a", nn.ReLU(), 1)]),
    "ModuleList: extend takes several modules in a list, got ReLU": lambda: nn.ModuleList().extend(nn.ReLU()),
    "ParameterList: extend takes several values in a list, got Tensor": lambda: nn.ParameterList(nn.ones(2)),
    "ParameterDict: a name must be a string, got int": lambda: nn.ParameterDict([(1, nn.ones(2))]),
    "ParameterList: the module holds parameters and cannot be called": lambda: nn.ParameterList()(nn.ones(2)),
    "ParameterDict: the module holds parameters and cannot be called": lambda: nn.ParameterDict()(nn.ones(2)),
    "Sequential: only a Sequential can be added, got list; use extend": lambda: nn.Sequential().__add__([nn.ReLU()]),
    "Sequential: only an integer can multiply it, got float": lambda: nn.Sequential() * 2.0,
    "Sequential: it must be repeated once or more, got 0": lambda: nn.Sequential() * 0,
    "Conv2d: padding='same' needs stride 1, got 2; give the padding": lambda: nn.Conv2d(1, 1, 3, 2, "same"),
    "FractionalMaxPool2d: give either output_size or output_ratio; got 3 and 0.5": lambda: nn.FractionalMaxPool2d(
        2, 3, 0.5
    ),
    "FractionalMaxPool3d: give either output_size or output_ratio; got None": lambda: nn.FractionalMaxPool3d(2),
    "FractionalMaxPool2d: output_ratio must be 2 numbers between 0 and 1, got 1.5": lambda: nn.FractionalMaxPool2d(
        2, output_ratio=1.5
    ),
    "Bilinear: in1_features must be at least 1, got 0": lambda: nn.Bilinear(0, 1, 1),
    "Unflatten: unflattened_size must be a tuple of integers, got 3": lambda: nn.Unflatten(1, 3),
    "Unflatten: axis 1 of input (2, 5) cannot be split into (2, 3)": lambda: nn.Unflatten(1, (2, 3))(nn.ones(2, 5)),
    "TripletMarginLoss: margin must be positive, got 0": lambda: nn.TripletMarginLoss(margin=0),
    "TripletMarginWithDistanceLoss: margin must be positive, got -1": lambda: nn.TripletMarginWithDistanceLoss(
        margin=-1
    ),
    "MultiMarginLoss: p must be 1 or 2, got 3": lambda: nn.MultiMarginLoss(3),
    "Module: a name must be a string without a dot, got 'a.b'": lambda: nn.Module().add_module("a.b", nn.ReLU()),
    "Module: a name must be a string without a dot, got ''": lambda: nn.Module().register_buffer("", nn.ones(1)),
    "Module: a name must be a string without a dot, got 3": lambda: nn.Module().register_parameter(3, None),
    "Module.a must be a Parameter or None, got Tensor": lambda: nn.Module().register_parameter("a", nn.ones(1)),
    "GRU: dropout is the probability of a zero and must be from 0 to 1, got 1.5": lambda: nn.GRU(2, 3, dropout=1.5),
    "LSTM: bias must be True or False, got 1": lambda: nn.LSTM(2, 3, bias=1),
    "LSTM: hidden_size must be an integer, got 3.0": lambda: nn.LSTM(2, 3.0),
    "RNN: num_layers must be 1 or more, got 0": lambda: nn.RNN(2, 3, 0),
    "RNN: nonlinearity must be tanh or relu, got 'gelu'": lambda: nn.RNN(2, 3, nonlinearity="gelu"),
    "RNNCell: nonlinearity must be tanh or relu, got 'gelu'": lambda: nn.RNNCell(2, 3, nonlinearity="gelu")(
        nn.ones(1, 2)
    ),
    "GRUCell: input must have 1 or 2 axes, its shape is (1, 1, 2)": lambda: nn.GRUCell(2, 3)(nn.ones(1, 1, 2)),
    "GRUCell: state must have 1 or 2 axes, its shape is ()": lambda: nn.GRUCell(2, 3)(nn.ones(1, 2), nn.ones(())),
    "GRU: input must have 3 axes, or 2 without a batch; its shape is (4,)": lambda: nn.GRU(4, 3)(nn.ones(4)),
    "GRU: input must have 4 features in its last axis, got (5, 1, 2)": lambda: nn.GRU(4, 3)(nn.ones(5, 1, 2)),
    "GRU: input must have at least one step, its shape is (0, 1, 4)": lambda: nn.GRU(4, 3)(nn.ones(0, 1, 4)),
    "GRU: packed data must have 2 axes, their shape is (5, 4, 1)": lambda: nn.GRU(4, 3)(packed(5, 4, 1)),
    "LSTM: expected 2 initial states, (h, c), got 1": lambda: nn.LSTM(4, 3)(nn.ones(5, 1, 4), (nn.ones(1, 1, 3),)),
    "GRU: an initial state must have shape (1, 1, 3), got (1, 1, 2)": lambda: nn.GRU(4, 3)(
        nn.ones(5, 1, 4), nn.ones(1, 1, 2)
    ),
    "TransformerEncoderLayer: activation must be relu, gelu or a function, got 'tanh'": lambda: (
        nn.TransformerEncoderLayer(4, 2, activation="tanh")
    ),
    "SinusoidalPosition: dim must be even, got 3; features are taken in pairs": lambda: nn.SinusoidalPosition(3),
    "Dropout: p is a probability and must be in [0, 1], got -0.5": lambda: nn.Dropout(-0.5),
    "embed_dim must be a multiple of num_heads, and that of num_kv_heads; got 8, 4 and 3": lambda: (
        nn.CausalSelfAttention(8, 4, 3)
    ),
    "load_state_dict: the state must be a dict of tensors by name, got list": lambda: nn.ReLU().load_state_dict([]),
}


@pytest.mark.parametrize("message", CASES)
def test_message(message):
    with pytest.raises((TypeError, ValueError, RuntimeError, KeyError), match=re.escape(message)):
        CASES[message]()
