"""Gradients of a tensor that was cut up: as those of a program that cuts nothing, and put together only once."""

import numpy as np
import pytest

import nn
from nn.autograd.op import registry

CUTS = {
    "rows": lambda x: x.unbind(),
    "columns": lambda x: x.unbind(1),
    "split": lambda x: x.split([1, 0, 3]),
    "chunk": lambda x: x.chunk(2, 1),
    "tensor_split": lambda x: x.tensor_split(3, dim=-1),
    "hsplit": lambda x: x.hsplit([2]),
    "a loop": lambda x: [x[i] for i in range(len(x))],
    "from the back": lambda x: [x[-1], x[-2]],
    "some": lambda x: [x[1:3, 1:], x[3]],
    "overlapping": lambda x: [x[:3], x[1:], x[:, 1], x[..., 0], x[::2]],
    "twice": lambda x: [x[1], x[1], x[1]],
    "and whole": lambda x: [x[0], x, x[1:], x * x],
    "of pieces": lambda x: [row for part in x.split(2) for row in part],
    "one": lambda x: [x[2]],
}


def weighed(parts):
    """A number that the parts make, in which no two elements weigh alike."""
    total, weight = 0.0, 1.0
    for part in parts:
        total = total + (part**2 * nn.arange(1.0, part.numel() + 1).reshape(part.shape).double() * weight).sum()
        weight += 0.7
    return total


@pytest.mark.parametrize("name", CUTS)
def test_gradients_of_parts_agree_with_differences(name):
    x = nn.arange(20.0, dtype=nn.float64).reshape(4, 5) / 7 - 1
    function, x = lambda x: weighed(CUTS[name](x)), x.requires_grad_()
    assert nn.autograd.gradcheck(function, x)
    assert nn.autograd.gradgradcheck(function, x)


@pytest.mark.parametrize("name", CUTS)
def test_gradients_arrive_in_a_leaf_a_node_and_beside_what_is_there(name):
    array = np.random.default_rng(0).normal(size=(4, 5))
    leaf = nn.tensor(array, requires_grad=True)
    weighed(CUTS[name](leaf)).backward()
    once = leaf.grad.numpy().copy()
    weighed(CUTS[name](leaf * 1.0)).backward()
    np.testing.assert_allclose(leaf.grad.numpy(), 2 * once, rtol=1e-12)
    (g,) = nn.grad(weighed(CUTS[name](leaf)), leaf, create_graph=True)
    np.testing.assert_allclose(g.detach().numpy(), once, rtol=1e-12)


@pytest.mark.parametrize("cut", [lambda x: x.unbind(), lambda x: x.split(1), lambda x: [x[i] for i in range(30)]])
def test_no_part_makes_a_gradient_of_the_whole(cut, monkeypatch):
    made = []
    for name in ("getitem", "narrow"):
        rule = registry[name].vjp["x"]
        monkeypatch.setattr(rule, "function", lambda *args, **kwargs: made.append(args))
    x = nn.ones(30, 4, requires_grad=True)
    nn.stack([part * 2 for part in cut(x)]).sum().backward()
    assert made == []
    assert (x.grad == 2).all()


def test_a_part_alone_is_what_its_rule_says():
    x = nn.ones(3, requires_grad=True)
    with nn.autograd.detect_anomaly():
        x[1:].sum().backward()
    x[1:].sum().backward()
    assert x.grad.tolist() == [0, 2, 2]


def test_a_hook_gets_the_gradient_put_together():
    seen = []
    x = nn.ones(4, requires_grad=True)
    y = x * 1
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.retain_grad()
    (y[0] * 3 + y[2:].sum()).backward()
    assert seen == [[3, 0, 1, 1]]
    assert y.grad.tolist() == x.grad.tolist() == seen[0]
