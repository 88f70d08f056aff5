"""Layers of transformers by their formulas in parts, before and after the norm; and the messages."""

import numpy as np
import pytest

import nn


def close(a, b):
    np.testing.assert_allclose(np.asarray(a.detach()), np.asarray(b.detach()), atol=1e-11)


@pytest.fixture(autouse=True)
def seed():
    nn.manual_seed(0)


@pytest.fixture
def x(rng):
    return nn.tensor(rng.normal(size=(2, 5, 8)))


OPTIONS = dict(dim_feedforward=16, dropout=0.0, batch_first=True, dtype=nn.float64)


def drawn(layer):
    """The layer with parameters all different, so that no norm stands for another."""
    for parameter in layer.parameters():
        nn.init.normal_(parameter, 0.0, 0.4)
    return layer


def attend(attention, query, key):
    return attention(query, key, key)[0]


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu", nn.Tanh()])
def test_an_encoder_layer_adds_attention_and_a_network_of_two_maps(first, activation, x):
    layer = drawn(nn.TransformerEncoderLayer(8, 2, activation=activation, norm_first=first, **OPTIONS))
    f = (
        {"relu": nn.ReLU(), "gelu": nn.GELU()}.get(activation, activation)
        if isinstance(activation, str)
        else activation
    )
    network = lambda v: layer.linear2(f(layer.linear1(v)))
    if first:
        y = x + attend(layer.self_attn, layer.norm1(x), layer.norm1(x))
        expected = y + network(layer.norm2(y))
    else:
        y = layer.norm1(x + attend(layer.self_attn, x, x))
        expected = layer.norm2(y + network(y))
    close(layer(x), expected)


@pytest.mark.parametrize("first", [False, True])
def test_a_decoder_layer_looks_at_itself_and_then_at_the_memory(first, x, rng):
    layer = drawn(nn.TransformerDecoderLayer(8, 2, norm_first=first, **OPTIONS))
    memory = nn.tensor(rng.normal(size=(2, 4, 8)))
    network = lambda v: layer.linear2(layer.linear1(v).relu())
    if first:
        y = x + attend(layer.self_attn, layer.norm1(x), layer.norm1(x))
        y = y + attend(layer.multihead_attn, layer.norm2(y), memory)
        expected = y + network(layer.norm3(y))
    else:
        y = layer.norm1(x + attend(layer.self_attn, x, x))
        y = layer.norm2(y + attend(layer.multihead_attn, y, memory))
        expected = layer.norm3(y + network(y))
    close(layer(x, memory), expected)


def test_swiglu_gates_one_map_by_the_swish_of_another(x):
    layer = nn.SwiGLU(8, 20, bias=True, dtype=nn.float64)
    w1, w2, w3 = (m.weight.detach().numpy() for m in (layer.w1, layer.w2, layer.w3))
    b1, b2, b3 = (m.bias.detach().numpy() for m in (layer.w1, layer.w2, layer.w3))
    a = x.numpy() @ w1.T + b1
    expected = (a / (1 + np.exp(-a)) * (x.numpy() @ w3.T + b3)) @ w2.T + b2
    np.testing.assert_allclose(layer(x).detach().numpy(), expected, atol=1e-12)


def test_dropout_acts_in_training_alone(x):
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.5, batch_first=True, dtype=nn.float64)
    assert layer(x).tolist() != layer(x).tolist()
    assert layer.eval()(x).tolist() == layer(x).tolist()


def test_an_unknown_activation_is_named():
    with pytest.raises(RuntimeError, match=r"activation.*'sine'"):
        nn.TransformerEncoderLayer(8, 2, activation="sine")
