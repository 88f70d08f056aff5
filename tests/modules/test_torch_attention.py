"""MultiheadAttention against PyTorch, every argument; and the cache of a decoder."""

import math

import numpy as np
import pytest
from oracle import normal, torch
from twins import compare_modules, plain_kernels, with_masks

import nn

pytestmark = pytest.mark.usefixtures(plain_kernels.__name__)
LAYERS = {
    "plain": lambda t: t.MultiheadAttention(4, 2),
    "one head": lambda t: t.MultiheadAttention(4, 1, bias=False),
    "a key and a value more": lambda t: t.MultiheadAttention(4, 2, add_bias_kv=True),
    "zeros more": lambda t: t.MultiheadAttention(4, 2, add_zero_attn=True),
    "both more": lambda t: t.MultiheadAttention(4, 4, add_bias_kv=True, add_zero_attn=True, bias=False),
    "other widths": lambda t: t.MultiheadAttention(4, 2, kdim=3, vdim=5),
    "other widths, no bias": lambda t: t.MultiheadAttention(4, 2, kdim=3, bias=False, add_bias_kv=True),
}
CALLS = {
    "plain": {}, "no weights": {"need_weights": False}, "each head": {"average_attn_weights": False},
    "padding": {"key_padding_mask": np.array([[False] * 5, [False, False, True, False, True]])},
    "padding, no weights": {
        "key_padding_mask": np.array([[True] * 5, [False, False, True, False, True]]), "need_weights": False},
    "mask": {"attn_mask": np.triu(np.ones((3, 5), bool), 2)},
    "float mask": {"attn_mask": np.linspace(-2, 2, 15).reshape(3, 5)},
    "float masks": {"attn_mask": np.linspace(-2, 2, 15).reshape(3, 5), "key_padding_mask": np.array([[0.0] * 5, [
        0.0, -np.inf, 1.0, 0.0, 2.0]]), "need_weights": False},
    "both masks": {"attn_mask": np.triu(np.ones((3, 5), bool), 3),
                   "key_padding_mask": np.array([[False] * 5, [False, False, True, False, True]])},
    "causal": {"attn_mask": np.triu(np.ones((3, 5), bool), 1), "is_causal": True, "need_weights": False},
    "causal with weights": {"attn_mask": np.triu(np.ones((3, 5), bool), 1), "is_causal": True},
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
def test_attention(make, call, rng):
    k, v = make(nn).kdim, make(nn).vdim
    compare_modules(make, *normal(rng, (3, 2, 4), (5, 2, k), (5, 2, v)), named=with_masks(call))


@pytest.mark.parametrize("call", ["plain", "each head", "mask", "float mask", "causal"])
def test_batch_first_and_no_batch(call, rng):
    for batch_first in (True, False):
        make = lambda t: t.MultiheadAttention(4, 2, batch_first=batch_first)  # noqa: B023
        compare_modules(make, *normal(rng, (3, 4), (5, 4), (5, 4)), named=with_masks(CALLS[call]))
    compare_modules(
        lambda t: t.MultiheadAttention(4, 2, batch_first=True),
        *normal(rng, (2, 3, 4), (2, 5, 4), (2, 5, 4)), named=with_masks(CALLS[call]),
    )  # fmt: skip


@pytest.mark.parametrize("need", [True, False])
def test_a_mask_for_each_head(need, rng):
    call = {"attn_mask": np.tile(np.triu(np.ones((3, 5), bool), 2), (4, 1, 1)), "need_weights": need}
    compare_modules(
        lambda t: t.MultiheadAttention(4, 2), *normal(rng, (3, 2, 4), (5, 2, 4), (5, 2, 4)), named=with_masks(call)
    )


def test_self_attention_of_one_tensor(rng):
    compare_modules(lambda t: t.MultiheadAttention(4, 2), rng.normal(size=(3, 2, 4)), arrange=lambda x: (x, x, x))


@pytest.mark.parametrize("need", [True, False])
def test_a_query_without_a_key_is_nan_with_weights_and_0_without_as_in_torch(need, rng):
    ours, theirs = nn.MultiheadAttention(4, 2), torch.nn.MultiheadAttention(4, 2)
    ours.load_state_dict(theirs.state_dict())
    x, found = rng.normal(size=(3, 2, 4)).astype(np.float32), []
    for top, layer in ((nn, ours), (torch, theirs)):
        leaf = top.tensor(x, requires_grad=True)
        y, weights = layer(leaf, leaf, leaf, top.tensor([[True] * 3, [False, True, False]]), need)
        y.sum().backward()
        tensors = [y, leaf.grad, layer.in_proj_weight.grad, *([weights] if need else [])]
        found.append([np.asarray(t.detach()) for t in tensors])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert np.isnan(found[0][0][:, 0]).all() == need


@pytest.mark.parametrize("make", [
    lambda t: t.MultiheadAttention(5, 2), lambda t: t.MultiheadAttention(0, 1), lambda t: t.MultiheadAttention(4, 0),
])  # fmt: skip
def test_constructors_refuse_what_torch_refuses(make):
    with pytest.raises(Exception) as theirs:
        make(torch.nn)
    with pytest.raises(theirs.type):
        make(nn)


def test_initial_values():
    nn.manual_seed(0)
    layer = nn.MultiheadAttention(64, 4, add_bias_kv=True)
    bound = math.sqrt(6 / (64 + 192))
    weight = layer.in_proj_weight.detach().numpy()
    assert 0.98 * bound < abs(weight).max() <= bound
    assert not layer.in_proj_bias.detach().numpy().any()
    assert not layer.out_proj.bias.detach().numpy().any()
    torch.manual_seed(0)
    theirs = torch.nn.MultiheadAttention(64, 4, add_bias_kv=True).bias_k.std().item()
    assert layer.bias_k.detach().numpy().std() == pytest.approx(theirs, rel=0.5)


# -- a decoder's cache ------------------------------------------------------------------------------------------------
class Block(nn.Module):
    """A decoder's layer as they are built today."""

    def __init__(self, width, heads, shared, rotary):
        super().__init__()
        self.norm1, self.norm2 = nn.RMSNorm(width), nn.RMSNorm(width)
        self.attention = nn.CausalSelfAttention(width, heads, shared, rotary=rotary)
        self.network = nn.SwiGLU(width, 2 * width)

    def forward(self, x, cache=None):
        x = x + self.attention(self.norm1(x), cache)
        return x + self.network(self.norm2(x))


@pytest.mark.parametrize("steps", [(1, 1, 1, 1, 1, 1), (4, 1, 1), (2, 3, 1), (6,)])
@pytest.mark.parametrize(("shared", "rotary"), [(4, True), (2, True), (1, False)])
def test_steps_with_a_cache_are_the_whole_pass(steps, shared, rotary, rng):
    blocks = [Block(8, 4, shared, rotary).double() for _ in range(3)]
    x = whole = nn.tensor(rng.normal(size=(2, 6, 8)))
    for block in blocks:
        whole = block(whole)
    caches, parts, start = [nn.KVCache() for _ in blocks], [], 0
    for size in steps:
        part = x[:, start : start + size]
        for block, cache in zip(blocks, caches, strict=True):
            part = block(part, cache)
        parts.append(part)
        start += size
    np.testing.assert_allclose(nn.cat(parts, 1).detach().numpy(), whole.detach().numpy(), rtol=1e-9)
    assert [len(cache) for cache in caches] == [6] * 3
    caches[0].clear()
    assert len(caches[0]) == 0


def test_gradients_flow_through_the_cache(rng):
    layer, cache, x = nn.CausalSelfAttention(4, 2).double(), nn.KVCache(), nn.tensor(rng.normal(size=(1, 3, 4)))
    found = []
    for run in (lambda: layer(x), lambda: nn.cat([layer(x[:, t : t + 1], cache) for t in range(3)], 1)):
        layer.zero_grad()
        (run() ** 2).sum().backward()
        found.append([p.grad.numpy() for p in layer.parameters()])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_a_cache_refuses_another_batch():
    cache = nn.KVCache()
    cache.update(nn.zeros(1, 2, 3, 4), nn.zeros(1, 2, 3, 4))
    with pytest.raises(ValueError, match="begin a new cache for another batch"):
        cache.update(nn.zeros(2, 2, 1, 4), nn.zeros(2, 2, 1, 4))
    with pytest.raises(ValueError, match="embed_dim must be a multiple of num_heads"):
        nn.CausalSelfAttention(6, 4)
    assert repr(nn.CausalSelfAttention(4, 2, 1, rotary=False)).startswith(
        "CausalSelfAttention(\n  4, num_heads=2, num_kv_heads=1\n  (q_proj)"
    )
