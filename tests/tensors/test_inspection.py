"""What a tensor is, as PyTorch says it; and NumPy's functions, given tensors."""

import copy

import numpy as np
import pytest

import nn


def test_questions():
    x = nn.zeros(2, 3)
    assert (nn.is_tensor(x), nn.is_tensor(x.numpy()), nn.numel(x)) == (True, False, 6)
    assert (nn.is_same_size(x, x + 1), x.is_same_size(x.T)) == (True, False)
    assert (nn.is_nonzero(nn.tensor([2])), nn.tensor(0.0).is_nonzero()) == (True, False)
    assert x.T.H.shape == x.mH.mT.shape == (2, 3)
    assert nn.tensor(1.0).T.shape == nn.tensor(1.0).mT.shape == nn.tensor(1.0).H.shape == ()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.zeros(2).is_nonzero(), RuntimeError, "bool: a tensor of shape"),
        (lambda: nn.zeros(2).stride(1), IndexError, "stride: dim 1 is out of range"),
        (lambda: nn.zeros(2).mT, RuntimeError, r"mT: expected at least 2 axes, got shape \(2,\)"),
        (lambda: nn.zeros(2, 3, 4).H, RuntimeError, r"H: expected a matrix, got shape \(2, 3, 4\)"),
        (lambda: nn.numel([1]), TypeError, "numel: input must be a tensor, got list"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


# -- NumPy's functions, given tensors ---------------------------------------------------------------------------------
UNARY = ["sin", "exp", "sqrt", "abs", "absolute", "negative", "sign", "square", "log1p", "isnan", "floor", "tanh"]


BINARY = [
    "add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "equal", "not_equal", "less", "less_equal",
    "greater", "greater_equal", "matmul",
]  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
def test_ufuncs_of_one_tensor_are_ops(name):
    x = nn.tensor([0.5, 2.0, 1.0], dtype=nn.float64, requires_grad=name not in ("isnan",))
    y = getattr(np, name)(x)
    assert type(y) is nn.Tensor
    np.testing.assert_allclose(y.detach().numpy(), getattr(np, name)(x.detach().numpy()))
    assert y.requires_grad == x.requires_grad


@pytest.mark.parametrize("name", BINARY)
def test_ufuncs_of_an_array_and_a_tensor_are_ops(name):
    array = np.array([[0.5, 2.0], [1.0, 3.0]])
    x = nn.tensor([[1.0, 2.0], [0.5, 1.5]], dtype=nn.float64, requires_grad=True)
    plain = x.detach().numpy()
    for got, wanted in [
        (getattr(np, name)(array, x), getattr(np, name)(array, plain)),
        (getattr(np, name)(x, array), getattr(np, name)(plain, array)),
        (getattr(np, name)(x, x), getattr(np, name)(plain, plain)),
    ]:
        assert type(got) is nn.Tensor
        np.testing.assert_allclose(got.detach().numpy(), wanted)
        assert got.requires_grad == (got.dtype.kind == "f")


def test_what_has_no_op_works_on_the_arrays():
    x = nn.tensor([8.0, 27.0], dtype=nn.float64)
    assert type(np.cbrt(x)) is nn.Tensor
    assert np.cbrt(x).tolist() == [2, 3]
    assert [a.tolist() for a in np.modf(x)] == [[0, 0], [8, 27]]
    assert np.add.reduce(x) == 35
    assert np.multiply.outer(x, [1, 2]).shape == (2, 2)
    assert np.sum(x) == np.sum([x]) == 35
    assert np.mean(x) == 17.5
    assert np.stack([x, x]).shape == np.vstack((x, x)).shape == (2, 2)
    assert np.where(x > 9, x, 0).tolist() == [0, 27]
    assert np.concatenate([x, np.ones(1)]).tolist() == [8, 27, 1]
    assert np.allclose(x, [8, 27])
    assert np.argmax(a=x) == 1
    out = np.zeros(2)
    assert np.add(x, 1, out=out) is out
    out += x
    assert out.tolist() == [17, 55]


@pytest.mark.parametrize("call", [np.cbrt, np.sum, lambda x: np.stack([x]), np.add.reduce, np.asarray, np.mean])
def test_what_numpy_cannot_follow_is_refused(call):
    with pytest.raises(nn.GradError, match=r"numpy: this tensor requires gradients.*use \.detach\(\)\.numpy\(\)"):
        call(nn.ones(2, requires_grad=True))


def test_array_without_a_copy():
    x = nn.ones(2)
    assert np.shares_memory(np.asarray(x, copy=False) if np.lib.NumpyVersion(np.__version__) >= "2.0.0" else
                            np.asarray(x), x.numpy())  # fmt: skip
    with pytest.raises(ValueError, match="array: float32 cannot be shared as float64; leave copy=False out"):
        x.__array__(np.float64, copy=False)


def test_copies():
    x = nn.tensor([[1.0, 2.0]], requires_grad=True)
    for y in (copy.copy(x), copy.deepcopy(x)):
        assert type(y) is nn.Tensor
        assert y.requires_grad
        assert y.tolist() == [[1, 2]]
    assert copy.copy(x).data_ptr() == x.data_ptr() != copy.deepcopy(x).data_ptr()
