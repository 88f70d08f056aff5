"""Parameters as one vector, and back."""

import pytest

import nn
from nn.utils import parameters_to_vector, vector_to_parameters


def test_there_and_back():
    first, second = nn.Linear(2, 3), nn.Linear(2, 3)
    arrays = [p._array for p in second.parameters()]
    vector_to_parameters(parameters_to_vector(first.parameters()), second.parameters())
    assert [p.tolist() for p in first.parameters()] == [p.tolist() for p in second.parameters()]
    assert all(p._array is a for p, a in zip(second.parameters(), arrays, strict=True))


def test_gradients_flow_through_the_vector():
    model = nn.Linear(2, 1)
    (parameters_to_vector(model.parameters()) * nn.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert (model.weight.grad.tolist(), model.bias.grad.tolist()) == ([[1, 2]], [3])


def test_what_the_vector_has_too_many_is_left():
    w = nn.zeros(2)
    vector_to_parameters(nn.tensor([1.0, 2.0, 3.0]), [w])
    assert w.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("vec", "error", "message"),
    [
        ([1.0], TypeError, "vector_to_parameters: vec must be a tensor, got list"),
        (nn.ones(2), nn.ShapeError, r"the parameters need a vector of 3, got shape \(2,\)"),
        (nn.ones(3, 1), nn.ShapeError, r"the parameters need a vector of 3, got shape \(3, 1\)"),
    ],
)
def test_messages(vec, error, message):
    w = nn.zeros(3)
    with pytest.raises(error, match=message):
        vector_to_parameters(vec, [w])
    assert w.tolist() == [0, 0, 0]
