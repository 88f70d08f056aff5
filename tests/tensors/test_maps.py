"""Maps that convolutions leave batch-last in memory: `view` and `reshape` share their memory as PyTorch's do."""

import numpy as np
import pytest

import nn
from nn import functional as F


@pytest.fixture
def conv():
    nn.manual_seed(0)
    return nn.Conv2d(3, 2, 3)


@pytest.fixture
def maps(conv):
    """Makes the same maps again and again."""
    images = nn.randn(4, 3, 8, 8)
    assert not conv(images).is_contiguous()  # else nothing is tested here
    return lambda: conv(images)


@pytest.mark.parametrize("after", [lambda y: y, nn.sigmoid, F.relu, nn.BatchNorm2d(2), lambda y: F.max_pool2d(y, 2)])
@pytest.mark.parametrize("flat", [lambda y: y.view(-1), lambda y: y.reshape(-1), lambda y: y.flatten(), nn.flatten])
def test_a_view_of_maps_shares_their_memory(maps, after, flat):
    with nn.no_grad():
        y = after(maps())
        expected = y.numpy().copy()
        line = flat(y)
        np.testing.assert_array_equal(line.numpy(), expected.ravel())
        line[2] = 7.0
        assert y[0, 0, 0, 2] == 7.0
        y.zero_()
        assert (line == 0).all()


@pytest.mark.parametrize("after", [lambda y: y, nn.sigmoid, F.relu, nn.tanh, nn.BatchNorm2d(2), nn.exp])
def test_its_gradient(conv, maps, after):
    grads = []
    for flat in (lambda y: y.view(-1), lambda y: y.permute(1, 2, 3, 0)):
        loss = (flat(after(maps())) ** 3).sum()
        (first,) = nn.grad(loss, conv.weight, create_graph=True)
        (second,) = nn.grad((first**2).sum(), conv.weight)
        grads += [(first.detach().numpy(), second.numpy())]
    for one, other in zip(*grads, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4 * np.abs(other).max())


def test_a_change_in_place_is_followed_and_refused_as_elsewhere(conv, maps):
    y = maps()
    y.view(-1).mul_(2.0)
    (found,) = nn.grad((y**2).sum(), conv.weight)
    (expected,) = nn.grad(((maps() * 2) ** 2).sum(), conv.weight)
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-4)
    y = nn.sigmoid(maps())
    y.view(-1).mul_(2.0)
    with pytest.raises(nn.GradError, match=r"the result of sigmoid, .* was changed in place"):
        y.sum().backward()


@pytest.mark.parametrize("hold", [
    lambda y: y.detach(), lambda y: y.detach()[0], lambda y: y.detach().numpy(), lambda y: y.detach().numpy()[0],
    lambda y: y.detach().numpy().T,
])  # fmt: skip
def test_memory_that_somebody_else_reads_stays_where_it_is(maps, hold):
    y = maps()
    held = hold(y)
    with pytest.raises(nn.ShapeError, match=r"view: memory of shape \(4, 2, 6, 6\) cannot be read as \(288,\)"):
        y.view(-1)
    line = y.detach().reshape(-1)  # a copy
    line.zero_()
    assert np.abs(np.asarray(held)).sum() > 0
    del held, line
    assert y.view(-1).shape == (288,)


def test_a_captured_step_with_a_view_of_maps(conv):
    start = {name: value.clone() for name, value in conv.state_dict().items()}
    images = nn.rand(4, 3, 8, 8)
    optimizer = nn.optim.SGD(conv.parameters(), lr=0.1)

    def step(x):
        optimizer.zero_grad()
        p = nn.sigmoid(conv(x)).view(-1)
        loss = (p * p).mean()
        loss.backward()
        optimizer.step()
        return loss

    losses = []
    for function in (nn.capture(step), step):
        conv.load_state_dict(start)
        losses.append([function(images + i / 8).item() for i in range(5)])
    assert losses[0] == losses[1]


def test_what_was_permuted_lies_as_it_was_permuted():
    picture = nn.rand(5, 6, 3).permute(2, 0, 1) + 1
    line = picture.reshape(-1)  # a copy, as in PyTorch
    line.zero_()
    assert (picture >= 1).all()
    with pytest.raises(nn.ShapeError, match=r"view: memory of shape \(4, 3\)"):
        nn.rand(3, 4).T.view(-1)
