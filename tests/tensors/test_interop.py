"""A tensor among NumPy's functions: its array is shared, its operators are found, and gradients are never lost."""

import numpy as np
import pytest

import nn


@pytest.fixture
def x():
    return nn.tensor([1.0, 4.0, 9.0])


def test_the_array_is_shared_and_asarray_shares_it_too(x):
    x.numpy()[0] = 5
    np.asarray(x)[1] = 6
    assert x.tolist() == [5, 6, 9]
    copied = np.array(x)
    copied[2] = 0
    assert x.tolist() == [5, 6, 9]
    assert np.asarray(x, dtype=np.int64).tolist() == [5, 6, 9]


def test_numpy_s_functions_are_the_tensor_s_methods_and_keep_the_gradient(x):
    x.requires_grad_()
    y = np.sqrt(x) * np.array([1.0, 2.0, 3.0], np.float32) + np.absolute(x)
    assert isinstance(y, nn.Tensor)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [1.5, 1.5, 1.5])


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "power", "equal", "less", "matmul"])
def test_an_array_on_the_left_is_an_operand_like_any_other(name, x):
    left = np.array([2.0, 1.0, 0.5], np.float32)
    result = getattr(np, name)(left, x)
    assert isinstance(result, nn.Tensor)
    np.testing.assert_allclose(result.numpy(), getattr(np, name)(left, x.numpy()))


def test_what_has_no_op_is_numpy_s_on_the_array(x):
    assert np.cbrt(nn.tensor([8.0])).tolist() == [2]
    assert np.add.reduce(x) == 14
    assert np.stack([x, x]).shape == (2, 3)
    assert np.concatenate([x, np.zeros(1, np.float32)]).tolist() == [1, 4, 9, 0]


def test_what_stands_for_a_method_returns_a_tensor_as_in_pytorch():
    calls = (
        lambda x: np.transpose(x, (1, 2, 0)), np.squeeze, lambda x: np.reshape(x, -1), lambda x: np.clip(x, 1, 2),
        np.argmax, lambda x: np.argsort(x, axis=1), lambda x: np.cumsum(x, axis=2), lambda x: np.swapaxes(x, 0, 1),
        lambda x: np.round(x), lambda x: np.repeat(x, 2), lambda x: np.take(x, [0, 3]),
    )  # fmt: skip
    numbers = np.random.default_rng(0).random((1, 2, 3)).astype(np.float32) * 3
    for call in calls:
        mine, expected = call(nn.from_numpy(numbers)), call(numbers)
        assert isinstance(mine, nn.Tensor)
        assert mine.dtype == expected.dtype
        np.testing.assert_array_equal(mine.numpy(), expected)
    assert isinstance(np.stack([nn.from_numpy(numbers)]), np.ndarray)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of PyTorch's side of NumPy 2's protocol
def test_the_kinds_are_those_of_pytorch():
    torch = pytest.importorskip("torch")
    numbers = np.arange(6.0, dtype=np.float32).reshape(1, 2, 3)
    mine, theirs = nn.from_numpy(numbers), torch.from_numpy(numbers)
    for call in (np.argmax, np.argsort, np.squeeze, np.transpose, np.round, np.ravel, np.sort, np.vstack, np.atleast_2d,
                 lambda x: np.clip(x, 1, 2), lambda x: np.expand_dims(x, 0), lambda x: np.tile(x, 2)):  # fmt: skip
        assert isinstance(call(mine), np.ndarray) == isinstance(call(theirs), np.ndarray), call


def test_dlpack_hands_the_memory_over(x):
    shared = np.from_dlpack(x)
    x.mul_(2)
    assert shared.tolist() == [2, 8, 18]


@pytest.mark.parametrize(
    "call", [lambda x: x.numpy(), np.asarray, np.cbrt, lambda x: np.stack([x, x]), np.from_dlpack, np.add.reduce]
)
def test_what_numpy_cannot_follow_is_refused_while_a_gradient_is_required(call, x):
    with pytest.raises(nn.GradError, match=r"numpy: this tensor requires gradients.* use .detach\(\).numpy\(\)"):
        call(x.requires_grad_())


def test_an_array_of_another_dtype_cannot_be_shared(x):
    with pytest.raises(ValueError, match="array: float32 cannot be shared as int64; leave copy=False out"):
        x.__array__(np.int64, copy=False)
