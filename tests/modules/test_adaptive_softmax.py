"""The softmax in clusters: against PyTorch, and as a distribution."""

import numpy as np
import pytest

import nn


def test_it_is_a_distribution(rng):
    layer = nn.AdaptiveLogSoftmaxWithLoss(16, 20, [3, 10]).double()
    x = nn.tensor(rng.normal(size=(5, 16)))
    logp = layer.log_prob(x)
    np.testing.assert_allclose(logp.exp().sum(1).detach().numpy(), 1, rtol=1e-12)
    for c in range(20):
        np.testing.assert_allclose(
            layer(x, nn.tensor([c] * 5)).output.detach().numpy(), logp[:, c].detach().numpy(), rtol=1e-12
        )
    assert layer.predict(x).tolist() == logp.argmax(1).tolist()


@pytest.mark.parametrize("head_bias", [False, True])
@pytest.mark.parametrize("cutoffs", [[5], [3, 10], [1, 2, 19]])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 1e-5)])
def test_it_is_torch_s(cutoffs, head_bias, dtype, tolerance, rng):
    torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
    ours = nn.AdaptiveLogSoftmaxWithLoss(16, 20, cutoffs, 2.0, head_bias).to(dtype)
    theirs = torch.nn.AdaptiveLogSoftmaxWithLoss(16, 20, cutoffs, 2.0, head_bias).to(getattr(torch, dtype))
    ours.load_state_dict(theirs.state_dict())
    assert repr(ours) == repr(theirs)
    x, t = rng.normal(size=(7, 16)).astype(dtype), rng.integers(0, 20, 7)
    found = []
    for lib, layer in ((nn, ours), (torch, theirs)):
        leaf = lib.tensor(x, requires_grad=True)
        output, loss = layer(leaf, lib.tensor(t))
        (loss + (output * output).sum()).backward()
        gradients = [p.grad if p.grad is not None else lib.zeros(1) for p in layer.parameters()]
        found.append([np.asarray(v.detach()) for v in (output, loss, leaf.grad, layer.log_prob(leaf), *gradients)])
        found[-1].append(np.asarray(layer.predict(leaf)))
        found[-1].append(np.asarray(layer(leaf[0], lib.tensor(t)[0]).output.detach()))
    for a, b in zip(*found, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def test_messages():
    for cutoffs in ([], [0, 5], [5, 5], [5, 3], [20], [2.5]):
        with pytest.raises(nn.RangeError, match="cutoffs must be integers that grow from 1 to n_classes - 1 = 19"):
            nn.AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs)
    layer = nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5])
    with pytest.raises(IndexError, match="target must be classes from 0 to 19, got 20 to 20"):
        layer(nn.zeros(1, 8), nn.tensor([20]))
    with pytest.raises(nn.ShapeError, match=r"input and target must have shapes \(N, D\) and \(N,\)"):
        layer(nn.zeros(2, 8), nn.tensor([1]))
