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
