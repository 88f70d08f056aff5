"""A parameter is a tensor that requires gradients, shares its memory, and is found by the module that holds it."""

import copy

import numpy as np
import pytest

import nn


def test_a_parameter_shares_the_memory_of_its_tensor_and_requires_gradients():
    data = nn.zeros(2)
    parameter = nn.Parameter(data)
    data[0] = 5
    assert parameter.tolist() == [5, 0]
    assert (parameter.requires_grad, parameter.is_leaf, data.requires_grad) == (True, True, False)
    assert not nn.Parameter(data, requires_grad=False).requires_grad
    assert nn.Parameter([1.0]).dtype == np.float32


def test_a_module_registers_it_on_assignment_and_a_plain_tensor_is_no_parameter():
    module = nn.Module()
    module.weight, module.other = nn.Parameter(nn.ones(2)), nn.ones(2)
    assert [name for name, _ in module.named_parameters()] == ["weight"]
    with pytest.raises(TypeError, match="weight"):
        module.weight = nn.ones(2)


def test_a_result_computed_from_it_is_a_plain_tensor():
    parameter = nn.Parameter(nn.ones(2))
    assert type(parameter * 2) is nn.Tensor
    (parameter * 2).sum().backward()
    assert parameter.grad.tolist() == [2, 2]


def test_a_copy_is_a_parameter_of_its_own_and_its_print_says_what_it_is():
    parameter = nn.Parameter(nn.ones(1))
    twin = copy.deepcopy(parameter)
    with nn.no_grad():
        twin.add_(1)
    assert (type(twin), parameter.tolist()) == (nn.Parameter, [1])
    assert repr(parameter) == "Parameter containing:\ntensor([1.], requires_grad=True)"
