"""Batch and instance norms by what they keep: running values, the mode, buffers; lazy ones; and the messages."""

import numpy as np
import pytest

import nn

SHAPES = {1: (6, 3, 4), 2: (6, 3, 4, 2), 3: (4, 3, 2, 2, 3)}


@pytest.mark.parametrize("rank", SHAPES)
def test_in_training_each_channel_gets_mean_0_and_variance_1(rank, rng):
    x = nn.tensor(rng.normal(3, 5, SHAPES[rank]))
    y = getattr(nn, f"BatchNorm{rank}d")(3, eps=1e-12, dtype=nn.float64)(x).detach().numpy()
    axes = (0, *range(2, rank + 2))
    np.testing.assert_allclose(y.mean(axes), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axes), 1)
    each = getattr(nn, f"InstanceNorm{rank}d")(3, eps=1e-12)(x).numpy()
    np.testing.assert_allclose(each.mean(axes[1:]), 0, atol=1e-12)
    np.testing.assert_allclose(each.var(axes[1:]), 1)


def test_the_running_values_move_by_the_momentum_with_the_unbiased_variance(rng):
    layer = nn.BatchNorm1d(3, momentum=0.25, dtype=nn.float64)
    batches = rng.normal(2, 3, (2, 8, 3))
    mean, var = np.zeros(3), np.ones(3)
    for batch in batches:
        layer(nn.tensor(batch))
        mean, var = 0.75 * mean + 0.25 * batch.mean(0), 0.75 * var + 0.25 * batch.var(0, ddof=1)
    np.testing.assert_allclose(layer.running_mean.numpy(), mean)
    np.testing.assert_allclose(layer.running_var.numpy(), var)
    assert layer.num_batches_tracked.item() == 2


def test_without_a_momentum_they_are_the_plain_means(rng):
    layer = nn.BatchNorm1d(3, momentum=None, dtype=nn.float64)
    batches = rng.normal(2, 3, (4, 8, 3))
    for batch in batches:
        layer(nn.tensor(batch))
    np.testing.assert_allclose(layer.running_mean.numpy(), batches.mean((0, 1)))


def test_in_evaluation_a_sample_does_not_depend_on_the_others_and_nothing_moves(rng):
    layer = nn.BatchNorm2d(3, dtype=nn.float64)
    x = nn.tensor(rng.normal(2, 3, (6, 3, 4, 2)))
    layer(x)
    layer.eval()
    before = {name: value.tolist() for name, value in layer.state_dict().items()}
    assert layer(x[2:3]).tolist() == layer(x)[2:3].tolist()
    assert {name: value.tolist() for name, value in layer.state_dict().items()} == before


def test_what_is_not_tracked_or_learned_is_not_there(rng):
    x = nn.tensor(rng.normal(size=(6, 3)))
    layer = nn.BatchNorm1d(3, affine=False, track_running_stats=False)
    assert not layer.state_dict()
    trained = layer(x).tolist()
    assert layer.eval()(x).tolist() == trained  # the batch's own values, in evaluation too
    assert [name for name, _ in nn.BatchNorm1d(3, bias=False).named_parameters()] == ["weight"]


@pytest.mark.parametrize("rank", SHAPES)
@pytest.mark.parametrize("kind", ["BatchNorm", "InstanceNorm"])
def test_a_lazy_norm_takes_its_channels_from_the_first_input_and_becomes_the_plain_one(kind, rank, rng):
    x = nn.tensor(rng.normal(size=SHAPES[rank])).float()
    lazy = getattr(nn, f"Lazy{kind}{rank}d")(affine=True, track_running_stats=True)
    plain = getattr(nn, f"{kind}{rank}d")(3, affine=True, track_running_stats=True)
    assert lazy(x).tolist() == plain(x).tolist()
    assert type(lazy) is type(plain)
    assert lazy.running_mean.tolist() == plain.running_mean.tolist()


def test_reset_forgets_what_was_seen(rng):
    layer = nn.BatchNorm1d(3)
    layer(nn.tensor(rng.normal(2, 3, (8, 3))).float())
    layer.reset_running_stats()
    assert (layer.running_mean.tolist(), layer.running_var.tolist()) == ([0, 0, 0], [1, 1, 1])
    assert layer.num_batches_tracked.item() == 0


def test_messages():
    with pytest.raises(nn.ShapeError, match="BatchNorm2d: input must have 4 axes, its shape is"):
        nn.BatchNorm2d(3)(nn.zeros(2, 3))
    with pytest.raises(nn.ShapeError, match=r"one value a channel.*\.eval\(\)"):
        nn.BatchNorm1d(3)(nn.zeros(1, 3))
