"""Positions: turning keeps lengths and shows the distance alone; waves are added; steps may begin later."""

import numpy as np
import pytest

import nn


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=1e-12)


@pytest.mark.parametrize("interleaved", [True, False])
def test_turning_keeps_the_length_and_a_product_shows_the_distance_of_two_steps_alone(interleaved, rng):
    turn = nn.RotaryEmbedding(6, interleaved=interleaved)
    q, k = (nn.tensor(rng.normal(size=6)) for _ in range(2))
    at = lambda v, position: turn(v[None], offset=position)[0]
    close(at(q, 17).norm(), q.norm())
    close(at(q, 5) @ at(k, 2), at(q, 103) @ at(k, 100))
    close(at(q, 0), q)


@pytest.mark.parametrize("layer", [nn.RotaryEmbedding(4), nn.SinusoidalPosition(4)])
def test_steps_from_an_offset_on_are_those_of_the_whole_sequence(layer, rng):
    x = nn.tensor(rng.normal(size=(2, 7, 4)))
    close(layer(x[:, 3:], offset=3), layer(x)[:, 3:])


def test_the_waves_are_added_whether_time_comes_first_or_second(rng):
    x = nn.tensor(rng.normal(size=(2, 5, 4)))
    table = (nn.SinusoidalPosition(4)(x) - x).numpy()
    close(table[0], table[1])
    t = np.arange(5)[:, None]
    close(table[0], np.concatenate([np.sin(t), np.cos(t), np.sin(t / 100), np.cos(t / 100)], 1))
    turned = nn.SinusoidalPosition(4, batch_first=False)(x.transpose(0, 1))
    close(turned.transpose(0, 1), nn.SinusoidalPosition(4)(x))


@pytest.mark.parametrize("kind", [nn.RotaryEmbedding, nn.SinusoidalPosition])
def test_messages(kind):
    with pytest.raises(nn.RangeError, match=f"{kind.__name__}: dim must be even, got 3; features are taken in pairs"):
        kind(3)
