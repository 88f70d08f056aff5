"""Attention: the weights taken from a forward are those that the layer computes, whatever it is made of."""

import numpy as np
import pytest

import nn
from nn.errors import RangeError, ShapeError
from nn.viewing import attention_weights, draw_attention


def test_they_are_those_that_multihead_attention_returns(rng):
    nn.manual_seed(0)
    layer = nn.MultiheadAttention(8, 2, dropout=0.5)
    q, k = (nn.tensor(rng.normal(size=(n, 3, 8)).astype(np.float32)) for n in (4, 6))
    found = attention_weights(layer, q, k, k)
    layer.eval()
    expected = layer(q, k, k, average_attn_weights=False)[1].detach().numpy()
    assert list(found) == [""]
    assert found[""].shape == (3, 2, 4, 6)
    np.testing.assert_allclose(found[""], expected, rtol=1e-6)


@pytest.mark.parametrize("frozen", [False, True])
def test_a_decoder_s_queries_see_what_was_before_them(frozen):
    nn.manual_seed(0)
    model = nn.Sequential(
        nn.Embedding(11, 8), nn.CausalSelfAttention(8, 4, num_kv_heads=2), nn.CausalSelfAttention(8, 2)
    )
    model.requires_grad_(not frozen)
    found = attention_weights(model, nn.tensor([[1, 2, 3, 4, 5]]))
    assert {name: weights.shape for name, weights in found.items()} == {"1": (1, 4, 5, 5), "2": (1, 2, 5, 5)}
    for weights in found.values():
        np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-5)
        assert not np.triu(weights, 1).any()
    assert all(parameter.requires_grad != frozen for parameter in model.parameters())


def test_an_encoder_and_decoder_have_three_kinds():
    nn.manual_seed(0)
    model = nn.Transformer(8, 2, 1, 1, 16, batch_first=True)
    found = attention_weights(model, nn.randn(1, 5, 8), nn.randn(1, 3, 8))
    assert {name: weights.shape[-2:] for name, weights in found.items()} == {
        "encoder.layers.0.self_attn": (5, 5),
        "decoder.layers.0.self_attn": (3, 3),
        "decoder.layers.0.multihead_attn": (3, 5),
    }


def test_attention_written_by_hand_is_found_each_time_it_is_called():
    class ByHand(nn.Module):
        def forward(self, x):
            for _ in range(2):
                x = (x @ x.mT).softmax(-1) @ x
            return (x @ x.mT).softmax(-1)  # this one weighs nothing

    model, x = nn.Sequential(ByHand()), nn.randn(1, 3, 4, requires_grad=True)
    found = attention_weights(model, x)
    assert list(found) == ["0", "0.2"]
    np.testing.assert_allclose(found["0"], (x @ x.mT).softmax(-1).detach().numpy(), rtol=1e-6)


def test_a_query_without_keys_has_none(rng):
    class Masked(nn.Module):
        def forward(self, x):
            mask = nn.tensor([[True, False], [False, False]])
            return nn.functional.scaled_dot_product_attention(x, x, x, mask)

    found = attention_weights(Masked(), nn.randn(1, 2, 4, requires_grad=True))
    assert found[""].tolist() == [[[1, 0], [0, 0]]]


def test_the_heads_and_the_tokens_are_on_the_picture(read, rng):
    weights = rng.dirichlet(np.ones(3), (1, 2, 3))
    picture = draw_attention(weights, ["the", "cat", "sat"], title="block 7")
    for text, times in [
        ("block 7", 1),
        ("head 0", 1),
        ("head 1", 1),
        ("the", 4),
        ("sat", 4),
        ("query", 2),
        ("weight", 1),
    ]:
        assert read(picture, text) == times, text
    assert read(draw_attention(weights[0, 0], [1, 2, 3], ["a", "b", "c"]), "b") == 1
    assert np.array_equal(draw_attention(weights[:, 0]), draw_attention(weights[0, 0]))


def test_bad_arguments_are_refused():
    with pytest.raises(RangeError, match=r"^attention_weights: nothing in Linear attends: no softmax multiplies a mat"):
        attention_weights(nn.Linear(2, 2), nn.ones(1, 2))
    with pytest.raises(ShapeError, match=r"^draw_attention: weights must be \(N, heads, L, S\), .* got \(3,\)$"):
        draw_attention([1.0, 2, 3])
    with pytest.raises(ShapeError, match=r"^draw_attention: sample must be one of 2, got 2$"):
        draw_attention(np.ones((2, 3, 3)), sample=2)
    with pytest.raises(ShapeError, match=r"^draw_attention: tokens must have 3 entries, got 2$"):
        draw_attention(np.ones((3, 3)), ["a", "b"])
