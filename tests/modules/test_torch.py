"""Layers, losses, state and repr against PyTorch: same parameters in, same values and gradients out."""

import math

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")

LAYERS = {
    "Linear": (lambda t: t.Linear(4, 3), (5, 4)),
    "Linear without bias": (lambda t: t.Linear(4, 3, bias=False), (2, 5, 4)),
    "Conv1d": (lambda t: t.Conv1d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2), (2, 4, 9)),
    "Conv2d": (lambda t: t.Conv2d(3, 4, (3, 2), stride=(2, 1), padding=(1, 0)), (2, 3, 7, 6)),
    "Conv2d same": (lambda t: t.Conv2d(3, 4, 3, padding="same"), (2, 3, 7, 6)),
    "Conv2d valid": (lambda t: t.Conv2d(3, 4, 3, padding="valid", bias=False), (2, 3, 7, 6)),
    "Conv3d": (lambda t: t.Conv3d(2, 2, 2, dilation=(1, 2, 1)), (2, 2, 4, 5, 3)),
    "MaxPool1d": (lambda t: t.MaxPool1d(3, 2, 1), (2, 3, 7)),
    "MaxPool2d": (lambda t: t.MaxPool2d(2), (2, 3, 7, 6)),
    "MaxPool2d full": (lambda t: t.MaxPool2d((3, 2), stride=1, padding=1, ceil_mode=True), (2, 3, 7, 6)),
    "MaxPool3d": (lambda t: t.MaxPool3d(2, dilation=2), (2, 3, 4, 5, 6)),
    "AvgPool1d": (lambda t: t.AvgPool1d(3, 2, 1), (2, 3, 7)),
    "AvgPool2d": (lambda t: t.AvgPool2d(3, padding=1, count_include_pad=False), (2, 3, 7, 6)),
    "AvgPool2d divisor": (lambda t: t.AvgPool2d((3, 2), ceil_mode=True, divisor_override=4), (2, 3, 7, 6)),
    "AvgPool3d": (lambda t: t.AvgPool3d(2, 1), (2, 3, 4, 5, 6)),
    "Flatten": (lambda t: t.Flatten(), (2, 3, 4)),
    "Flatten from": (lambda t: t.Flatten(0, 1), (2, 3, 4)),
    "Identity": (lambda t: t.Identity(7, unused=1), (2, 3)),
    "ReLU": (lambda t: t.ReLU(), (4, 5)),
    "Sigmoid": (lambda t: t.Sigmoid(), (4, 5)),
    "Tanh": (lambda t: t.Tanh(), (4, 5)),
    "Softplus": (lambda t: t.Softplus(), (4, 5)),
    "Softmax": (lambda t: t.Softmax(dim=1), (4, 5)),
    "LogSoftmax": (lambda t: t.LogSoftmax(dim=-1), (4, 5)),
    "mlp": (lambda t: t.Sequential(t.Linear(4, 8), t.ReLU(), t.Linear(8, 8), t.Tanh(), t.Linear(8, 2)), (5, 4)),
    "cnn": (
        lambda t: t.Sequential(
            t.Conv2d(1, 4, 3, padding=1), t.ReLU(), t.MaxPool2d(2), t.Conv2d(4, 6, 3), t.Tanh(), t.AvgPool2d(2),
            t.Flatten(), t.Linear(6, 3), t.LogSoftmax(dim=1)
        ),
        (2, 1, 8, 8),
    ),
    "empty": (lambda t: t.Sequential(), (2,)),
}  # fmt: skip
every_layer = pytest.mark.parametrize(("make", "shape"), LAYERS.values(), ids=LAYERS)


def pair(make, dtype="float64"):
    """Our layer and theirs with the same parameters."""
    ours = make(nn).to(getattr(nn, dtype))
    theirs = make(torch.nn).to(getattr(torch, dtype))
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def run(lib, model, x, *extra):
    """The output and every gradient, of the input first."""
    x = lib.tensor(x, requires_grad=True)
    y = model(x, *(lib.tensor(e) for e in extra))
    upstream = np.random.default_rng(3).normal(size=tuple(y.shape)).astype(x.detach().numpy().dtype)
    y.backward(lib.tensor(upstream))
    return [np.asarray(t.detach()) for t in (y, x.grad, *(p.grad for p in model.parameters()))]


