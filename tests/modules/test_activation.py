"""Activation modules are their functions."""

import pytest

import nn
import nn.functional as F


@pytest.mark.parametrize(
    ("module", "function"),
    [
        (nn.ReLU(), F.relu),
        (nn.Sigmoid(), F.sigmoid),
        (nn.Tanh(), F.tanh),
        (nn.Softplus(), F.softplus),
        (nn.Softmax(dim=0), lambda x: F.softmax(x, 0)),
        (nn.Softmax(1), lambda x: F.softmax(x, 1)),
        (nn.LogSoftmax(dim=-1), lambda x: F.log_softmax(x, -1)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_module_is_its_function_and_has_no_parameters(module, function, rng):
    x = nn.tensor(rng.normal(size=(3, 4)))
    assert module(x).tolist() == function(x).tolist()
    assert not list(module.parameters())
    assert not module.state_dict()
