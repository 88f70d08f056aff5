"""Moving elements: what goes where, views, and messages."""

import numpy as np
import pytest

import nn
from nn import functional as F


@pytest.fixture
def x():
    return nn.arange(24.0).reshape(2, 3, 4)


def test_reshape_keeps_the_order(x):
    assert x.reshape(4, 6).flatten().tolist() == list(range(24))
    for shape in [(6, 4), (-1, 4), (2, -1), [24]]:
        assert nn.reshape(x, shape).numel() == 24
    assert x.view(-1).shape == (24,)
    assert nn.reshape(nn.tensor(1.0), (1, 1)).shape == (1, 1)


def test_permute_and_transpose_are_numpy_s(x):
    assert nn.permute(x, (2, 0, 1)).tolist() == x.numpy().transpose(2, 0, 1).tolist()
    assert x.permute(-1, 0, 1).shape == (4, 2, 3)
    assert nn.transpose(x, 0, -1).tolist() == x.numpy().swapaxes(0, 2).tolist()
    assert x.mT.shape == (2, 4, 3)
    assert x[0].T.tolist() == x[0].t().tolist() == x.numpy()[0].T.tolist()


def test_flatten(x):
    assert nn.flatten(x).shape == (24,)
    assert nn.flatten(x, 1).shape == (2, 12)
    assert nn.flatten(x, 0, 1).shape == (6, 4)
    assert nn.flatten(x, 1, 1).shape == (2, 3, 4)
    assert nn.flatten(nn.tensor(1.0)).shape == (1,)
    assert nn.flatten(nn.zeros(0, 3, 2), 1).shape == (0, 6)


def test_squeeze_and_unsqueeze_undo_each_other(x):
    for dim in (0, 1, 3, -1, -4):
        assert nn.unsqueeze(x, dim).shape[dim] == 1
        assert nn.squeeze(nn.unsqueeze(x, dim), dim).shape == x.shape
    assert nn.squeeze(nn.zeros(1, 2, 1)).shape == (2,)
    assert nn.squeeze(nn.zeros(1, 2, 1), (0, 1)).shape == (2, 1)
    assert nn.squeeze(x, 0).shape == x.shape


def test_cat_then_slice_is_the_identity(x):
    for dim in (0, 1, 2, -1):
        both = nn.cat([x, x + 100], dim)
        first, second = np.split(both.numpy(), 2, axis=dim)
        assert first.tolist() == x.tolist()
        assert second.tolist() == (x + 100).tolist()
    assert nn.cat((x,)).tolist() == x.tolist()


def test_stack_makes_an_axis(x):
    for dim in range(-4, 4):
        stacked = nn.stack([x, x + 1], dim)
        assert stacked.shape[dim] == 2
        assert np.take(stacked.numpy(), 1, dim).tolist() == (x + 1).tolist()


def test_expand_repeats_without_a_copy():
    x = nn.tensor([[1.0], [2.0]])
    assert x.expand(2, 3).tolist() == [[1, 1, 1], [2, 2, 2]]
    assert x.expand(4, -1, 2).shape == (4, 2, 2)
    assert np.shares_memory(x.expand(2, 3)._array, x._array)


@pytest.mark.parametrize("name", ["reshape", "permute", "transpose", "flatten", "squeeze", "unsqueeze"])
def test_a_list_is_refused(name):
    with pytest.raises(TypeError, match=f"{name}: input must be a tensor, got list"):
        getattr(nn, name)(
            [1.0], *{"reshape": [1], "permute": [(0,)], "transpose": [0, 0], "unsqueeze": [0]}.get(name, [])
        )


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.zeros(3).reshape(2), nn.ShapeError, r"reshape: operands of shape \(3,\) do not fit: 3 .* \(2,\)"),
        (
            lambda: nn.zeros(2, 3).permute(0),
            nn.ShapeError,
            r"permute: operands of shape \(2, 3\) do not fit: dims \(0,\)",
        ),
        (lambda: nn.zeros(2).expand(3), nn.ShapeError, r"expand: operands of shape \(2,\) do not fit: it .* \(3,\)"),
        (lambda: nn.zeros(2, 3).expand(3), nn.ShapeError, "expand: "),
        (lambda: nn.zeros(2).transpose(0, 1), IndexError, "transpose: dim 1 is out of range"),
        (lambda: nn.zeros(2).unsqueeze(3), IndexError, "unsqueeze: .*3"),
        (lambda: nn.zeros(2).squeeze(3), IndexError, "squeeze: .*3"),
        (lambda: nn.zeros(2, 3).flatten(2), IndexError, "flatten: .*2"),
        (lambda: nn.zeros(2, 3).flatten(1, 0), RuntimeError, "flatten: "),
        (lambda: nn.cat([]), RuntimeError, "cat: expected at least one tensor, got an empty list"),
        (lambda: nn.stack([]), RuntimeError, "stack: expected at least one tensor, got an empty list"),
        (
            lambda: nn.cat([nn.zeros(2, 2), nn.zeros(3, 3)]),
            nn.ShapeError,
            r"cat: tensors joined along .* got \(2, 2\) and, in place 1, \(3, 3\)",
        ),
        (lambda: nn.stack([nn.zeros(2), nn.zeros(3)]), RuntimeError, "stack: expected tensors of one shape"),
        (lambda: nn.cat([nn.zeros(2)], 1), IndexError, "cat: .*1"),
        (lambda: nn.cat([nn.zeros(2), 1.0]), TypeError, "cat: tensor 1 must be a tensor, got float"),
        (lambda: nn.cat(nn.zeros(2, 2)), TypeError, "cat: "),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("make", [
    lambda x: nn.cat([x, x], -1), lambda x: nn.stack([x, x]), lambda x: x.softmax(-1), lambda x: x.cumsum(1),
    lambda x: x.sum(0), lambda x: x.mean(1), lambda x: x.masked_fill(x > 0, 0.0), lambda x: x.roll(1, 0),
    lambda x: x[:, nn.tensor([1, 0])], lambda x: x.gather(0, nn.zeros(2, 3, 4, 5, dtype=nn.int64)), lambda x: x.tril(),
    lambda x: x.index_select(1, nn.tensor([0, 2])), lambda x: x.repeat(1, 2, 1, 1), lambda x: x.amax(1),
])  # fmt: skip
def test_what_is_put_together_picked_or_summed_can_be_viewed(make):
    heads = make(nn.arange(120.0).reshape(2, 4, 3, 5).transpose(1, 2))  # as attention has them
    flat = heads.view(heads.shape[0], -1)
    flat.zero_()
    assert heads.abs().sum() == 0


@pytest.mark.parametrize("make", [nn.clone, nn.zeros_like, lambda x: x.flip(0), lambda x: x + 1, lambda x: x.double()])
def test_what_is_like_a_tensor_lies_as_it_does(make):
    like = make(nn.ones(3, 4).T)
    assert like.stride() == (1, 4)
    assert make(nn.ones(3, 4)).stride() == (4, 1)
    like.reshape(-1).fill_(7.0)  # a copy
    assert (like != 7).all()
    assert nn.ones(3, 4).T.clone(memory_format=nn.contiguous_format).is_contiguous()
    assert nn.zeros_like(nn.ones(3, 4).T, memory_format=nn.contiguous_format).is_contiguous()


def test_ravel_shares_memory_only_with_what_lies_in_one_piece():
    x = nn.ones(3, 8)
    x[:, ::2].ravel().zero_()
    assert x.sum() == 24
    x.ravel().zero_()
    assert x.sum() == 0


# -- maps that a convolution leaves batch-last: `view` and `reshape` share their memory as PyTorch's do ---
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
