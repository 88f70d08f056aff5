"""What attention is, in words, and its messages."""

import numpy as np
import pytest

import nn
from nn import functional as F


def test_a_query_like_one_key_gets_its_value_and_one_like_none_gets_the_mean(rng):
    k, v = nn.eye(4, dtype=nn.float64) * 100, nn.tensor(rng.normal(size=(4, 3)))
    np.testing.assert_allclose(F.scaled_dot_product_attention(k * 10, k, v).numpy(), v.numpy(), rtol=1e-12)
    nothing = nn.zeros(1, 4, dtype=nn.float64)
    np.testing.assert_allclose(F.scaled_dot_product_attention(nothing, k, v)[0].numpy(), v.numpy().mean(0), rtol=1e-12)


def test_the_order_of_the_keys_does_not_matter(rng):
    q, k, v = (nn.tensor(rng.normal(size=(5, 4))) for _ in range(3))
    order = nn.tensor(rng.permutation(5))
    np.testing.assert_allclose(
        F.scaled_dot_product_attention(q, k, v).numpy(),
        F.scaled_dot_product_attention(q, k[order], v[order]).numpy(), rtol=1e-12,
    )  # fmt: skip


def test_a_causal_result_does_not_change_with_what_comes_after(rng):
    x = rng.normal(size=(6, 4))
    other = x.copy()
    other[4:] = rng.normal(size=(2, 4))
    a, b = (F.scaled_dot_product_attention(*[nn.tensor(v)] * 3, is_causal=True).numpy() for v in (x, other))
    np.testing.assert_array_equal(a[:4], b[:4])


def test_dropout_leaves_out_weights(rng):
    q, k, v = (nn.ones(1, 200, 4) for _ in range(3))
    nn.manual_seed(0)
    y = F.scaled_dot_product_attention(q, k, v, dropout_p=0.5).numpy()
    assert y.std() > 0.03
    assert abs(y.mean() - 1) < 0.02
    assert not F.scaled_dot_product_attention(q, k, v, dropout_p=1.0).numpy().any()


@pytest.mark.parametrize(("call", "message"), [
    (lambda z: F.scaled_dot_product_attention(z(2, 3), z(2, 4), z(2, 3)), "query and key must have equal widths"),
    (lambda z: F.scaled_dot_product_attention(z(2, 3), z(2, 3), z(2, 3), z(3, 2)), r"attn_mask \(3, 2\) does not fit"),
    (lambda z: F.scaled_dot_product_attention(z(2, 3), z(2, 3), z(2, 3), z(2, 2), is_causal=True), "one of the two"),
    (lambda z: nn.MultiheadAttention(5, 2), "embed_dim must be a multiple of num_heads, got 5 and 2"),
    (lambda z: nn.MultiheadAttention(4, 2)(z(3, 1, 6), z(3, 1, 6), z(3, 1, 6)), "query must have 4 features"),
    (lambda z: nn.MultiheadAttention(4, 2)(*[z(3, 1, 4)] * 3, is_causal=True), "but attn_mask is None; make one with"),
    (lambda z: nn.MultiheadAttention(4, 2)(*[z(3, 1, 4)] * 3, attn_mask=z(2, 3)), r"shape \(3, 3\), its shape is \(2,"),
])  # fmt: skip
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call(nn.zeros)
