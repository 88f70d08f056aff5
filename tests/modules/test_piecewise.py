"""Layers of activations made of straight lines are their functions, with every option handed on."""

import pytest

import nn
import nn.functional as F

CASES = {
    "Hardtanh": (dict(min_val=-2.0, max_val=0.5), F.hardtanh),
    "ReLU6": ({}, F.relu6),
    "Hardsigmoid": ({}, F.hardsigmoid),
    "Hardswish": ({}, F.hardswish),
    "Threshold": (dict(threshold=0.1, value=-3.0), F.threshold),
    "Hardshrink": (dict(lambd=0.8), F.hardshrink),
    "Softshrink": (dict(lambd=0.8), F.softshrink),
}


@pytest.mark.parametrize("name", CASES)
def test_a_layer_is_its_function(name, rng):
    options, function = CASES[name]
    x = nn.tensor(rng.normal(0, 4, (5, 4)))
    assert getattr(nn, name)(**options)(x).tolist() == function(x, **options).tolist()
    assert not getattr(nn, name)(**options).state_dict()


@pytest.mark.parametrize("name", ["Hardtanh", "ReLU6", "Hardsigmoid", "Hardswish", "Threshold"])
def test_in_place_the_input_itself_holds_the_result(name, rng):
    options, function = CASES[name]
    x = nn.tensor(rng.normal(0, 4, (5, 4)))
    expected = function(x, **options).tolist()
    assert getattr(nn, name)(**options, inplace=True)(x) is x
    assert x.tolist() == expected
