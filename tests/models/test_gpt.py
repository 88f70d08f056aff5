"""GPT starts with a loss of about log V, its head is its table, and it learns a text by heart."""

import math

import numpy as np
import pytest

import nn
from nn.functional import cross_entropy
from nn.models import GPT, GPTConfig


def small(**options):
    return GPT(GPTConfig(**{"vocab_size": 17, "n_positions": 16, "n_embd": 16, "n_layer": 2, "n_head": 2, **options}))


def test_the_first_loss_is_that_of_a_guess():
    model = small(vocab_size=64)
    tokens, other = nn.randint(0, 64, (8, 16)), nn.randint(0, 64, (128,))
    assert float(cross_entropy(model.eval()(tokens).flatten(0, 1), other)) == pytest.approx(math.log(64), abs=0.1)


def test_the_head_is_the_table_of_the_embeddings_or_one_of_its_own():
    tied, own = small(), small(tie_word_embeddings=False)
    assert tied.lm_head.weight is tied.transformer.wte.weight
    assert sum(p.numel() for p in own.parameters()) - sum(p.numel() for p in tied.parameters()) == 17 * 16


def test_weights_that_are_added_to_the_sum_start_smaller():
    model = small(n_layer=8, n_embd=64, n_head=4)
    block = model.transformer.h[0]
    assert float(block.mlp.c_proj.weight.std()) == pytest.approx(0.02 / 4, rel=0.05)
    assert float(block.mlp.c_fc.weight.std()) == pytest.approx(0.02, rel=0.05)


def test_the_smallest_gpt_2_has_its_124_million_parameters():
    one = GPTConfig(n_layer=1, vocab_size=1)
    block = sum(p.numel() for p in GPT(one).transformer.h[0].parameters())
    assert 12 * block + (50257 + 1024) * 768 + 2 * 768 == 124_439_808


def test_dropout_acts_in_training_alone():
    model, tokens = small(embd_pdrop=0.5), nn.tensor([[1, 2, 3]])
    assert not nn.equal(model(tokens), model(tokens))
    model.eval()
    assert nn.equal(model(tokens), model(tokens))


def test_it_learns_a_text_by_heart():
    nn.manual_seed(0)
    model = small(resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, initializer_range=0.1)
    text = nn.tensor([[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3]])
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        cross_entropy(model(text[:, :-1]).flatten(0, 1), text[:, 1:].flatten()).backward()
        optimizer.step()
    np.testing.assert_array_equal(model.generate(text[:, :3], 13, do_sample=False).numpy(), text.numpy())
