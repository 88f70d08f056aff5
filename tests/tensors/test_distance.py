"""Distances of all pairs by plain loops and by the laws of a distance, and the messages."""

import math

import numpy as np
import pytest

import nn

ORDERS = [0, 0.5, 1, 2, 3, math.inf]


@pytest.mark.parametrize("p", ORDERS)
def test_each_distance_is_the_norm_of_a_difference(p, rng):
    x, y = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 5, 3))
    norm = lambda v: np.linalg.norm(v, p)
    expected = [[[norm(a - b) for b in y[n]] for a in x[n]] for n in range(2)]
    np.testing.assert_allclose(nn.cdist(nn.tensor(x), nn.tensor(y), p).numpy(), expected, rtol=1e-6)
    pairs = [norm(x[0, i] - x[0, j]) for i in range(4) for j in range(i + 1, 4)]
    np.testing.assert_allclose(nn.pdist(nn.tensor(x[0]), p).numpy(), pairs, rtol=1e-6)


def test_a_distance_is_symmetric_0_to_itself_and_no_detour_is_shorter(rng):
    x = nn.tensor(rng.normal(size=(6, 3)))
    for p in (1, 2, math.inf):
        d = nn.cdist(x, x, p).numpy()
        np.testing.assert_allclose(d, d.T, atol=1e-7)
        np.testing.assert_allclose(np.diag(d), 0, atol=1e-7)
        assert (d[:, None] <= d[:, :, None] + d[None] + 1e-9).all()


def test_the_gradient_is_finite_where_points_coincide_and_else_agrees_with_differences(rng):
    x = nn.zeros(2, 3, requires_grad=True)
    nn.cdist(x, x).sum().backward()
    assert not x.grad.numpy().any()
    points = [nn.tensor(rng.normal(size=shape), requires_grad=True) for shape in ((3, 2), (4, 2))]
    assert nn.testing.gradcheck(nn.cdist, points)
    assert nn.testing.gradcheck(nn.pdist, points[:1])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.cdist(nn.ones(2, 3), nn.ones(2, 4)), nn.ShapeError, r"cdist: expected x1 \(..., P, M\) and x2"),
        (lambda: nn.cdist(nn.ones(2, 3), nn.ones(2, 3), -1), nn.RangeError, "cdist: p must be at least 0, got -1"),
        (lambda: nn.pdist(nn.ones(3)), nn.ShapeError, r"pdist: input must be \(N, M\)"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("shift", [0.0, 100.0, 1e4])
@pytest.mark.parametrize("spread", [1.0, 1e-3])
def test_many_rows_lose_no_digits_by_the_product(shift, spread, rng):
    x = (shift + spread * rng.normal(size=(40, 5))).astype(np.float32)
    y = np.concatenate([x[::2], (shift + spread * rng.normal(size=(30, 5))).astype(np.float32)])
    y[3] = x[5] * np.float32(1 + 1e-6)
    exact = np.sqrt(((x[:, None].astype(np.float64) - y) ** 2).sum(-1))
    got = nn.cdist(nn.tensor(x), nn.tensor(y)).numpy()
    np.testing.assert_allclose(got, exact, rtol=2e-7)
    assert (got[::2, :20].diagonal()[[0, 1, 2, 4]] == 0).all()
    rows, columns = np.triu_indices(40, 1)
    exact = np.sqrt(((x[rows].astype(np.float64) - x[columns]) ** 2).sum(-1))
    np.testing.assert_allclose(nn.pdist(nn.tensor(x)).numpy(), exact, rtol=2e-7)


def test_the_gradient_of_many_is_that_of_few(rng):
    x, y = (nn.tensor(rng.normal(size=(n, 3)), requires_grad=True) for n in (30, 4))
    many = nn.cdist(x, y)
    few = nn.cat([nn.cdist(x[i : i + 10], y) for i in range(0, 30, 10)])
    weights = nn.tensor(rng.normal(size=(30, 4)))
    for a, b in zip(nn.grad(many, (x, y), weights), nn.grad(few, (x, y), weights), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-10, atol=1e-12)
