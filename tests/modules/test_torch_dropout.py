"""Dropout layers against PyTorch's: the values that kept and dropped elements get, repr, errors."""

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")

LAYERS = {
    "Dropout": (50, 40), "Dropout1d": (50, 40, 2), "Dropout2d": (50, 40, 2, 2), "Dropout3d": (50, 40, 2, 2, 2),
    "AlphaDropout": (50, 40), "FeatureAlphaDropout": (50, 40, 2),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("level", [1.0, -0.7])
def test_kept_and_dropped_values(name, p, level):
    nn.manual_seed(0)
    torch.manual_seed(0)
    found = []
    for lib, t in ((nn, nn), (torch, torch.nn)):
        layer = getattr(t, name)(p)
        x = lib.tensor(np.full(LAYERS[name], level), requires_grad=True)
        y = layer(x)
        y.sum().backward()
        found.append([np.unique(np.asarray(v.detach()).round(9)) for v in (y, x.grad)] + [repr(layer)])
        assert layer.eval()(x) is x
    assert found[0][2] == found[1][2]
    for a, b in zip(found[0][:2], found[1][:2], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("p", [-0.1, 1.1])
def test_probabilities_that_torch_refuses(name, p):
    with pytest.raises(ValueError):
        getattr(torch.nn, name)(p)
    with pytest.raises(ValueError, match=rf"{name}: p is a probability and must be in \[0, 1\]"):
        getattr(nn, name)(p)


def test_a_model_s_mode_reaches_its_dropout():
    model = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.9))
    x = nn.ones(2, 3)
    assert model.eval()(x).tolist() == model[0](x).tolist()
    nn.manual_seed(0)
    assert 0.0 in np.ravel(model.train()(x).tolist())
