"""Nodes have PyTorch's names, where one op here is one there; tests/compat compares more of them."""

import pytest

import nn

x = nn.ones(2, 2, requires_grad=True)


@pytest.mark.parametrize(("tensor", "name"), [
    (x @ x, "MmBackward0"), (x @ nn.ones(3, 2, 2), "UnsafeViewBackward0"), (x.sum(), "SumBackward0"),
    (x.sum(0), "SumBackward1"), (x.view(4), "ViewBackward0"), (nn.cat([x, x]), "CatBackward0"),
    (nn.functional.mse_loss(x, nn.ones(2, 2)), "MseLossBackward0"), (x[0], "SelectBackward0"),
    (x[:1], "SliceBackward0"), (x[None], "UnsqueezeBackward0"), (x[nn.tensor([0])], "IndexBackward0"),
    (nn.functional.linear(x, x, x[0]), "AddmmBackward0"), (x.exp(), "ExpBackward0"),
])  # fmt: skip
def test_a_node_is_called_as_pytorch_calls_it(tensor, name):
    assert tensor.grad_fn.name() == name
    assert f"grad_fn=<{name}>" in repr(tensor)


def test_changes_in_place_are_counted():
    y = nn.ones(3)
    assert y._version == 0
    y.add_(1)
    y[0] = 5
    y.view(3).mul_(2)
    assert y._version == 3
