"""Attention layers by what they promise: means of values, masks, heads, caches; and the messages."""

import math

import numpy as np
import pytest

import nn


def close(a, b):
    np.testing.assert_allclose(np.asarray(a.detach()), np.asarray(b.detach()), atol=1e-12)


@pytest.fixture
def x(rng):
    return nn.tensor(rng.normal(size=(3, 5, 8)))  # (N, L, E)


def layer(**options):
    nn.manual_seed(0)
    return nn.MultiheadAttention(8, 2, batch_first=True, dtype=nn.float64, **options)


def by_hand(attention, x):
    """Heads one by one, in NumPy alone."""
    w, b = (p.detach().numpy() for p in (attention.in_proj_weight, attention.in_proj_bias))
    q, k, v = (x @ w[i : i + 8].T + b[i : i + 8] for i in (0, 8, 16))
    heads = []
    for part in (slice(0, 4), slice(4, 8)):
        scores = q[..., part] @ k[..., part].swapaxes(-1, -2) / math.sqrt(4)
        shares = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
        heads.append(shares @ v[..., part])
    out = attention.out_proj
    return np.concatenate(heads, -1) @ out.weight.detach().numpy().T + out.bias.detach().numpy()


def test_each_head_attends_by_itself(x):
    attention = layer()
    y, weights = attention(x, x, x)
    np.testing.assert_allclose(y.detach().numpy(), by_hand(attention, x.numpy()), atol=1e-12)
    np.testing.assert_allclose(weights.detach().sum(-1).numpy(), 1)
    each = attention(x, x, x, average_attn_weights=False)[1]
    close(each.mean(1), weights)
    assert attention(x, x, x, need_weights=False)[1] is None


def test_equal_keys_are_looked_at_evenly(x):
    attention = layer()
    key = x[:, :1].expand(3, 5, 8)
    y, weights = attention(x, key, x)
    np.testing.assert_allclose(weights.detach().numpy(), 1 / 5)
    close(y, y[:, :1].expand(3, 5, 8))  # the mean of the values, for every query


def test_the_order_of_keys_and_values_does_not_matter_and_that_of_queries_is_kept(x):
    attention = layer()
    y = attention(x, x, x)[0]
    close(attention(x, x.flip(1), x.flip(1))[0], y)
    close(attention(x.flip(1), x, x)[0], y.flip(1))


def test_a_key_that_is_masked_might_as_well_be_missing(x):
    attention = layer()
    short = attention(x, x[:, :3], x[:, :3])[0]
    padding = (nn.arange(5) >= 3).expand(3, 5)
    close(attention(x, x, x, key_padding_mask=padding)[0], short)
    close(attention(x, x, x, attn_mask=padding[:1].expand(5, 5))[0], short)


def test_a_batch_of_one_equals_a_row_of_the_batch_and_time_may_come_first(x):
    attention = layer()
    y = attention(x, x, x)[0]
    close(attention(x[1], x[1], x[1])[0], y[1])
    attention.batch_first = False
    turned = x.transpose(0, 1)
    close(attention(turned, turned, turned)[0], y.transpose(0, 1))


def test_keys_and_values_may_have_widths_of_their_own(rng):
    attention = layer(kdim=3, vdim=5, add_bias_kv=True, add_zero_attn=True)
    q, k, v = (nn.tensor(rng.normal(size=shape)) for shape in ((3, 4, 8), (3, 6, 3), (3, 6, 5)))
    y, weights = attention(q, k, v)
    assert (y.shape, weights.shape) == ((3, 4, 8), (3, 4, 8))  # six keys, a learned one and one of zeros
    assert "in_proj_weight" not in attention.state_dict()


def test_a_decoder_does_not_see_the_steps_to_come(x):
    nn.manual_seed(0)
    attention = nn.CausalSelfAttention(8, 4, num_kv_heads=2, dtype=nn.float64)
    y = attention(x)
    close(attention(x[:, :3]), y[:, :3])
    changed = nn.cat([x[:, :3], -x[:, 3:]], 1)
    close(attention(changed)[:, :3], y[:, :3])


def test_steps_through_a_cache_are_those_of_the_whole_sequence(x):
    nn.manual_seed(0)
    attention = nn.CausalSelfAttention(8, 4, num_kv_heads=2, dtype=nn.float64).eval()
    cache = nn.KVCache()
    pieces = [attention(x[:, a:b], cache) for a, b in ((0, 2), (2, 3), (3, 5))]
    close(nn.cat(pieces, 1), attention(x))
    assert len(cache) == 5
    cache.clear()
    assert len(cache) == 0
    close(attention(x[:, :2], cache), pieces[0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.MultiheadAttention(8, 3), AssertionError, "embed_dim must be a multiple of num_heads, got 8 and 3"),
        (lambda: nn.MultiheadAttention(0, 1), ValueError, "embed_dim and num_heads must be 1 or more, got 0 and 1"),
        (lambda: nn.CausalSelfAttention(8, 4, 3), nn.RangeError, "CausalSelfAttention: .* got 8, 4 and 3"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_cache_is_for_one_batch():
    cache = nn.KVCache()
    cache.update(nn.ones(1, 2, 3, 4), nn.ones(1, 2, 3, 4))
    with pytest.raises(nn.ShapeError, match=r"KVCache: the steps so far are .* begin a new cache for another batch"):
        cache.update(nn.ones(2, 2, 3, 4), nn.ones(2, 2, 3, 4))
