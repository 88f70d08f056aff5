"""What all optimisers share: groups, zero_grad, closures, state, messages."""

import copy

import numpy as np
import pytest

import nn
from nn import optim


def leaf(*data):
    return nn.tensor(data, requires_grad=True)


@pytest.fixture
def w():
    return leaf(1.0, 2.0)


@pytest.fixture
def optimizer(w):
    return optim.SGD([w], lr=0.1, momentum=0.9)


def test_params_may_be_any_iterable_of_leaf_tensors(w):
    for params in ([w], (w,), iter([w]), nn.Linear(2, 2).parameters()):
        assert optim.SGD(params, lr=1).param_groups[0]["lr"] == 1


def test_groups_have_options_of_their_own():
    a, b = leaf(1.0), leaf(1.0)
    optimizer = optim.SGD([{"params": [a]}, {"params": b, "lr": 1.0}], lr=0.1)
    (a + b).backward()
    optimizer.step()
    np.testing.assert_allclose([a.item(), b.item()], [0.9, 0])
    optimizer.param_groups[0]["lr"] = 10.0
    optimizer.step()
    np.testing.assert_allclose(a.item(), -9.1, rtol=1e-6)


def test_a_group_added_later(optimizer):
    b = leaf(1.0)
    optimizer.add_param_group({"params": [b], "lr": 2.0})
    assert optimizer.param_groups[1]["momentum"] == 0.9
    b.sum().backward()
    optimizer.step()
    assert b.item() == -1


def test_a_parameter_without_a_gradient_is_left_alone(optimizer, w):
    optimizer.step()
    assert w.tolist() == [1, 2]


def test_zero_grad(optimizer, w):
    w.sum().backward()
    optimizer.zero_grad(set_to_none=False)
    assert w.grad.tolist() == [0, 0]
    optimizer.zero_grad()
    assert w.grad is None


def test_a_closure_is_run_with_recording_on_and_its_loss_returned(optimizer, w):
    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with nn.no_grad():
        loss = optimizer.step(closure)
    assert loss.item() == 5
    np.testing.assert_allclose(w.tolist(), [0.8, 1.6], rtol=1e-6)
    assert optimizer.step() is None


def test_a_step_changes_the_same_array_and_records_nothing(optimizer, w):
    array = w._array
    w.sum().backward()
    optimizer.step()
    assert w._array is array
    assert w.is_leaf


def test_the_state_comes_back(w):
    def train(parameter, optimizer, steps):
        for _ in range(steps):
            optimizer.zero_grad()
            (parameter**2).sum().backward()
            optimizer.step()

    first = optim.SGD([w], lr=0.1, momentum=0.9)
    train(w, first, 2)
    state = copy.deepcopy(first.state_dict())
    other = leaf(*w.tolist())
    second = optim.SGD([other], lr=1.0)
    second.load_state_dict(state)
    train(w, first, 2)
    train(other, second, 2)
    assert other.tolist() == w.tolist()
    assert second.param_groups[0]["lr"] == 0.1


def test_a_loaded_state_is_not_shared(w):
    first = optim.SGD([w], lr=0.1, momentum=0.9)
    w.sum().backward()
    first.step()
    state = first.state_dict()
    second = optim.SGD([leaf(1.0, 2.0)], lr=0.1)
    second.load_state_dict(state)
    first.step()
    assert second.state_dict()["state"][0]["momentum_buffer"].tolist() == [1, 1]


def test_a_state_of_arrays_can_be_loaded(w):
    optimizer = optim.SGD([w], lr=0.1, momentum=0.5)
    state = optimizer.state_dict()
    state["state"] = {0: {"momentum_buffer": np.array([2.0, 4.0])}}
    optimizer.load_state_dict(state)
    w.sum().backward()
    optimizer.step()
    np.testing.assert_allclose(w.tolist(), [0.8, 1.7], rtol=1e-6)
    assert w.dtype == np.float32


def test_the_repr_shows_the_groups(optimizer):
    text = repr(optimizer)
    assert text.startswith("SGD (\nParameter Group 0\n    dampening: 0\n")
    assert "    lr: 0.1\n" in text


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ([], ValueError, "SGD: params is empty"),
        (nn.ones(1, requires_grad=True), TypeError, "SGD: params wants a list of tensors, a single tensor came"),
        ([1.0], TypeError, "SGD: parameter 0 must be a tensor, float came"),
        ([nn.ones(1, requires_grad=True) * 2], ValueError, "SGD: parameter 0 was computed from other tensors"),
        ([{"lr": 1.0}], (ValueError, KeyError), "params"),
    ],
)
def test_messages(params, error, message):
    with pytest.raises(error, match=message):
        optim.SGD(params, lr=0.1)


def test_a_parameter_given_twice(w):
    for params in ([w, w], [{"params": [w]}, {"params": [w]}]):
        with pytest.raises(ValueError, match=r"SGD: parameter \d is given twice"):
            optim.SGD(params, lr=0.1)


def test_a_refused_group_leaves_the_optimiser_as_it_was(optimizer, w):
    with pytest.raises(ValueError, match="given twice"):
        optimizer.add_param_group({"params": [w]})
    assert len(optimizer.param_groups) == 1


def test_a_state_of_other_groups_is_refused(optimizer):
    other = optim.SGD([leaf(1.0), leaf(2.0)], lr=0.1)
    with pytest.raises(ValueError, match=r"SGD: the saved groups have \[2\] parameters, this optimiser has \[1\]"):
        optimizer.load_state_dict(other.state_dict())


def test_the_base_class_updates_nothing():
    w = leaf(1.0)
    w.sum().backward()
    with pytest.raises(NotImplementedError):
        optim.Optimizer([w], {}).step()
