"""The affine map and the matrix product: linearity, batches, messages."""

import numpy as np
import pytest

import nn
import nn.functional as F


@pytest.fixture
def operands(rng):
    return [nn.tensor(rng.normal(size=s)) for s in ((5, 3), (2, 3), (2,))]


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-12, atol=1e-14)


def test_linear_is_x_times_the_transposed_weight_plus_bias(operands):
    x, w, b = operands
    close(F.linear(x, w, b), x.numpy() @ w.numpy().T + b.numpy())
    close(F.linear(x, w), F.linear(x, w, nn.zeros_like(b)))


def test_the_identity_leaves_x(operands):
    x = operands[0]
    close(F.linear(x, nn.eye(3, dtype=nn.float64)), x)


def test_a_batch_of_one_equals_a_row_of_the_batch(operands):
    x, w, b = operands
    close(F.linear(x[2:3], w, b)[0], F.linear(x, w, b)[2])
    close(F.linear(x[2], w, b), F.linear(x, w, b)[2])


def test_leading_axes_are_a_batch(operands, rng):
    _, w, b = operands
    x = nn.tensor(rng.normal(size=(2, 4, 3)))
    close(F.linear(x, w, b), F.linear(x.reshape(8, 3), w, b).reshape(2, 4, 2))


def test_the_gradient_of_the_bias_is_summed_over_the_batch(operands):
    x, w, b = operands
    b.requires_grad_()
    F.linear(x, w, b).sum().backward()
    assert b.grad.tolist() == [5, 5]


def test_matmul_is_associative_and_transposes(rng):
    a, b, c = (nn.tensor(rng.normal(size=s)) for s in ((2, 3), (3, 4), (4, 2)))
    np.testing.assert_allclose(((a @ b) @ c).numpy(), (a @ (b @ c)).numpy(), rtol=1e-10)
    close((a @ b).T, b.T @ a.T)


def test_matmul_of_vectors():
    a, b = nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0])
    assert (a @ b).item() == 11
    assert (a @ b).shape == ()
    assert (a @ nn.eye(2)).tolist() == [1, 2]
    assert (nn.eye(2) @ b).tolist() == [3, 4]


def test_matmul_with_an_array_on_either_side():
    x = nn.tensor([[1.0, 2.0]])
    assert isinstance(np.eye(1, dtype=np.float32) @ x, nn.Tensor)
    assert (x @ np.ones((2, 1), np.float32)).tolist() == [[3]]


def test_linear_of_the_wrong_features_says_which_and_what_to_do():
    with pytest.raises(
        nn.ShapeError,
        match=r"linear: x has 28 features in its last axis, weight \(128, 784\) expects 784; "
        r"x is \(64, 28, 28\): flatten it first, e.g. nn.Flatten\(\)",
    ):
        F.linear(nn.zeros(64, 28, 28), nn.zeros(128, 784))
    with pytest.raises(
        nn.ShapeError, match=r"linear: x has 2 features in its last axis, weight \(4, 3\) expects 3; x is"
    ):
        F.linear(nn.zeros(5, 2), nn.zeros(4, 3))
    with pytest.raises(nn.ShapeError, match="linear: x has no features in its last axis"):
        F.linear(nn.tensor(1.0), nn.zeros(4, 3))


def test_linear_of_two_dtypes():
    with pytest.raises(nn.DtypeError, match=r"linear: x is float64 and weight is float32; make them equal"):
        F.linear(nn.zeros(5, 3, dtype=nn.float64), nn.zeros(4, 3))


def test_linear_with_a_wrong_bias_or_without_a_tensor():
    with pytest.raises(nn.ShapeError, match="linear: "):
        F.linear(nn.zeros(5, 3), nn.zeros(4, 3), nn.zeros(3))
    with pytest.raises(TypeError, match="linear: input must be a tensor, got list"):
        F.linear([[1.0]], nn.zeros(1, 1))
    with pytest.raises(TypeError, match="linear: weight must be a tensor, got list"):
        F.linear(nn.zeros(1, 1), [[1.0]])


def test_matmul_of_inner_lengths_that_differ():
    with pytest.raises(nn.ShapeError, match=r"matmul: operands of shape \(2, 3\) and \(4, 5\) do not fit"):
        nn.matmul(nn.zeros(2, 3), nn.zeros(4, 5))
    with pytest.raises(TypeError, match="matmul: other must be a tensor, got float"):
        nn.matmul(nn.zeros(2, 3), 2.0)


def test_what_has_no_features_has_gradients_of_its_shape():
    x, w = nn.randn(2, 5, 0, requires_grad=True), nn.randn(3, 0, requires_grad=True)
    F.linear(x, w).sum().backward()
    assert x.grad.shape == (2, 5, 0)
    assert w.grad.shape == (3, 0)
    table = nn.randn(4, 0, requires_grad=True)
    F.embedding(nn.tensor([1, 1, 3]), table).sum().backward()
    assert table.grad.shape == (4, 0)
    points = nn.randn(30, 0, requires_grad=True)
    distances = nn.cdist(points, nn.randn(40, 0))
    distances.sum().backward()
    assert distances.shape == (30, 40)
    assert not distances.any()
    assert points.grad.shape == (30, 0)
    none = nn.randn(0, 3, requires_grad=True)
    nn.cdist(none, nn.randn(30, 3)).sum().backward()
    assert none.grad.shape == (0, 3)


@pytest.mark.parametrize("batch_last", [True, False])
def test_the_gradient_by_the_input_lies_in_memory_as_the_input(batch_last, operands):
    x, w, b = operands
    array = np.array(x.numpy(), order="F" if batch_last else "C")
    given = []
    x = nn.tensor(array, requires_grad=True)
    through = x * nn.tensor(np.ones_like(array))
    through.register_hook(lambda g: given.append(g.numpy()))
    F.linear(through, w, b).square().sum().backward()
    assert given[0].flags.f_contiguous is batch_last
    close(x.grad, 2 * (array @ w.numpy().T + b.numpy()) @ w.numpy())
