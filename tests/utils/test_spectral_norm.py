"""Spectral normalisation: nothing is stretched, u and v move in training only, and PyTorch's gradients."""

import numpy as np
import pytest

import nn
from nn.utils import remove_spectral_norm, spectral_norm

LAYERS = {
    "Linear": (lambda lib: lib.Linear(4, 3).double(), (5, 4)),
    "Conv1d": (lambda lib: lib.Conv1d(2, 3, 2).double(), (5, 2, 6)),
    "Conv2d": (lambda lib: lib.Conv2d(2, 3, 2).double(), (5, 2, 4, 4)),
    "ConvTranspose1d": (lambda lib: lib.ConvTranspose1d(2, 3, 2).double(), (5, 2, 6)),
}


def test_after_some_forwards_the_largest_singular_value_is_1():
    layer = spectral_norm(nn.Linear(6, 4))
    for _ in range(200):
        layer(nn.zeros(1, 6))
    assert np.linalg.norm(layer.weight.detach().numpy(), 2) == pytest.approx(1, rel=1e-4)


def test_more_steps_find_it_at_once():
    layer = spectral_norm(nn.Linear(6, 4), n_power_iterations=200)
    layer(nn.zeros(1, 6))
    assert np.linalg.norm(layer.weight.detach().numpy(), 2) == pytest.approx(1, rel=1e-4)


def test_u_and_v_move_in_training_only():
    layer = spectral_norm(nn.Linear(6, 4)).eval()
    before = layer.weight_u.tolist()
    layer(nn.zeros(1, 6))
    assert layer.weight_u.tolist() == before
    layer.train()(nn.zeros(1, 6))
    assert layer.weight_u.tolist() != before
    assert np.linalg.norm(layer.weight_u.numpy()) == pytest.approx(1)


def test_the_parameter_stays_the_same_object_under_another_name():
    layer = nn.Linear(2, 3)
    weight = layer.weight
    assert spectral_norm(layer).weight_orig is weight
    assert list(layer.state_dict()) == ["bias", "weight_orig", "weight_u", "weight_v"]


def test_two_forwards_before_one_backward():
    layer = spectral_norm(nn.Linear(2, 3))
    (layer(nn.ones(1, 2)) + layer(nn.ones(1, 2))).sum().backward()
    assert np.isfinite(layer.weight_orig.grad.numpy()).all()


def test_removing_it_keeps_the_value():
    layer = spectral_norm(nn.Linear(2, 3))
    x = nn.ones(1, 2)
    wanted = layer(x).tolist()
    assert remove_spectral_norm(layer)(x).tolist() == wanted
    assert [name for name, _ in layer.named_parameters()] == ["bias", "weight"]
    assert layer.eval()(x).tolist() == wanted


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: spectral_norm(m, "kernel"), ValueError, "spectral_norm: Linear has no parameter 'kernel'; name one"),
        (lambda m: spectral_norm(spectral_norm(m)), RuntimeError, "spectral_norm: 'weight' of Linear has one already"),
        (lambda m: spectral_norm(m, n_power_iterations=0), ValueError, "n_power_iterations must be 1 or more, got 0"),
        (lambda m: remove_spectral_norm(m), ValueError, "remove_spectral_norm: 'weight' of Linear has none to remove"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call(nn.Linear(2, 2))


@pytest.mark.parametrize("options", [{}, dict(n_power_iterations=3), dict(dim=1), dict(eps=0.5)], ids=str)
@pytest.mark.parametrize("kind", LAYERS)
def test_values_gradients_and_state_are_torch_s(kind, options, rng):
    torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
    if not hasattr(nn, kind):
        pytest.skip(f"nn.{kind} is not there yet")
    make, shape = LAYERS[kind]
    ours, theirs = spectral_norm(make(nn), **options), torch.nn.utils.spectral_norm(make(torch.nn), **options)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    for number in range(4):
        for layer in (ours, theirs):
            layer.train(number != 2)
            layer.zero_grad()
        x = rng.normal(size=shape)
        a, b = ours(nn.tensor(x)), theirs(torch.tensor(x))
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-9, atol=1e-11)
        (a**2).sum().backward()
        (b**2).sum().backward()
        for (_, p), (_, q) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
            np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-8, atol=1e-10)
        for (name, p), (other, q) in zip(ours.named_buffers(), theirs.named_buffers(), strict=True):
            assert name == other
            np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=1e-9, atol=1e-12)
