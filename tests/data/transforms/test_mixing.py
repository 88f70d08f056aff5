import numpy as np
import pytest

import nn
from nn.data.transforms import CutMix, MixUp


def seeded(seed=0):
    return nn.Generator().manual_seed(seed)


@pytest.fixture
def batch():
    """Images that are their own label everywhere, so that a mean tells what is in the mixture."""
    labels = np.array([0, 1, 1, 0, 1])
    return np.broadcast_to(labels[:, None, None, None], (5, 2, 8, 6)).astype(np.float32), labels


@pytest.mark.parametrize("mix", [MixUp, CutMix])
def test_labels_are_mixed_by_the_share_of_each_image(mix, batch):
    for seed in range(50):
        images, labels = mix(num_classes=2, generator=seeded(seed))(*batch)
        assert images.shape == (5, 2, 8, 6)
        assert labels.shape == (5, 2)
        assert images.dtype == labels.dtype == np.float32
        np.testing.assert_allclose(images.mean((1, 2, 3)), labels[:, 1], atol=1e-6)
        np.testing.assert_allclose(labels.sum(1), 1, atol=1e-6)


def test_mixup_is_a_weighted_sum_with_the_image_before(batch, rng):
    images = rng.random((5, 3, 4, 4))
    mixed, labels = MixUp(num_classes=5, generator=seeded())(images, np.arange(5))
    share = labels[1, 1]
    np.testing.assert_allclose(mixed[1], share * images[1] + (1 - share) * images[0], rtol=1e-6)
    np.testing.assert_allclose(mixed[0], share * images[0] + (1 - share) * images[4], rtol=1e-6)


def test_cutmix_puts_in_a_rectangle_of_the_image_before(rng):
    images = rng.random((3, 1, 9, 9))
    for seed in range(30):
        mixed, labels = CutMix(num_classes=3, generator=seeded(seed))(images, np.arange(3))
        old, new = mixed[1, 0] == images[1, 0], mixed[1, 0] == images[0, 0]
        assert (old ^ new).all()
        rows, columns = np.nonzero(new)
        if len(rows):
            assert len(rows) == (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
        assert labels[1, 0] == pytest.approx(len(rows) / 81)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_shares_are_drawn_from_the_beta_distribution(alpha):
    mix = MixUp(alpha=alpha, num_classes=2, generator=seeded())
    shares = np.array([mix(np.zeros((2, 1)), [0, 1])[1][0, 0] for _ in range(3000)])
    assert abs(shares.mean() - 0.5) < 0.03
    assert abs(shares.var() - 1 / (4 * (2 * alpha + 1))) < 0.01


def test_a_loaders_batch_can_be_mixed_and_mixed_labels_again(batch):
    loader = nn.data.DataLoader(nn.data.TensorDataset(*batch), batch_size=5)
    (pair,) = loader
    mixed = MixUp(num_classes=2)(pair)
    assert [type(part) for part in mixed] == [nn.Tensor, nn.Tensor]
    again = CutMix()(*mixed)
    assert again[1].shape == (5, 2)


@pytest.mark.parametrize("mix", [MixUp, CutMix])
def test_a_seed_repeats_it_and_the_batch_that_came_stays(mix, batch):
    before = [part.copy() for part in batch]
    first, again = (mix(num_classes=2, generator=seeded(4))(*batch) for _ in range(2))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    for part, was in zip(batch, before, strict=True):
        np.testing.assert_array_equal(part, was)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: MixUp(alpha=0), ValueError, "MixUp: alpha must be a positive number, got 0"),
        (lambda: MixUp()(np.zeros((2, 1)), [0, 1]), ValueError, "mixed as shares of all classes; say num_classes"),
        (lambda: MixUp(num_classes=2)(np.zeros((2, 1)), [0, 2]), ValueError, "labels must be classes 0 to 1, got 2"),
        (
            lambda: MixUp(num_classes=2)(np.zeros((2, 1)), [0]),
            ValueError,
            r"expected labels .* of 2 samples, got \(1,\)",
        ),
        (lambda: MixUp()(np.zeros((2, 1), int), [0, 1]), TypeError, "MixUp: expected floats, got int64"),
        (
            lambda: CutMix(num_classes=2)(np.zeros((2, 1)), [0, 1]),
            ValueError,
            r"CutMix: expected images .*got \(2, 1\)",
        ),
    ],
)
def test_what_cannot_be_mixed_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()
