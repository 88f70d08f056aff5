"""Attention against PyTorch: masks, shapes, heads; two orders of gradients, forward mode, kinds of errors."""

import itertools

import numpy as np
import pytest
from oracle import compare, compare_both, normal, torch
from twins import plain_kernels

import nn

pytestmark = pytest.mark.usefixtures(plain_kernels.__name__)

SHAPES = {
    "matrix": ((3, 4), (5, 4), (5, 2)), "batch": ((2, 3, 4), (2, 5, 4), (2, 5, 4)),
    "heads": ((2, 2, 3, 4), (2, 2, 5, 4), (2, 2, 5, 3)), "one step": ((1, 2, 1, 4), (1, 2, 5, 4), (1, 2, 5, 4)),
}  # fmt: skip


def masks(rng, length, keys):
    allowed = rng.random((length, keys)) < 0.6
    allowed[:, 0] = True
    some_dead = allowed.copy()
    some_dead[0] = False
    return {
        "none": None, "bool": allowed, "a dead row": some_dead, "all dead": np.zeros((length, keys), bool),
        "float": rng.normal(size=(length, keys)), "infinite": np.where(some_dead, 0.5, -np.inf),
        "column": np.arange(keys)[None] < keys - 1,
    }  # fmt: skip


@pytest.mark.parametrize("scale", [None, 0.3])
@pytest.mark.parametrize("mask", ["none", "bool", "a dead row", "all dead", "float", "infinite", "column", "causal"])
@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
def test_scaled_dot_product_attention(shapes, mask, scale, rng):
    causal, given = mask == "causal", masks(rng, shapes[0][-2], shapes[1][-2]).get(mask)

    def function(lib, q, k, v):
        own = None if given is None else lib.top.tensor(given).to(q.dtype if given.dtype.kind == "f" else lib.top.bool)
        return lib.F.scaled_dot_product_attention(q, k, v, own, 0.0, causal, scale=scale)

    compare_both(function, *normal(rng, *shapes))


def test_the_mask_gets_a_gradient_too(rng):
    compare_both(lambda lib, *a: lib.F.scaled_dot_product_attention(*a), *normal(rng, *SHAPES["heads"], (3, 5)))


@pytest.mark.parametrize("heads", [(4, 2), (4, 1), (4, 4), (6, 3)])
def test_grouped_heads(heads, rng):
    many, few = heads
    compare_both(
        lambda lib, q, k, v: lib.F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True),
        *normal(rng, (2, many, 3, 4), (2, few, 3, 4), (2, few, 3, 4)),
    )


def test_large_scores_do_not_overflow(rng):
    q, k, v = normal(rng, (3, 4), (5, 4), (5, 2))
    compare(lambda lib, *a: lib.F.scaled_dot_product_attention(*a), q * 1e4, k * 1e4, v)


OPTIONS = list(itertools.product([False, True], [False, True], [False, True]))


@pytest.mark.parametrize(("extra", "zero", "need"), OPTIONS, ids=str)
@pytest.mark.parametrize("static", [False, True])
def test_multi_head_attention_forward(extra, zero, need, static, rng):
    if static and extra:
        pytest.skip("refused by both")
    arrays = normal(rng, (3, 2, 4), (5, 2, 4), (5, 2, 4), (12, 4), (12,), (4, 4), (4,), *[(1, 1, 4)] * 2 * extra,
                    *[(4, 5, 2)] * 2 * static)  # fmt: skip
    hidden = np.array([[False] * 5, [False, True, False, False, True]])

    def function(lib, q, k, v, w, b, ow, ob, *more):
        bias_k, bias_v = more[:2] if extra else (None, None)
        given = dict(zip(("static_k", "static_v"), more[2 * extra :], strict=True)) if static else {}
        y, weights = lib.F.multi_head_attention_forward(
            q, k, v, 4, 2, w, b, bias_k, bias_v, zero, 0.0, ow, ob, need_weights=need,
            key_padding_mask=lib.top.tensor(hidden), **given,
        )  # fmt: skip
        return (y, weights) if need else y

    compare_both(function, *arrays)


