"""A declared function is a method, under its aliases too, in place where it says so, with NumPy's names for axes."""

import pytest

import nn
from nn.tensors.methods import either_name


def test_axis_and_keepdims_are_dim_and_keepdim_for_functions_and_methods():
    x = nn.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert x.sum(axis=0, keepdims=True).tolist() == x.sum(dim=0, keepdim=True).tolist()
    assert nn.cumsum(x, axis=1).tolist() == nn.cumsum(x, dim=1).tolist()
    assert x.sort(axis=0)[0].tolist() == x.sort(dim=0)[0].tolist()


def test_both_names_at_once_are_refused():
    @either_name
    def picked(x, dim=0):
        return dim

    assert (picked(None), picked(None, axis=1), picked(None, dim=2)) == (0, 1, 2)
    with pytest.raises(TypeError, match="picked: got both dim and axis, which are the same; give one of them"):
        picked(None, dim=0, axis=1)


def test_an_alias_is_the_same_function_and_the_same_methods():
    assert nn.multiply is nn.mul
    assert nn.Tensor.multiply is nn.Tensor.mul
    assert nn.Tensor.multiply_ is nn.Tensor.mul_


@pytest.mark.parametrize("call", [lambda x: x.reshape(3, 2), lambda x: x.reshape((3, 2)), lambda x: x.reshape([3, -1])])
def test_lengths_may_be_given_one_by_one_or_as_one_sequence(call):
    assert call(nn.arange(6)).tolist() == [[0, 1], [2, 3], [4, 5]]


def test_in_place_the_result_replaces_the_elements_and_a_turned_view_shares_its_memory():
    x = nn.tensor([[1.0, 4.0, 9.0]])
    whole = x.view(3)
    assert x.sqrt_() is x
    assert whole.tolist() == [1, 2, 3]
    assert x.t_() is x
    assert x.shape == (3, 1)
    x += 1
    assert whole.tolist() == [2, 3, 4]