def assert_same(ours, theirs, rtol, atol):
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


@every_layer
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 1e-5)])
def test_values_and_all_gradients(make, shape, dtype, tolerance, rng):
    ours, theirs = pair(make, dtype)
    x = rng.normal(size=shape).astype(dtype)
    assert_same(run(nn, ours, x), run(torch, theirs, x), tolerance, tolerance)


@every_layer
def test_the_repr_is_torch_s(make, shape):
    assert repr(make(nn)) == repr(make(torch.nn))


@every_layer
def test_the_state_goes_both_ways(make, shape, rng):
    ours, theirs = make(nn), make(torch.nn)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [v.shape for v in ours.state_dict().values()] == [tuple(v.shape) for v in theirs.state_dict().values()]
    assert [str(v.dtype) for v in ours.state_dict().values()] == [
        str(v.dtype).removeprefix("torch.") for v in theirs.state_dict().values()
    ]
    theirs.load_state_dict({k: torch.from_numpy(v.numpy().copy()) for k, v in ours.state_dict().items()})
    x = rng.normal(size=shape).astype(np.float32)
    assert_same(run(nn, ours, x), run(torch, theirs, x), 1e-5, 1e-5)


@pytest.mark.parametrize("names", [
    ("in_features", "out_features"),
    ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups"),
    ("kernel_size", "stride", "padding", "dilation", "ceil_mode"), ("start_dim", "end_dim"), ("dim",),
    ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"),
], ids="-".join)  # fmt: skip
def test_layers_have_torch_s_attributes(names):
    for make, _ in LAYERS.values():
        ours, theirs = make(nn), make(torch.nn)
        if all(hasattr(theirs, name) for name in names):
            assert [getattr(ours, n) for n in names] == [getattr(theirs, n) for n in names], repr(theirs)


class OurNet(nn.Module):
    def __init__(self, t=nn):
        super().__init__()
        self.b = t.Linear(2, 2)
        self.register_buffer("table", nn.ones(2))
        self.p = nn.Parameter(nn.ones(2))
        self.a = t.Sequential(t.Linear(2, 2), t.ReLU())
        self.shared = self.b
        self.nothing = None
        self.register_parameter("absent", None)


class TheirNet(torch.nn.Module):
    def __init__(self, t=torch.nn):
        super().__init__()
        self.b = t.Linear(2, 2)
        self.register_buffer("table", torch.ones(2))
        self.p = torch.nn.Parameter(torch.ones(2))
        self.a = t.Sequential(t.Linear(2, 2), t.ReLU())
        self.shared = self.b
        self.nothing = None
        self.register_parameter("absent", None)


def test_orders_and_names_of_a_net_are_torch_s():
    ours, theirs = OurNet(), TheirNet()

    def compare():
        assert list(ours.state_dict()) == list(theirs.state_dict())
        for method in ("named_parameters", "named_buffers", "named_modules", "named_children"):
            assert [n for n, _ in getattr(ours, method)()] == [n for n, _ in getattr(theirs, method)()]

    compare()
    ours.b, theirs.b = nn.Linear(2, 3), torch.nn.Linear(2, 3)
    ours.b.weight, theirs.b.weight = nn.Parameter(nn.ones(3, 2)), torch.nn.Parameter(torch.ones(3, 2))
    compare()
    assert repr(ours).replace("OurNet", "") == repr(theirs).replace("TheirNet", "")
    ours.a, theirs.a = None, None
    compare()
    ours.load_state_dict(theirs.state_dict())


@pytest.mark.parametrize("make", [
    lambda t: t.Conv2d(3, 2, 3, groups=2), lambda t: t.Conv2d(2, 3, 3, groups=2),
    lambda t: t.Conv2d(1, 1, 3, padding="full"),
    lambda t: t.Conv2d(1, 1, 3, padding="same", stride=2), lambda t: t.Conv2d(2, 2, 3, groups=0),
    lambda t: t.Sequential(5),
])  # fmt: skip
def test_constructors_refuse_what_torch_refuses(make):
    with pytest.raises(Exception) as theirs:
        make(torch.nn)
    with pytest.raises(theirs.type):
        make(nn)


