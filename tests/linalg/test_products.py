"""Products and powers of matrices by their laws, and the messages."""

import itertools

import numpy as np
import pytest

import nn


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-10, atol=1e-12)


@pytest.fixture
def a(rng):
    return nn.tensor(rng.normal(size=(2, 3, 3)))


def test_the_diagonal_is_that_of_each_matrix_and_shares_its_memory(rng):
    stack = nn.tensor(rng.normal(size=(4, 2, 3)))
    close(nn.linalg.diagonal(stack), np.diagonal(stack.numpy(), axis1=-2, axis2=-1))
    close(nn.linalg.diagonal(stack, offset=1), np.diagonal(stack.numpy(), 1, -2, -1))
    close(nn.linalg.diagonal(stack, dim1=0, dim2=1), nn.diagonal(stack))
    nn.linalg.diagonal(stack)[0, 0] = 9.0
    assert stack[0, 0, 0].item() == 9.0


def test_powers_add_up_and_a_negative_one_is_the_inverse_s(a):
    power = nn.linalg.matrix_power
    close(power(a, 5), a @ a @ a @ a @ a)
    close(power(a, 0), np.broadcast_to(np.eye(3), (2, 3, 3)))
    close(power(a, -2) @ power(a, 3), a)


def test_the_exponential_of_a_sum_is_the_product_where_they_commute(a):
    exp = nn.linalg.matrix_exp
    close(exp(3 * a), exp(a) @ exp(2 * a))
    close(exp(a) @ exp(-a), np.broadcast_to(np.eye(3), (2, 3, 3)))
    close(nn.linalg.det(exp(a)), a.diagonal(0, 1, 2).sum(-1).exp())
    close(exp(nn.diag(nn.tensor([1.0, -2.0]).double())), np.diag(np.exp([1.0, -2.0])))


def test_the_exponential_of_a_quarter_turn_s_generator_is_a_rotation():
    close(nn.linalg.matrix_exp(nn.tensor([[0.0, -1], [1, 0]], dtype=nn.float64) * np.pi / 2), [[0, -1], [1, 0]])


@pytest.mark.parametrize("sizes", [(2, 9, 3), (5, 1, 7, 2, 4), (3, 3, 3, 3)])
def test_a_chain_is_the_product_from_left_to_right(sizes, rng):
    chain = [nn.tensor(rng.normal(size=both)) for both in itertools.pairwise(sizes)]
    expected = chain[0]
    for factor in chain[1:]:
        expected = expected @ factor
    close(nn.linalg.multi_dot(chain), expected)
    close(nn.linalg.multi_dot([chain[0][0], *chain[1:]]), expected[0])
    close(nn.linalg.multi_dot([*chain[:-1], chain[-1][:, 0]]), expected[:, 0])


def test_products_of_vectors_broadcast(rng):
    x, y = rng.normal(size=(4, 3)), rng.normal(size=3)
    close(nn.linalg.vecdot(nn.tensor(x), nn.tensor(y)), x @ y)
    close(nn.linalg.cross(nn.tensor(x), nn.tensor(y)), np.cross(x, y))
    close(nn.linalg.cross(nn.tensor(x), nn.tensor(x)), np.zeros((4, 3)))
    close(nn.linalg.cross(nn.tensor(x.T), nn.tensor(y[:, None]), dim=0), np.cross(x, y).T)


def test_the_gradients_agree_with_differences(rng):
    x = nn.tensor(rng.normal(size=(3, 3)), requires_grad=True)
    for function in (nn.linalg.matrix_exp, lambda x: nn.linalg.matrix_power(x, 3), lambda x: nn.linalg.cross(x, x.mT)):
        assert nn.testing.gradcheck(function, (x,))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.linalg.matrix_power(nn.zeros(2, 3), 2), nn.ShapeError, "matrix_power: A must be square matrices"),
        (lambda: nn.linalg.matrix_exp(nn.zeros(2, 3)), nn.ShapeError, "matrix_exp: A must be square matrices"),
        (lambda: nn.linalg.multi_dot([nn.eye(2)]), nn.RangeError, "multi_dot: expected at least 2 tensors, got 1"),
        (lambda: nn.linalg.cross(nn.ones(2), nn.ones(2)), nn.ShapeError, "cross: axis -1 must have length 3"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
