"""Module against PyTorch's: backward hooks, state, order, repr."""

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")


def net(lib, base):
    class Net(base.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("b", lib.ones(2))
            self.register_buffer("scratch", lib.ones(2), persistent=False)
            self.p = base.Parameter(lib.tensor([1.0, 2.0]))
            self.inner = base.Sequential(base.Linear(2, 2), base.Tanh())

        def forward(self, x, y):
            return self.inner(x) * self.p, x * y

        def extra_repr(self):
            return "one\ntwo"

    return Net()


def recorded(lib, base, wants, pre):
    """What backward hooks see, and every gradient after one of them has scaled what passes."""
    model, seen = net(lib, base), []
    weight = np.array([[0.3, -0.4], [0.5, 0.1]], np.float32)
    model.load_state_dict({**model.state_dict(), "inner.0.weight": lib.tensor(weight), "inner.0.bias": lib.ones(2)})
    if pre:
        model.register_full_backward_pre_hook(lambda m, g: tuple(v * 2 for v in g))
    model.register_full_backward_hook(lambda m, gi, go: seen.append([gi, go]))
    model.inner.register_full_backward_hook(lambda m, gi, go: None if gi[0] is None else (gi[0] * 3,))
    x = lib.tensor(np.array([[1.0, 2.0]], np.float32), requires_grad=wants[0])
    y = lib.tensor(np.array([[3.0, 4.0]], np.float32), requires_grad=wants[1])
    a, b = model(x, y)
    (a.sum() + (b * b).sum()).backward()
    gradients = [t.grad for t in (x, y, *model.parameters())]
    return [None if g is None else g.tolist() for g in [*seen[0][0], *seen[0][1], *gradients]]


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")
@pytest.mark.parametrize("pre", [False, True])
@pytest.mark.parametrize("wants", [(True, True), (True, False), (False, True)])
def test_backward_hooks_see_what_torch_s_see(wants, pre):
    ours, theirs = recorded(nn, nn, wants, pre), recorded(torch, torch.nn, wants, pre)
    assert [v is None for v in ours] == [v is None for v in theirs]
    for a, b in zip(ours, theirs, strict=True):
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=1e-6)


def test_names_orders_and_repr():
    ours, theirs = net(nn, nn), net(torch, torch.nn)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict(prefix="m.")) == list(theirs.state_dict(prefix="m."))
    for method in ("named_parameters", "named_buffers", "named_modules", "named_children"):
        assert [n for n, _ in getattr(ours, method)()] == [n for n, _ in getattr(theirs, method)()]
    result = ours.load_state_dict(theirs.state_dict())
    assert repr(result) == repr(theirs.load_state_dict(theirs.state_dict()))


LAYERS = {
    "Bilinear": (lambda t: t.Bilinear(3, 4, 2), [(5, 3), (5, 4)]),
    "Bilinear deep": (lambda t: t.Bilinear(3, 4, 2, bias=False), [(2, 5, 3), (2, 5, 4)]),
    "Bilinear one": (lambda t: t.Bilinear(3, 4, 1), [(3,), (4,)]),
    "Unflatten": (lambda t: t.Unflatten(1, (2, 3)), [(5, 6)]),
    "Unflatten rest": (lambda t: t.Unflatten(-2, (2, -1, 1)), [(5, 6, 2)]),
}


@pytest.mark.parametrize(("make", "shapes"), LAYERS.values(), ids=LAYERS)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 1e-5)])
def test_layers_of_two_inputs(make, shapes, dtype, tolerance, rng):
    ours, theirs = make(nn).to(getattr(nn, dtype)), make(torch.nn).to(getattr(torch, dtype))
    ours.load_state_dict(theirs.state_dict())
    assert repr(ours) == repr(theirs)
    arrays = [rng.normal(size=shape).astype(dtype) for shape in shapes]
    found = []
    for lib, layer in ((nn, ours), (torch, theirs)):
        inputs = [lib.tensor(a, requires_grad=True) for a in arrays]
        y = layer(*inputs)
        (y * y).sum().backward()
        found.append([np.asarray(t.detach()) for t in [y, *(t.grad for t in [*inputs, *layer.parameters()])]])
    for a, b in zip(*found, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("make", [
    lambda t: t.Bilinear(0, 1, 1), lambda t: t.Unflatten(1, 3), lambda t: t.Unflatten(1, (2.0, 3))])  # fmt: skip
def test_constructors_refuse_what_torch_refuses(make):
    with pytest.raises(Exception) as theirs:
        make(torch.nn)
    with pytest.raises(theirs.type):
        make(nn)


def test_messages():
    with pytest.raises(nn.ShapeError, match=r"Unflatten: axis 1 of input \(5, 6\) cannot be split into \(4, 2\)"):
        nn.Unflatten(1, (4, 2))(nn.zeros(5, 6))
    with pytest.raises(nn.ShapeError, match=r"bilinear: input1, input2 and weight must be .* got \(2, 3\), \(3, 4\)"):
        nn.Bilinear(3, 4, 1)(nn.zeros(2, 3), nn.zeros(3, 4))
