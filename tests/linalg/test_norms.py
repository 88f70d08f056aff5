"""Norms beside NumPy's, and by the laws of a norm; and the messages."""

import math

import numpy as np
import pytest

import nn

MATRIX = ["fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf]


@pytest.fixture
def a(rng):
    return rng.normal(size=(4, 3))


@pytest.mark.parametrize("ord", [0, 0.5, 1, 2, 3, math.inf, -math.inf])
def test_vector_norms_are_numpy_s(ord, a):
    for dim in (0, 1):
        ours = nn.linalg.vector_norm(nn.tensor(a), ord, dim)
        np.testing.assert_allclose(ours.numpy(), np.linalg.norm(a, ord, dim))
        np.testing.assert_allclose(nn.linalg.norm(nn.tensor(a), ord, dim).numpy(), ours.numpy())
    assert nn.linalg.vector_norm(nn.tensor(a), ord).item() == pytest.approx(np.linalg.norm(a.ravel(), ord))


@pytest.mark.parametrize("ord", MATRIX)
def test_matrix_norms_are_numpy_s_on_any_two_axes(ord, rng, a):
    assert nn.linalg.matrix_norm(nn.tensor(a), ord).item() == pytest.approx(np.linalg.norm(a, ord))
    assert nn.linalg.norm(nn.tensor(a), ord).item() == pytest.approx(np.linalg.norm(a, ord))
    x = rng.normal(size=(3, 2, 4))
    ours = nn.linalg.matrix_norm(nn.tensor(x), ord, dim=(2, 0), keepdim=True)
    np.testing.assert_allclose(ours.numpy(), np.linalg.norm(x, ord, (2, 0), keepdims=True))
    np.testing.assert_allclose(nn.linalg.norm(nn.tensor(x), ord, (2, 0)).numpy(), ours[0, :, 0].numpy())


@pytest.mark.parametrize("ord", ["fro", "nuc", 1, 2, math.inf])
def test_a_norm_scales_with_its_matrix_and_a_product_of_norms_bounds_the_norm_of_a_product(ord, a, rng):
    norm, x, y = nn.linalg.matrix_norm, nn.tensor(a), nn.tensor(rng.normal(size=(3, 4)))
    assert norm(-3 * x, ord).item() == pytest.approx(3 * norm(x, ord).item())
    assert norm(x @ y, ord).item() <= norm(x, ord).item() * norm(y, ord).item() + 1e-12
    assert norm(x + y.mT, ord).item() <= norm(x, ord).item() + norm(y, ord).item() + 1e-12


def test_without_an_order_the_norm_is_the_root_of_the_sum_of_squares(rng):
    x = rng.normal(size=(2, 3, 4))
    assert nn.linalg.norm(nn.tensor(x)).item() == pytest.approx(math.sqrt((x**2).sum()))
    np.testing.assert_allclose(nn.linalg.norm(nn.tensor(x), dim=[0, 2]).numpy(), np.sqrt((x**2).sum((0, 2))))


@pytest.mark.parametrize("p", [None, 2, -2, 1, "fro", math.inf])
def test_a_condition_is_the_norm_times_that_of_the_inverse(p, rng):
    a = rng.normal(size=(3, 3)) + 2 * np.eye(3)
    assert nn.linalg.cond(nn.tensor(a), p).item() == pytest.approx(np.linalg.cond(a, p))
    assert nn.linalg.cond(nn.eye(3), p).item() == pytest.approx(3 if p == "fro" else 1)


def test_a_product_has_the_rank_of_its_narrowest_factor(rng):
    a = nn.tensor(rng.normal(size=(2, 5, 2)) @ rng.normal(size=(2, 2, 4)))
    assert nn.linalg.matrix_rank(a).tolist() == [2, 2]
    assert nn.linalg.matrix_rank(a @ a.mT, hermitian=True).tolist() == [2, 2]
    d = nn.diag(nn.tensor([4.0, 0.5, 0.0]))
    assert [nn.linalg.matrix_rank(d, **bound).item() for bound in ({}, dict(atol=1.0), dict(rtol=0.2))] == [2, 1, 1]


def test_the_gradient_agrees_with_differences_and_is_0_at_0(rng):
    x = nn.tensor(rng.normal(size=(3, 3)), requires_grad=True)
    for ord in MATRIX:
        assert nn.testing.gradcheck(lambda x, ord=ord: nn.linalg.matrix_norm(x, ord), (x,))
    zero = nn.zeros(3, requires_grad=True)
    nn.linalg.vector_norm(zero).backward()
    assert zero.grad.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.linalg.matrix_norm(nn.eye(2), 3), nn.RangeError, "matrix_norm: ord must be 'fro', 'nuc', .* got 3"),
        (lambda: nn.linalg.matrix_norm(nn.eye(2), dim=(0, 0)), nn.RangeError, "matrix_norm: dim must be two different"),
        (lambda: nn.linalg.matrix_norm(nn.ones(2)), nn.ShapeError, "matrix_norm: A must be matrices"),
        (
            lambda: nn.linalg.norm(nn.ones(2, 2, 2), 1),
            nn.ShapeError,
            "norm: ord without dim needs a vector or a matrix",
        ),
        (lambda: nn.linalg.vector_norm(nn.tensor([1])), nn.DtypeError, "vector_norm: x must be floating-point"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("dtype", [nn.float32, nn.float64])
def test_the_gradient_of_a_norm_that_overflows_is_0_and_of_one_that_almost_does_a_unit_vector(dtype):
    largest = float(np.finfo(dtype).max)
    for values, wanted in (([0.9 * largest, 0.7 * largest], [0, 0]), ([largest**0.49, 0], [1, 0])):
        for norm in (nn.linalg.vector_norm, nn.norm, nn.linalg.norm, nn.linalg.matrix_norm):
            x = nn.tensor([values], dtype=dtype, requires_grad=True)
            norm(x).backward()
            np.testing.assert_allclose(x.grad.numpy(), [wanted], rtol=1e-6)
