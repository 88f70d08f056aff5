"""Activation layers against PyTorch's: values, gradients of two orders, repr, defaults, errors."""

import numpy as np
import pytest
from oracle import OURS, THEIRS, compare, compare_both, torch

import nn

LAYERS = {
    name: (make, shape)
    for name, make, shape in [
        *((n, (lambda t, n=n: getattr(t, n)()), (4, 6)) for n in (
            "ReLU", "ReLU6", "LeakyReLU", "PReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Hardtanh",
            "Hardswish", "Hardsigmoid", "Hardshrink", "Softshrink", "Tanhshrink", "Softsign", "LogSigmoid", "GLU",
            "Sigmoid", "Tanh", "Softplus")),
        *((f"{n} in place", (lambda t, n=n: getattr(t, n)(inplace=True)), (4, 6)) for n in (
            "ReLU", "ReLU6", "LeakyReLU", "ELU", "SELU", "CELU", "SiLU", "Mish", "Hardtanh", "Hardswish",
            "Hardsigmoid")),
        ("LeakyReLU 0.3", lambda t: t.LeakyReLU(0.3), (3,)),
        ("PReLU channels", lambda t: t.PReLU(3, init=0.1), (2, 3, 4)),
        ("RReLU", lambda t: t.RReLU().eval(), (4, 6)),
        ("RReLU bounds", lambda t: t.RReLU(0.1, 0.5).eval(), (4, 6)),
        ("RReLU fixed", lambda t: t.RReLU(0.2, 0.2), (4, 6)),
        ("ELU alpha", lambda t: t.ELU(0.5), (4, 6)),
        ("CELU alpha", lambda t: t.CELU(2.5), (4, 6)),
        ("GELU tanh", lambda t: t.GELU("tanh"), (4, 6)),
        ("Hardtanh bounds", lambda t: t.Hardtanh(-0.3, 0.8), (4, 6)),
        ("Hardshrink lambd", lambda t: t.Hardshrink(0.2), (4, 6)),
        ("Softshrink lambd", lambda t: t.Softshrink(0.2), (4, 6)),
        ("Softplus bend", lambda t: t.Softplus(2.0, 1.0), (4, 6)),
        ("Threshold", lambda t: t.Threshold(0.1, 20), (4, 6)),
        ("GLU dim", lambda t: t.GLU(0), (4, 6)),
        ("Softmax", lambda t: t.Softmax(1), (4, 6)),
        ("Softmin", lambda t: t.Softmin(dim=0), (4, 6)),
        ("LogSoftmax", lambda t: t.LogSoftmax(dim=-1), (2, 3, 2)),
        ("Softmax2d", lambda t: t.Softmax2d(), (2, 3, 2, 2)),
        ("Softmax2d without batch", lambda t: t.Softmax2d(), (3, 2, 2)),
    ]
}  # fmt: skip


def of(lib):
    return nn if lib.top is nn else torch.nn


@pytest.mark.parametrize("name", LAYERS)
def test_values_and_gradients(name, rng):
    make, shape = LAYERS[name]
    x = rng.normal(size=shape) * 3

    def function(lib, x, weight=None):
        layer = make(of(lib)).to(x.dtype)
        if "in place" in name:
            x = x * 1.0
        return layer(x)

    if "RReLU" in name or "Hardsigmoid" in name:  # whose second derivative PyTorch does not have
        # (and whose first, of Hardsigmoid, it takes from a sixth in float32)
        compare(function, x, orders=1, forward=False, rtol=1e-7)
    else:
        compare_both(function, x)
    ours, theirs = make(nn), make(torch.nn)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())


def test_the_slopes_of_prelu_are_learned(rng):
    x = rng.normal(size=(4, 3, 2))
    slopes = []
    for lib, t in ((nn, nn), (torch, torch.nn)):
        layer = t.PReLU(3).to(lib.float64)
        (layer(lib.tensor(x)) ** 2).sum().backward()
        slopes.append(np.asarray(layer.weight.grad))
    np.testing.assert_allclose(*slopes, rtol=1e-12)


def test_random_slopes_are_drawn_from_the_global_generator():
    x = nn.full((1000,), -1.0)
    layer = nn.RReLU(0.1, 0.3)
    nn.manual_seed(0)
    y = layer(x)
    nn.manual_seed(0)
    assert layer(x).tolist() == y.tolist()
    slopes = -y.numpy()
    assert slopes.min() >= 0.1
    assert slopes.max() <= 0.3
    assert abs(slopes.mean() - 0.2) < 0.01


@pytest.mark.parametrize(
    "layer",
    [
        *(getattr(nn, name)(inplace=True) for name in ("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "CELU")),
        *(getattr(nn, name)(inplace=True) for name in ("ELU", "LeakyReLU", "Hardtanh", "Hardsigmoid", "RReLU")),
        nn.Threshold(0.5, 0.1, inplace=True),
        nn.Dropout(0.5, inplace=True),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_in_place_autograd_follows_and_a_leaf_is_refused(layer):
    w = nn.tensor([-1.0, 2.0], requires_grad=True)
    with pytest.raises(nn.GradError, match="_: a leaf that requires gradients cannot be changed in place"):
        layer(w)
    x = w * 1
    nn.manual_seed(0)
    assert layer(x) is x
    x.sum().backward()
    found, w.grad = w.grad, None
    layer.inplace = False
    nn.manual_seed(0)
    y = layer(w)
    y.sum().backward()
    assert x.tolist() == y.tolist()
    np.testing.assert_allclose(found.numpy(), w.grad.numpy(), rtol=1e-6)


@pytest.mark.parametrize("name", ["Softmax", "Softmin", "LogSoftmax"])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 2), (2, 3, 1, 2)])
def test_a_guessed_axis_is_torch_s_guess_and_warns(name, shape, rng):
    x, found = rng.normal(size=shape), []
    function = {"Softmax": "softmax", "Softmin": "softmin", "LogSoftmax": "log_softmax"}[name]
    for lib, t in ((nn, nn), (torch, torch.nn)):
        for guessing in (getattr(t, name)(), getattr(t.functional, function)):
            with pytest.warns(UserWarning, match="dim"):
                found.append(np.asarray(guessing(lib.tensor(x))))
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], rtol=1e-12)
    with pytest.warns(UserWarning, match=f"^{function}: the axis is guessed as PyTorch does; say dim=") as said:
        getattr(nn.functional, function)(nn.tensor(x))
    assert said[0].filename == __file__


REFUSED = [
    lambda lib, z: of(lib).Softmax2d()(z(2, 3)),
    lambda lib, z: of(lib).GLU()(z(2, 3)),
    lambda lib, z: of(lib).Softmax(dim=3)(z(2, 3)),
    lambda lib, z: of(lib).GELU("fast")(z(2)),
    lambda lib, z: of(lib).PReLU(4)(z(2, 3)),
    lambda lib, z: of(lib).Threshold(),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_torch_refuses_is_refused(number):
    with pytest.raises(Exception) as theirs:
        REFUSED[number](THEIRS, torch.zeros)
    with pytest.raises(theirs.type):
        REFUSED[number](OURS, nn.zeros)


def test_bounds_in_the_wrong_order():
    with pytest.raises(nn.RangeError, match=r"Hardtanh: min_val must be below max_val, got 1\.0 and -1\.0"):
        nn.Hardtanh(1.0, -1.0)
