"""Products of matrices and vectors beside NumPy's and by their laws, and the messages."""

import numpy as np
import pytest

import nn


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-10, atol=1e-12)


def given(rng, *shapes):
    return [rng.normal(size=shape) for shape in shapes]


@pytest.mark.parametrize(
    ("name", "shapes", "plain"),
    [
        ("matmul", ((2, 3, 4), (4, 5)), np.matmul),
        ("mm", ((3, 4), (4, 5)), np.matmul),
        ("mv", ((3, 4), (4,)), np.matmul),
        ("bmm", ((2, 3, 4), (2, 4, 5)), np.matmul),
        ("dot", ((4,), (4,)), np.dot),
        ("vdot", ((4,), (4,)), np.dot),
        ("inner", ((2, 3), (4, 3)), np.inner),
        ("outer", ((3,), (4,)), np.outer),
        ("ger", ((3,), (4,)), np.outer),
        ("kron", ((2, 3), (4, 2)), np.kron),
        ("tensordot", ((2, 3, 4), (3, 4, 5)), np.tensordot),
    ],
)
def test_each_product_is_numpy_s(name, shapes, plain, rng):
    arrays = given(rng, *shapes)
    close(getattr(nn, name)(*map(nn.tensor, arrays)), plain(*arrays))


@pytest.mark.parametrize(
    ("name", "shapes", "plain"),
    [
        ("addmm", ((3, 5), (3, 4), (4, 5)), lambda x, a, b: a @ b),
        ("addmv", ((3,), (3, 4), (4,)), lambda x, a, b: a @ b),
        ("addr", ((3, 4), (3,), (4,)), lambda x, a, b: np.outer(a, b)),
        ("baddbmm", ((2, 3, 5), (2, 3, 4), (2, 4, 5)), lambda x, a, b: a @ b),
        ("addbmm", ((3, 5), (2, 3, 4), (2, 4, 5)), lambda x, a, b: (a @ b).sum(0)),
    ],
)
def test_beta_times_the_first_plus_alpha_times_the_product(name, shapes, plain, rng):
    arrays = given(rng, *shapes)
    tensors = list(map(nn.tensor, arrays))
    close(getattr(nn, name)(*tensors), arrays[0] + plain(*arrays))
    close(getattr(nn, name)(*tensors, beta=0.5, alpha=-2.0), 0.5 * arrays[0] - 2 * plain(*arrays))
    ignored = nn.full(shapes[0], float("nan"), dtype=nn.float64)
    close(getattr(nn, name)(ignored, *tensors[1:], beta=0), plain(*arrays))  # with beta = 0, even if it is nan
    leaf = ignored.clone().requires_grad_()
    getattr(nn, name)(leaf, *tensors[1:], beta=0).sum().backward()
    assert (leaf.grad.numpy() == 0).all(), "and its gradient is 0, as PyTorch's"


def test_tensordot_sums_over_the_axes_named(rng):
    a, b = given(rng, (2, 3, 4), (4, 5, 2))
    close(nn.tensordot(nn.tensor(a), nn.tensor(b), ([0, 2], [2, 0])), np.tensordot(a, b, ([0, 2], [2, 0])))
    close(nn.tensordot(nn.tensor(a), nn.tensor(b), 0), np.tensordot(a, b, 0))


def test_the_product_of_kroneckers_is_the_kronecker_of_products(rng):
    a, b, c, d = map(nn.tensor, given(rng, (2, 3), (4, 2), (3, 2), (2, 4)))
    close(nn.kron(a, b) @ nn.kron(c, d), nn.kron(a @ c, b @ d))


def test_the_gradients_agree_with_differences(rng):
    a, b = (nn.tensor(v, requires_grad=True) for v in given(rng, (2, 3), (3, 2)))
    for function in (nn.matmul, nn.kron, lambda a, b: nn.addmm(a @ b, b.T, a.T), lambda a, b: nn.tensordot(a, b, 1)):
        assert nn.testing.gradcheck(function, (a, b))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.mm(nn.ones(2, 3), nn.ones(3)), r"mm: mat2 must have 2 axes, its shape is \(3,\)"),
        (lambda: nn.bmm(nn.ones(2, 3, 4), nn.ones(3, 4, 5)), "bmm: the batches differ"),
        (lambda: nn.dot(nn.ones(2), nn.ones(3)), "dot: the vectors have 2 and 3 elements"),
        (lambda: nn.tensordot(nn.ones(2), nn.ones(2), 2), "tensordot: dims 2 is more than the axes"),
        (lambda: nn.tensordot(nn.ones(2, 3), nn.ones(2, 3), 1), r"tensordot: a .* has lengths \[3\] .* b .* has \[2\]"),
    ],
)
def test_messages(call, message):
    with pytest.raises(nn.ShapeError, match=message):
        call()
