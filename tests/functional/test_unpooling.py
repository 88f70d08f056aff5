"""Unpooling by its properties, and its messages."""

import numpy as np
import pytest

import nn
import nn.functional as F

POOLS = {1: (F.max_pool1d, F.max_unpool1d), 2: (F.max_pool2d, F.max_unpool2d), 3: (F.max_pool3d, F.max_unpool3d)}


@pytest.mark.parametrize("rank", POOLS)
def test_pooling_what_was_unpooled_gives_it_back_and_all_else_is_0(rank, rng):
    pool, unpool = POOLS[rank]
    x = nn.tensor(rng.uniform(1, 2, (2, 3, *(4, 6, 8)[:rank])))
    y, places = pool(x, 2, return_indices=True)
    wide = unpool(y, places, 2)
    assert wide.shape == x.shape
    assert pool(wide, 2).tolist() == y.tolist()
    kept = wide.numpy() != 0
    assert kept.sum() == y.numel()
    assert (wide.numpy()[kept] == x.numpy()[kept]).all()
    assert unpool(y[0], places[0], 2).tolist() == wide[0].tolist()  # without N


def test_the_size_before_the_pooling_may_be_given(rng):
    x = nn.tensor(rng.uniform(1, 2, (1, 1, 5, 5)))
    y, places = F.max_pool2d(x, 2, return_indices=True)
    assert F.max_unpool2d(y, places * 0, 2).shape == (1, 1, 4, 4)  # where the places would be others
    wide = F.max_unpool2d(y, places, 2, output_size=x.shape)
    assert F.max_pool2d(wide, 2).tolist() == y.tolist()
    assert F.max_unpool2d(y, places, 2, output_size=[5, 5]).tolist() == wide.tolist()


def test_each_element_gets_the_gradient_of_its_place(rng):
    x = nn.tensor([[[3.0, 5.0]]], requires_grad=True)
    weight = nn.tensor(rng.normal(size=(1, 1, 4)))
    (F.max_unpool1d(x.double(), nn.tensor([[[1, 2]]]), 2) * weight).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), weight[..., 1:3].numpy(), rtol=1e-6)


X, I = nn.zeros(1, 1, 2, 2), nn.zeros(1, 1, 2, 2).long()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.max_unpool2d(nn.zeros(2, 2), I, 2), nn.ShapeError, r"x must have 4 axes .* or 3 without N, it is"),
        (lambda: F.max_unpool2d(X, X, 2), nn.DtypeError, "indices must be int64, they are float32; use .long()"),
        (lambda: F.max_unpool2d(X, I[0], 2), nn.ShapeError, "indices must be shaped as x"),
        (lambda: F.max_unpool2d(X, I + 16, 2), IndexError, r"index 16 is out of range, the result \(4, 4\) has places"),
        (
            lambda: F.max_unpool2d(X, I, 2, output_size=(9, 9)),
            nn.RangeError,
            "output_size .* must be less than a stride .* away",
        ),
        (lambda: F.max_unpool2d(X, I, 2, output_size=(4,)), nn.RangeError, "output_size must have 2 or 4 numbers"),
        (lambda: F.max_unpool2d(X, I, 1, padding=3), nn.RangeError, r"padding \(3, 3\) leaves nothing of the image"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=f"max_unpool2d: {message}"):
        call()
