import numpy as np
import pytest

import nn
from nn.data.datasets import (
    make_adding,
    make_blobs,
    make_circles,
    make_copy,
    make_moons,
    make_parity,
    make_sine,
    make_spirals,
    xor,
)

EVERY = [make_adding, make_blobs, make_circles, make_copy, make_moons, make_parity, make_sine, make_spirals]


def seeded(seed=0):
    return nn.Generator().manual_seed(seed)


@pytest.mark.parametrize("make", EVERY)
def test_a_seed_repeats_it_and_the_global_one_decides_otherwise(make):
    first, again, other = (make(40, generator=seeded(seed)) for seed in (1, 1, 2))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
        assert len(a) == 40
    assert any((a.numpy() != b.numpy()).any() for a, b in zip(first, other, strict=True))
    by_global = [make(40)[0].tolist() for _ in range(2) if nn.manual_seed(3)]
    assert by_global[0] == by_global[1]


@pytest.mark.parametrize("n", [2, 7, 100])
@pytest.mark.parametrize("name", ["make_moons", "make_circles"])
def test_without_noise_moons_and_circles_are_scikit_learns(name, n):
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn, the oracle, is not installed")
    x, y = getattr(nn.data.datasets, name)(n, shuffle=False)
    theirs, labels = getattr(datasets, name)(n, shuffle=False)
    np.testing.assert_allclose(x.numpy(), theirs, atol=1e-6)
    np.testing.assert_array_equal(y.numpy(), labels)
    assert (x.dtype, y.dtype) == (np.float32, np.int64)


def test_shuffling_keeps_each_point_with_its_label():
    x, y = make_moons(50, shuffle=False)
    mixed, labels = make_moons(50, generator=seeded())
    assert labels.tolist() != y.tolist()

    def rows(x, y):
        return sorted((*point, label) for point, label in zip(x.tolist(), y.tolist(), strict=True))

    assert rows(mixed, labels) == rows(x, y)


def test_noise_is_normal_with_the_deviation_asked_for():
    x, _ = make_circles(4000, shuffle=False, noise=0.2, generator=seeded())
    noise = x.numpy() - make_circles(4000, shuffle=False)[0].numpy()
    assert abs(noise.std() - 0.2) < 0.01
    assert abs(noise.mean()) < 0.01


def test_blobs_lie_around_their_centers():
    x, y = make_blobs(6000, centers=[[0, 0, 5], [20, 0, -5]], cluster_std=2, generator=seeded())
    for label, center in enumerate([[0, 0, 5], [20, 0, -5]]):
        cloud = x.numpy()[y.numpy() == label]
        assert len(cloud) == 3000
        np.testing.assert_allclose(cloud.mean(0), center, atol=0.2)
        np.testing.assert_allclose(cloud.std(0), 2, atol=0.1)
    x, y = make_blobs(10, 5, centers=4, center_box=(50, 60), cluster_std=0)
    assert x.shape == (10, 5)
    assert np.bincount(y.numpy()).tolist() == [3, 3, 2, 2]
    assert ((x.numpy() >= 50) & (x.numpy() <= 60)).all()


def test_spirals_are_turned_copies_of_one_another():
    x, _ = make_spirals(90, n_classes=3, shuffle=False)
    first, second, third = (x.numpy()[start : start + 30] for start in (0, 30, 60))
    c, s = np.cos(2 * np.pi / 3), np.sin(2 * np.pi / 3)
    turn = np.array([[c, s], [-s, c]], np.float32)
    np.testing.assert_allclose(first @ turn, second, atol=1e-6)
    np.testing.assert_allclose(second @ turn, third, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), np.linspace(0, 1, 30), atol=1e-6)


def test_sine_is_sine_with_noise_on_y_alone():
    x, y = make_sine(3000, noise=0.1, generator=seeded())
    assert x.shape == y.shape == (3000, 1)
    assert abs((y.numpy() - np.sin(x.numpy())).std() - 0.1) < 0.01
    assert np.abs(x.numpy()).max() <= np.pi


@pytest.mark.parametrize("length", [2, 3, 20])
def test_the_adding_problem_has_one_mark_in_each_half_and_their_sum(length):
    x, y = make_adding(300, length, generator=seeded())
    values, marks = x.numpy()[..., 0], x.numpy()[..., 1]
    assert (marks[:, : length // 2].sum(1) == 1).all()
    assert (marks[:, length // 2 :].sum(1) == 1).all()
    np.testing.assert_allclose((values * marks).sum(1, keepdims=True), y.numpy(), rtol=1e-6)
    assert abs(((y.numpy() - 1) ** 2).mean() - 1 / 6) < 0.04  # always answering 1


def test_parity_is_odd_or_even():
    x, y = make_parity(200, 7, generator=seeded())
    assert x.shape == (200, 7, 1)
    assert set(np.unique(x.numpy())) == {0, 1}
    np.testing.assert_array_equal(x.numpy().sum((1, 2)) % 2, y.numpy())


def test_what_is_to_be_copied_comes_again_at_the_end():
    x, y = make_copy(50, 4, delay=6, n_symbols=3, generator=seeded())
    assert x.shape == y.shape == (50, 14)
    np.testing.assert_array_equal(x[:, :4].numpy(), y[:, -4:].numpy())
    assert set(np.unique(x[:, :4].numpy())) == {1, 2, 3}
    assert (x[:, 9].numpy() == 4).all()
    assert not x[:, 4:9].numpy().any()
    assert not x[:, 10:].numpy().any()
    assert not y[:, :10].numpy().any()


def test_xor_is_the_exclusive_or():
    x, y = xor()
    assert (x.dtype, y.dtype) == (np.float32, np.float32)
    assert y.tolist() == [[float(a != b)] for a, b in x.tolist()]
    assert sorted(x.tolist()) == [[0, 0], [0, 1], [1, 0], [1, 1]]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: make_moons(1), "make_moons: n_samples must be at least 2, got 1"),
        (lambda: make_circles(9, noise=-1), "make_circles: noise and cluster_std must be 0 or more, got -1"),
        (lambda: make_circles(9, factor=1), "factor must be a radius, 0 or more and below 1, got 1"),
        (lambda: make_blobs(2), "make_blobs: n_samples must be at least 3, got 2"),
        (lambda: make_blobs(centers=[1, 2]), r"make_blobs: expected centers \(K, D\), got \(2,\)"),
        (lambda: make_spirals(2, n_classes=3), "make_spirals: n_samples must be at least 3, got 2"),
        (lambda: make_adding(length=1), "make_adding: length must be at least 2, got 1"),
        (lambda: make_parity(length=0), "make_parity: length must be at least 1, got 0"),
        (lambda: make_copy(delay=0), "make_copy: delay must be at least 1, got 0"),
        (lambda: make_sine(0), "make_sine: n_samples must be at least 1, got 0"),
    ],
)
def test_data_that_cannot_be_made_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
