"""Stacks of layers by loops over their parts; masks keep what comes later from what came before."""

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


LAYER = dict(d_model=8, nhead=2, dim_feedforward=16, dropout=0.0, batch_first=True, dtype=nn.float64)


def test_a_stack_is_its_layers_one_after_another_and_each_has_parameters_of_its_own(x):
    layer = nn.TransformerEncoderLayer(**LAYER)
    stack = nn.TransformerEncoder(layer, 3, nn.LayerNorm(8, dtype=nn.float64))
    y = x
    for part in stack.layers:
        y = part(y)
    close(stack(x), stack.norm(y))
    assert stack.num_layers == len({id(p.linear1.weight) for p in stack.layers}) == 3


def test_a_decoder_with_the_causal_mask_does_not_see_the_steps_to_come(x, rng):
    decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(**LAYER), 2)
    memory = nn.tensor(rng.normal(size=(2, 4, 8)))
    mask = nn.Transformer.generate_square_subsequent_mask(5, dtype=nn.float64)
    y = decoder(x, memory, tgt_mask=mask)
    close(decoder(x[:, :3], memory, tgt_mask=mask[:3, :3]), y[:, :3])
    assert (decoder(x, memory) - y).abs().amax().item() > 1e-3  # without it the steps are seen


def test_the_causal_mask_is_0_up_to_the_diagonal_and_minus_infinity_above():
    mask = nn.Transformer.generate_square_subsequent_mask(3).numpy()
    np.testing.assert_array_equal(mask, np.where(np.tri(3) == 1, 0, -np.inf))


def test_a_whole_transformer_is_its_decoder_reading_its_encoder(x, rng):
    model = nn.Transformer(8, 2, 1, 2, 16, dropout=0.0, batch_first=True, dtype=nn.float64)
    target = nn.tensor(rng.normal(size=(2, 3, 8)))
    close(model(x, target), model.decoder(target, model.encoder(x)))
    close(model(x[:1], target[:1]), model(x, target)[:1])  # a batch of one equals a row of the batch


def test_a_padded_source_is_the_shorter_source(x, rng):
    model = nn.Transformer(8, 2, 1, 1, 16, dropout=0.0, batch_first=True, dtype=nn.float64)
    target = nn.tensor(rng.normal(size=(2, 3, 8)))
    padding = (nn.arange(5) >= 4).expand(2, 5)
    masked = model(x, target, src_key_padding_mask=padding, memory_key_padding_mask=padding)
    close(masked, model(x[:, :4], target))


def test_a_source_of_another_width_is_refused(x):
    with pytest.raises(RuntimeError, match="8"):
        nn.Transformer(8, 2, 1, 1, 16, batch_first=True, dtype=nn.float64)(x, x[..., :6])
