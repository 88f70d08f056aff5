"""Llama shares keys among queries and turns them by their positions, of which only differences count."""

import numpy as np
import pytest

import nn
from nn.models import Llama, LlamaConfig


def small(**options):
    return Llama(
        LlamaConfig(**{"vocab_size": 17, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2,
                       "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 16, **options})
    ).eval()  # fmt: skip


def test_keys_and_values_have_fewer_heads():
    attention = small().model.layers[0].self_attn
    assert attention.q_proj.weight.shape == (16, 16)
    assert attention.k_proj.weight.shape == attention.v_proj.weight.shape == (8, 16)
    assert small(head_dim=6).model.layers[0].self_attn.o_proj.weight.shape == (16, 24)


def test_shared_heads_are_those_of_a_model_whose_own_heads_are_equal():
    shared, own = small(num_key_value_heads=1), small(num_key_value_heads=4)
    state = shared.state_dict()
    for name, value in state.items():
        if "k_proj" in name or "v_proj" in name:
            state[name] = nn.cat([value] * 4)
    own.load_state_dict(state)
    tokens = nn.tensor([[1, 5, 2, 8]])
    np.testing.assert_allclose(own(tokens).detach().numpy(), shared(tokens).detach().numpy(), rtol=1e-4, atol=1e-6)


def test_only_differences_of_positions_count():
    """One layer cannot tell a token from the same one elsewhere, if all that it sees is the same."""
    model = small(num_hidden_layers=1)
    logits = model(nn.tensor([[7, 7, 7, 7]]))[0].detach().numpy()
    np.testing.assert_allclose(logits, np.broadcast_to(logits[0], logits.shape), rtol=1e-4, atol=1e-6)


def test_biases_and_a_tied_head_are_there_where_they_are_asked_for():
    names = {name for name, _ in small(attention_bias=True, mlp_bias=True).named_parameters()}
    assert "model.layers.0.self_attn.q_proj.bias" in names
    assert "model.layers.0.mlp.down_proj.bias" in names
    assert not any("bias" in name for name, _ in small().named_parameters())
    tied = small(tie_word_embeddings=True)
    assert tied.lm_head.weight is tied.model.embed_tokens.weight


def test_the_base_of_the_angles_matters():
    tokens = nn.tensor([[1, 5, 2, 8]])
    one, other = small(), small(rope_theta=100.0)
    other.load_state_dict(one.state_dict())
    assert not np.allclose(one(tokens).detach().numpy(), other(tokens).detach().numpy(), atol=1e-7)
    assert one(tokens).detach().numpy() == pytest.approx(small_like(one)(tokens).detach().numpy())


def small_like(model):
    again = Llama(model.config).eval()
    again.load_state_dict(model.state_dict())
    return again