# -- losses -----------------------------------------------------------------------------------------------------------
W3 = [0.5, 2.0, 1.0]


def tensor64(t, data):
    return (nn if t is nn else torch).tensor(data, dtype=(nn if t is nn else torch).float64)


LOSSES = {
    "MSELoss": (lambda t, r: t.MSELoss(reduction=r), "same"),
    "BCELoss": (lambda t, r: t.BCELoss(reduction=r), "probabilities"),
    "BCELoss weight": (lambda t, r: t.BCELoss(weight=tensor64(t, W3), reduction=r), "probabilities"),
    "BCEWithLogitsLoss": (lambda t, r: t.BCEWithLogitsLoss(reduction=r), "same"),
    "BCEWithLogitsLoss weights": (
        lambda t, r: t.BCEWithLogitsLoss(weight=tensor64(t, W3), reduction=r, pos_weight=tensor64(t, W3)), "same"),
    "NLLLoss": (lambda t, r: t.NLLLoss(reduction=r), "classes"),
    "NLLLoss weight": (lambda t, r: t.NLLLoss(weight=tensor64(t, W3), ignore_index=1, reduction=r), "classes"),
    "CrossEntropyLoss": (lambda t, r: t.CrossEntropyLoss(reduction=r), "classes"),
    "CrossEntropyLoss probabilities": (lambda t, r: t.CrossEntropyLoss(reduction=r), "same"),
    "CrossEntropyLoss all": (
        lambda t, r: t.CrossEntropyLoss(weight=tensor64(t, W3), ignore_index=2, reduction=r, label_smoothing=0.2),
        "classes"),
}  # fmt: skip


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize(("make", "kind"), LOSSES.values(), ids=LOSSES)
def test_losses(make, kind, reduction, rng):
    x = rng.uniform(0.05, 0.95, (6, 3)) if kind == "probabilities" else rng.normal(size=(6, 3))
    target = rng.integers(0, 3, 6) if kind == "classes" else rng.uniform(0.05, 0.95, (6, 3))
    ours, theirs = make(nn, reduction), make(torch.nn, reduction)
    assert_same(run(nn, ours, x, target), run(torch, theirs, x, target), 1e-9, 1e-10)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours) == repr(theirs)


# -- initial values ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("make", [
    lambda t: t.Linear(100, 50), lambda t: t.Conv1d(8, 40, 5), lambda t: t.Conv2d(6, 40, (3, 4), groups=2),
    lambda t: t.Conv3d(4, 40, 3),
])  # fmt: skip
def test_initial_values_have_torch_s_bounds_and_spread(make):
    nn.manual_seed(0)
    torch.manual_seed(0)
    ours, theirs = make(nn), make(torch.nn)
    bound = 1 / math.sqrt(math.prod(ours.weight.shape[1:]))
    for layer in (ours, theirs):
        w, b = layer.weight.detach().numpy(), layer.bias.detach().numpy()
        assert max(abs(w).max(), abs(b).max()) <= bound
        assert abs(w).max() > 0.99 * bound
        assert abs(b).max() > 0.8 * bound
        np.testing.assert_allclose(w.std(), bound / math.sqrt(3), rtol=0.05)


# -- training ---------------------------------------------------------------------------------------------------------
def test_twenty_steps_of_training_stay_together(rng):
    make, shape = LAYERS["cnn"]
    ours, theirs = pair(make)
    x, target = rng.normal(size=shape), np.array([0, 2])
    losses = []
    for lib, t, model in ((nn, nn, ours), (torch, torch.nn, theirs)):
        optimizer = lib.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-3)
        row = []
        for _ in range(20):
            optimizer.zero_grad()
            loss = t.functional.nll_loss(model(lib.tensor(x)), lib.tensor(target))
            loss.backward()
            optimizer.step()
            row.append(loss.item())
        losses.append(row)
    np.testing.assert_allclose(*losses, rtol=1e-7, atol=1e-12)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-7, atol=1e-10)