ERRORS = {
    "widths": lambda F, z: F.scaled_dot_product_attention(z(2, 3), z(2, 4), z(2, 3)),
    "lengths": lambda F, z: F.scaled_dot_product_attention(z(2, 3), z(2, 3), z(3, 3)),
    "vectors": lambda F, z: F.scaled_dot_product_attention(z(3), z(3), z(3)),
    "two masks": lambda F, z: F.scaled_dot_product_attention(z(2, 3), z(2, 3), z(2, 3), z(2, 2), is_causal=True),
    "mask of integers": lambda F, z: F.scaled_dot_product_attention(z(2, 3), z(2, 3), z(2, 3), z(2, 2).long()),
    "mask of another shape": lambda F, z: F.scaled_dot_product_attention(z(2, 3), z(2, 3), z(2, 3), z(3, 2)),
    "other types": lambda F, z: F.scaled_dot_product_attention(z(2, 3), z(2, 3).double(), z(2, 3)),
    "heads": lambda F, z: F.scaled_dot_product_attention(z(1, 4, 2, 3), z(1, 3, 2, 3), z(1, 3, 2, 3), enable_gqa=True),
    "four axes": lambda F, z: attend(F, z, z(1, 2, 3, 4)),
    "another width": lambda F, z: attend(F, z, z(3, 2, 5)),
    "mask": lambda F, z: attend(F, z, z(3, 2, 4), attn_mask=z(2, 3)),
    "mask of a batch": lambda F, z: attend(F, z, z(3, 2, 4), attn_mask=z(2, 3, 3)),
    "mask of one axis": lambda F, z: attend(F, z, z(3, 2, 4), attn_mask=z(3)),
    "integer mask": lambda F, z: attend(F, z, z(3, 2, 4), attn_mask=z(3, 3).long()),
    "padding": lambda F, z: attend(F, z, z(3, 2, 4), key_padding_mask=z(3, 2)),
    "padding of one axis": lambda F, z: attend(F, z, z(3, 2, 4), key_padding_mask=z(3)),
    "causal alone": lambda F, z: attend(F, z, z(3, 2, 4), is_causal=True),
    "mask without a batch": lambda F, z: attend(F, z, z(3, 4), attn_mask=z(1, 3, 3)),
    "padding without a batch": lambda F, z: attend(F, z, z(3, 4), key_padding_mask=z(1, 3)),
    "half a bias": lambda F, z: F.multi_head_attention_forward(
        *[z(3, 2, 4)] * 3, 4, 2, z(12, 4), None, z(1, 1, 4), None, False, 0.0, z(4, 4), None
    ),
    "no weights": lambda F, z: F.multi_head_attention_forward(
        *[z(3, 2, 4)] * 3, 4, 2, None, None, None, None, False, 0.0, z(4, 4), None
    ),
    "odd heads": lambda F, z: F.multi_head_attention_forward(
        *[z(3, 2, 4)] * 3, 4, 3, z(12, 4), None, None, None, False, 0.0, z(4, 4), None
    ),
    "static": lambda F, z: attend(F, z, z(3, 2, 4), static_k=z(3, 3, 2)),
}


def attend(F, z, x, **options):
    return F.multi_head_attention_forward(
        x, x, x, 4, 2, z(12, 4), None, None, None, False, 0.0, z(4, 4), None, **options
    )


@pytest.mark.parametrize("call", ERRORS.values(), ids=ERRORS)
def test_an_error_there_is_an_error_here_of_the_same_kind(call):
    with pytest.raises(Exception) as theirs:
        call(torch.nn.functional, torch.zeros)
    with pytest.raises(theirs.type):
        call(nn.functional, nn.zeros)
