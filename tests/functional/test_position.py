"""Positions: the formula, what rotation promises, and its messages."""

import math

import numpy as np
import pytest

import nn


def test_the_table_has_the_dtype_asked_for_and_the_default_one_if_none_is():
    assert nn.sinusoidal_position(2, 4).dtype == nn.get_default_dtype() == nn.float32
    assert nn.sinusoidal_position(2, 4, dtype=nn.float64).dtype == nn.float64


def test_the_table_is_the_formula():
    table = nn.sinusoidal_position(7, 6, offset=3, dtype=nn.float64).numpy()
    for t in range(7):
        for i in range(3):
            angle = (t + 3) / 10000 ** (2 * i / 6)
            assert table[t, 2 * i] == pytest.approx(math.sin(angle), abs=1e-12)
            assert table[t, 2 * i + 1] == pytest.approx(math.cos(angle), abs=1e-12)


@pytest.mark.parametrize("interleaved", [True, False])
def test_products_depend_on_the_distance_alone(interleaved, rng):
    q, k = (nn.tensor(np.broadcast_to(rng.normal(size=8), (6, 8)).copy()) for _ in range(2))
    turn = nn.RotaryEmbedding(8, interleaved=interleaved)
    scores = (turn(q) @ turn(k).mT).numpy()
    moved = (turn(q, offset=100) @ turn(k, offset=100).mT).numpy()
    np.testing.assert_allclose(scores, moved, rtol=1e-9)
    for distance in range(-5, 6):
        np.testing.assert_allclose(np.diagonal(scores, distance), np.diagonal(scores, distance)[0], rtol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(turn(q).numpy(), axis=1), np.linalg.norm(q.numpy(), axis=1), rtol=1e-12)


def test_steps_with_an_offset_are_the_whole(rng):
    x = nn.tensor(rng.normal(size=(2, 5, 6)))
    for layer in (nn.RotaryEmbedding(6), nn.SinusoidalPosition(6)):
        steps = nn.cat([layer(x[:, t : t + 1], offset=t) for t in range(5)], 1)
        np.testing.assert_allclose(steps.numpy(), layer(x).numpy(), rtol=1e-12)
    other = nn.SinusoidalPosition(6, batch_first=False)(x.transpose(0, 1)).transpose(0, 1)
    np.testing.assert_array_equal(other.numpy(), nn.SinusoidalPosition(6)(x).numpy())


def test_float32_is_exact_at_a_far_position():
    x = nn.tensor([[1.0, 0.0]])
    assert nn.rotary_embedding(x, offset=10**6).dtype == nn.float32
    np.testing.assert_allclose(
        nn.rotary_embedding(x, offset=10**6).numpy()[0], [math.cos(10**6), math.sin(10**6)], rtol=1e-6
    )


def test_messages_and_reprs():
    with pytest.raises(ValueError, match="dim must be even, got 3"):
        nn.RotaryEmbedding(3)
    with pytest.raises(ValueError, match="the width must be even, it is 3"):
        nn.rotary_embedding(nn.zeros(2, 3))
    with pytest.raises(ValueError, match=r"must be \(\.\.\., T, E\), its shape is \(3,\)"):
        nn.rotary_embedding(nn.zeros(3))
    assert repr(nn.RotaryEmbedding(4, interleaved=False)) == "RotaryEmbedding(4, base=10000.0, interleaved=False)"
    assert repr(nn.SinusoidalPosition(4)) == "SinusoidalPosition(4, base=10000.0)"
