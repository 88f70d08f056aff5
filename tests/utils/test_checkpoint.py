"""A checkpointed part gives the gradients of the part itself, keeps less, and runs twice."""

import numpy as np
import pytest

import nn
from nn.utils.checkpoint import checkpoint


def model():
    nn.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 3), nn.Sigmoid())


def gradients(use, order=1):
    net = model().double()
    x = nn.tensor(np.linspace(-1, 1, 12).reshape(4, 3), requires_grad=True)
    loss = (use(net, (x * 2).sin()) ** 2).sum()
    if order == 2:
        (slope,) = nn.grad(loss, x, create_graph=True)
        loss = (slope**2).sum()
    loss.backward()
    return [x.grad.numpy()] + [p.grad.numpy() for p in net.parameters() if p.grad is not None]


@pytest.mark.parametrize("order", [1, 2])
def test_gradients_of_arguments_and_parameters_are_those_without_it(order):
    plain = gradients(lambda net, x: net(x), order)
    kept = gradients(lambda net, x: checkpoint(net, x), order)
    nested = gradients(lambda net, x: checkpoint(lambda x: checkpoint(net[2:], net[:2](x)), x), order)
    for a, b, c in zip(plain, kept, nested, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)


def test_what_lies_inside_is_not_kept():
    x = nn.ones(3, requires_grad=True)
    inside = []

    def part(x):
        y = x.exp()
        inside.append(y)
        return y.sin()

    y = checkpoint(part, x)
    assert y.grad_fn.saved is None
    assert inside[0].grad_fn.result is None
    y.sum().backward()
    assert len(inside) == 2
    np.testing.assert_allclose(x.grad.numpy(), np.exp(1) * np.cos(np.exp(1)), rtol=1e-6)


def test_random_numbers_are_those_of_the_first_time():
    x = nn.ones(100, requires_grad=True)
    nn.manual_seed(3)
    y = checkpoint(lambda x: x * nn.rand(100), x)
    after = nn.rand(1).item()
    nn.manual_seed(3)
    mask, expected_after = nn.rand(100), nn.rand(1).item()
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), mask.numpy())
    assert after == expected_after


def test_a_function_that_does_not_repeat_itself_is_an_error():
    x = nn.ones(3, requires_grad=True)
    calls = []

    def fickle(x):
        calls.append(1)
        return x.exp() if len(calls) == 1 else x.sin()

    with pytest.raises(nn.GradError, match="did not repeat its exp of shape"):
        checkpoint(fickle, x).sum().backward()


def test_an_argument_changed_in_between_is_an_error():
    x = nn.ones(3, requires_grad=True)
    y = checkpoint(lambda x: x.sin(), x).sum()
    with nn.no_grad():
        x.mul_(2)
    with pytest.raises(nn.GradError, match=r"operand x of sin, .* was changed in place"):
        y.backward()


def test_a_second_backward_is_an_error_as_without_it():
    x = nn.ones(3, requires_grad=True)
    y = checkpoint(lambda x: x.sin(), x).sum()
    y.backward()
    with pytest.raises(nn.GradError, match="pass retain_graph=True"):
        y.backward()


def test_by_products_come_back_too():
    x = nn.tensor(np.arange(16.0).reshape(1, 1, 4, 4), requires_grad=True)
    checkpoint(lambda x: nn.functional.max_pool2d(x, 2), x).sum().backward()
    assert x.grad.sum().item() == 4


def test_without_recording_the_function_just_runs():
    with nn.no_grad():
        assert checkpoint(lambda x: x + 1, nn.ones(1)).grad_fn is None


@pytest.mark.parametrize("make", [
    lambda: nn.utils.weight_norm(nn.Linear(3, 2)), lambda: nn.LayerNorm(3), lambda: nn.Softmax(1), lambda: nn.GELU(),
    lambda: nn.BatchNorm1d(3), lambda: nn.GRUCell(3, 2), lambda: nn.PReLU(), lambda: nn.Bilinear(3, 3, 2),
], ids=["weight_norm", "LayerNorm", "Softmax", "GELU", "BatchNorm1d", "GRUCell", "PReLU", "Bilinear"])  # fmt: skip
def test_an_operand_that_no_rule_keeps_is_not_asked_for(make, rng):
    """The inputs are results of others, so that their edges lead to nodes though nothing of them is kept."""
    layer, inner = make().double(), nn.Linear(3, 3).double()
    x = nn.tensor(rng.normal(size=(4, 3)), requires_grad=True)

    def function(x):
        h = inner(x).tanh()
        return (layer(h, h * 2) if isinstance(layer, nn.Bilinear) else layer(h)) ** 2

    found = []
    for run in (function, lambda x: nn.utils.checkpoint.checkpoint(function, x)):
        for leaf in (x, *layer.parameters(), *inner.parameters()):
            leaf.grad = None
        run(x).sum().backward()
        found.append([leaf.grad.tolist() for leaf in (x, *layer.parameters(), *inner.parameters())])
    assert found[0] == found[1]
