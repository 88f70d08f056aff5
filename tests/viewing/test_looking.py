"""activations: the outputs of the layers, from a look that leaves the model as it was."""

import numpy as np
import pytest

import nn
from nn.errors import RangeError
from nn.viewing import activations


def net():
    nn.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5), nn.Sequential(nn.ReLU(), nn.Linear(4, 2)))


def test_each_layer_s_output_is_what_the_next_one_gets(rng):
    model, x = net(), nn.tensor(rng.normal(size=(5, 3)).astype(np.float32))
    found = activations(model, x)
    assert list(found) == ["0", "1", "2.0", "2.1"]
    assert np.array_equal(found["0"], found["1"])  # in evaluation mode nothing is dropped
    assert np.array_equal(found["2.0"], np.maximum(found["1"], 0))
    model.eval()
    assert np.array_equal(found["2.1"], model(x).detach().numpy())


def test_a_model_is_left_in_the_modes_that_its_parts_were_in(rng):
    model, x = net(), nn.ones(1, 3)
    model[1].eval()
    activations(model, x)
    assert [part.training for part in model.modules()] == [True, True, False, True, True, True]
    assert not any(hooks for part in model.modules() for hooks in part._hooks.values())
    with pytest.raises(ValueError, match="linear"):
        activations(model, nn.ones(1, 7))
    assert [part.training for part in model.modules()] == [True, True, False, True, True, True]
    assert not any(hooks for part in model.modules() for hooks in part._hooks.values())


def test_layers_may_be_named_and_a_repeated_one_has_its_last_output():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(1, 1))

        def forward(self, x):
            return self.body(self.body(x))

    model, x = Twice(), nn.ones(1, 1)
    found = activations(model, x, layers=["body"])
    assert found["body"].tolist() == model(x).tolist()


def test_bad_arguments_are_refused():
    with pytest.raises(RangeError, match=r"^activations: Sequential has no layer '2.00'; did you mean '2.0'\?$"):
        activations(net(), nn.ones(1, 3), layers=["2.00"])
    with pytest.raises(TypeError, match=r"^activations: model must be an nn.Module, got function$"):
        activations(lambda x: x, nn.ones(1))
