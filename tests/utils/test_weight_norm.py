"""Weight normalisation: lengths and directions apart, and PyTorch's gradients."""

import copy
import pickle

import numpy as np
import pytest

import nn
from nn.utils import remove_weight_norm, weight_norm

LAYERS = {
    "Linear": lambda lib: lib.Linear(4, 3).double(),
    "Conv1d": lambda lib: lib.Conv1d(2, 3, 2).double(),
    "Conv2d": lambda lib: lib.Conv2d(2, 3, 2).double(),
}
INPUTS = {"Linear": (5, 4), "Conv1d": (5, 2, 6), "Conv2d": (5, 2, 4, 4)}


def test_the_weight_has_the_length_g_and_the_direction_of_v():
    layer = weight_norm(nn.Linear(4, 3))
    with nn.no_grad():
        layer.weight_g.copy_(nn.tensor([[1.0], [2.0], [3.0]]))
        layer.weight_v.mul_(7.0)
    layer(nn.zeros(1, 4))
    w, v = layer.weight.detach().numpy(), layer.weight_v.detach().numpy()
    np.testing.assert_allclose(np.linalg.norm(w, axis=1), [1, 2, 3], rtol=1e-6)
    np.testing.assert_allclose(w / np.linalg.norm(w, axis=1, keepdims=True),
                               v / np.linalg.norm(v, axis=1, keepdims=True), rtol=1e-5)  # fmt: skip


def test_at_first_the_layer_computes_the_same():
    layer, x = nn.Linear(4, 3), nn.randn(2, 4)
    wanted = layer(x).tolist()
    np.testing.assert_allclose(weight_norm(layer)(x).tolist(), wanted, rtol=1e-5)
    np.testing.assert_allclose(remove_weight_norm(layer)(x).tolist(), wanted, rtol=1e-5)


def test_an_optimiser_trains_both_parts():
    layer = weight_norm(nn.Linear(2, 1))
    assert [name for name, _ in layer.named_parameters()] == ["bias", "weight_g", "weight_v"]
    optimizer = nn.optim.SGD(layer.parameters(), lr=0.1)
    x, y = nn.randn(20, 2), nn.randn(20, 1)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(layer(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


def test_removing_it_makes_the_weight_a_parameter_that_is_trained():
    layer = remove_weight_norm(weight_norm(nn.Linear(2, 1)))
    assert [name for name, _ in layer.named_parameters()] == ["bias", "weight"]
    layer(nn.ones(1, 2)).sum().backward()
    assert layer.weight.grad.tolist() == [[1, 1]]


def test_two_parameters_of_one_layer():
    layer = weight_norm(weight_norm(nn.Linear(2, 3)), "bias")
    assert set(layer.state_dict()) == {"weight_g", "weight_v", "bias_g", "bias_v"}
    remove_weight_norm(layer, "bias")
    assert set(layer.state_dict()) == {"weight_g", "weight_v", "bias"}
    layer(nn.ones(1, 2)).sum().backward()
    assert layer.weight_g.grad is not None


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: weight_norm(m, "kernel"), ValueError, "weight_norm: Linear has no parameter 'kernel'; name one"),
        (
            lambda m: weight_norm(weight_norm(m)),
            RuntimeError,
            "weight_norm: 'weight' of Linear has one already; remove",
        ),
        (lambda m: remove_weight_norm(m), ValueError, "remove_weight_norm: 'weight' of Linear has none to remove"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call(nn.Linear(2, 2))


@pytest.mark.parametrize("dim", [0, 1, None, -1])
@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.filterwarnings("ignore:.*weight_norm:FutureWarning")
def test_values_gradients_and_state_are_torch_s(kind, dim, rng):
    torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
    theirs = torch.nn.utils.weight_norm(LAYERS[kind](torch.nn), dim=dim)
    ours = weight_norm(LAYERS[kind](nn), dim=dim)
    with torch.no_grad():
        theirs.weight_g.mul_(1.7)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    x = rng.normal(size=INPUTS[kind])
    a, b = ours(nn.tensor(x)), theirs(torch.tensor(x))
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-10, atol=1e-12)
    (a**2).sum().backward()
    (b**2).sum().backward()
    for (name, p), (other, q) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert name == other
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-9, atol=1e-11)


COPIES = {
    "pickle": lambda module: pickle.loads(pickle.dumps(module)),
    "deepcopy": copy.deepcopy,
    "a model of two": lambda module: pickle.loads(pickle.dumps(nn.Sequential(module, nn.Tanh())))[0],
}
NORMS = {
    "weight": lambda: weight_norm(nn.Linear(2, 3)),
    "weight, of all": lambda: weight_norm(nn.Linear(2, 3), dim=None),
    "weight and bias": lambda: weight_norm(weight_norm(nn.Linear(2, 3)), "bias"),
    "convolution": lambda: nn.Sequential(nn.Unflatten(1, (1, 2)), weight_norm(nn.Conv1d(1, 3, 2)), nn.Flatten()),
    "spectral": lambda: nn.utils.spectral_norm(nn.Linear(2, 3)),
}


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("make", NORMS.values(), ids=NORMS)
def test_a_copy_computes_the_same_and_is_trained_apart(make, duplicate, after):
    layer, x = make(), nn.tensor([[1.0, -2.0], [0.5, 3.0]])
    for _ in range(after):
        layer(x).sum().backward()
    twin = duplicate(layer)
    layer.eval()  # spectral norm improves its vectors in training
    twin.eval()
    assert list(twin.state_dict()) == list(layer.state_dict())
    np.testing.assert_array_equal(twin(x).detach().numpy(), layer(x).detach().numpy())
    before = [p.detach().clone().tolist() for p in layer.parameters()]
    twin.zero_grad()
    twin(x).square().sum().backward()
    assert all(p.grad is not None for p in twin.parameters())
    nn.optim.SGD(twin.parameters(), lr=0.1).step()
    assert [p.tolist() for p in layer.parameters()] == before
    assert not np.allclose(twin(x).detach().numpy(), layer(x).detach().numpy())


def test_the_copied_module_keeps_its_own_weight():
    layer = weight_norm(nn.Linear(2, 3))
    layer(nn.ones(1, 2))
    weight = layer.weight
    pickle.dumps(layer)
    assert layer.weight is weight
    assert layer.weight.grad_fn is not None
