"""Embedding layers against PyTorch: state, repr, values, gradients, initial values."""

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")

LAYERS = {
    "Embedding": lambda t: t.Embedding(6, 3),
    "padding": lambda t: t.Embedding(6, 3, padding_idx=1),
    "padding from the end": lambda t: t.Embedding(6, 3, -2),
    "shortened": lambda t: t.Embedding(6, 3, max_norm=1.0, norm_type=1.0),
    "by frequency": lambda t: t.Embedding(6, 3, scale_grad_by_freq=True),
    "all": lambda t: t.Embedding(6, 3, 0, 0.5, 3.0, True),
    "EmbeddingBag": lambda t: t.EmbeddingBag(6, 3),
    "sums": lambda t: t.EmbeddingBag(6, 3, mode="sum"),
    "maxima": lambda t: t.EmbeddingBag(6, 3, mode="max", padding_idx=2),
    "bags of all": lambda t: t.EmbeddingBag(6, 3, 1.5, 1.0, False, "sum", include_last_offset=True, padding_idx=-1),
}
every_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)


@every_layer
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-5)])
def test_values_gradients_state_and_repr(make, dtype, tolerance, rng):
    ours, theirs = make(nn).to(getattr(nn, dtype)), make(torch.nn).to(getattr(torch, dtype))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert repr(ours) == repr(theirs)
    ours.load_state_dict(theirs.state_dict())
    index = rng.integers(0, 6, (4, 5))
    for _ in range(2):
        a, b = ours(nn.tensor(index)), theirs(torch.tensor(index))
        (a * a).sum().backward()
        (b * b).sum().backward()
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=tolerance, atol=tolerance)
    for a, b in ((ours.weight.grad, theirs.weight.grad), (ours.weight.detach(), theirs.weight.detach())):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=tolerance, atol=tolerance)
    theirs.load_state_dict({k: torch.from_numpy(v.numpy().copy()) for k, v in ours.state_dict().items()})


@pytest.mark.parametrize("kind", ["Embedding", "EmbeddingBag"])
def test_from_pretrained_shares_the_table_and_freezes_it(kind, rng):
    table = nn.tensor(rng.normal(size=(6, 3)))
    layer = getattr(nn, kind).from_pretrained(table, padding_idx=2)
    theirs = getattr(torch.nn, kind).from_pretrained(torch.tensor(table.numpy()), padding_idx=2)
    assert repr(layer) == repr(theirs)
    assert layer.weight.numpy() is table.numpy()
    assert not layer.weight.requires_grad
    assert getattr(nn, kind).from_pretrained(table, freeze=False).weight.requires_grad
    index = rng.integers(0, 6, (2, 5))
    np.testing.assert_allclose(layer(nn.tensor(index)).numpy(), theirs(torch.tensor(index)).numpy(), rtol=1e-12)


def test_a_table_starts_normal_and_its_padding_at_zero():
    nn.manual_seed(0)
    weight = nn.Embedding(1000, 20, padding_idx=3).weight.detach().numpy()
    assert not weight[3].any()
    rest = np.delete(weight, 3, axis=0)
    assert abs(rest.mean()) < 0.03
    assert abs(rest.std() - 1) < 0.03


@pytest.mark.parametrize("make", [
    lambda t, e: t.Embedding(6, 3, padding_idx=6), lambda t, e: t.Embedding(6, 3, padding_idx=-7),
    lambda t, e: t.EmbeddingBag(6, 3, padding_idx=6), lambda t, e: t.Embedding.from_pretrained(e.zeros(3)),
    lambda t, e: t.EmbeddingBag.from_pretrained(e.zeros(3)), lambda t, e: t.Embedding(3, 2, _weight=e.zeros(2, 2)),
])  # fmt: skip
def test_constructors_refuse_what_torch_refuses(make):
    with pytest.raises(Exception) as theirs:
        make(torch.nn, torch)
    with pytest.raises(theirs.type):
        make(nn, nn)
