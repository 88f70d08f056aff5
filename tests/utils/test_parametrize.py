"""Parametrised tensors: names, values, inverses and removal, as PyTorch's; the module stays usable."""

import copy
import pickle

import numpy as np
import pytest

import nn
from nn.utils import parametrizations as P
from nn.utils import parametrize


class Symmetric(nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).mT

    def right_inverse(self, y):
        return y.triu()


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(nn.tensor(2.0))

    def forward(self, x):
        return self.scale * x


class Product(nn.Module):
    """Of two factors, so that there are two originals."""

    def forward(self, a, b):
        return a * b

    def right_inverse(self, y):
        return y * 2, nn.full_like(y, 0.5)


def symmetric():
    return parametrize.register_parametrization(nn.Linear(3, 3), "weight", Symmetric())


def test_the_original_stays_the_same_parameter_and_is_trained():
    layer = nn.Linear(3, 3)
    weight = layer.weight
    optimizer = nn.optim.SGD(layer.parameters(), lr=0.1)
    parametrize.register_parametrization(layer, "weight", Symmetric())
    assert layer.parametrizations.weight.original is weight
    layer(nn.ones(2, 3)).sum().backward()
    before = layer.weight.detach().clone()
    optimizer.step()
    after = layer.weight.detach()
    assert not nn.equal(before, after)
    assert nn.equal(after, after.mT)


def test_the_original_is_what_gives_the_present_value():
    layer = nn.Linear(3, 3)
    layer.weight = nn.Parameter(layer.weight + layer.weight.mT)
    wanted = layer.weight.detach().clone()
    parametrize.register_parametrization(layer, "weight", Symmetric())
    assert nn.equal(layer.weight, wanted)
    assert nn.equal(layer.parametrizations.weight.original, wanted.triu())


def test_one_stands_upon_the_other_and_each_has_its_own_state():
    layer = parametrize.register_parametrization(symmetric(), "weight", Scaled())
    assert list(layer.state_dict()) == [
        "bias", "parametrizations.weight.original", "parametrizations.weight.1.scale",
    ]  # fmt: skip
    original = layer.parametrizations.weight.original
    assert nn.equal(layer.weight, 2 * (original.triu() + original.triu(1).mT))


def test_several_originals():
    layer = nn.Linear(2, 2)
    wanted = layer.weight.detach().clone()
    parametrize.register_parametrization(layer, "weight", Product())
    held = layer.parametrizations.weight
    assert nn.allclose(layer.weight, wanted)
    assert nn.allclose(held.original0, 2 * wanted)
    layer.weight = nn.ones(2, 2)
    assert held.original0.tolist() == [[2, 2], [2, 2]]
    with pytest.raises(ValueError, match="'weight' is made of 2 originals, none of which could stand in its place"):
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    parametrize.remove_parametrizations(layer, "weight")
    assert isinstance(layer.weight, nn.Parameter)
    assert layer.weight.tolist() == [[1, 1], [1, 1]]


def test_assignment_goes_through_the_right_inverse():
    layer = symmetric()
    layer.weight = nn.eye(3)
    assert nn.equal(layer.weight, nn.eye(3))
    parametrize.register_parametrization(layer, "weight", Scaled())
    with pytest.raises(RuntimeError, match="Scaled has no right_inverse, which takes a value"):
        layer.weight = nn.eye(3)


def test_removal_keeps_the_value_or_the_original():
    layer = symmetric()
    original = layer.parametrizations.weight.original
    value = layer.weight.detach().clone()
    parametrize.remove_parametrizations(layer, "weight")
    assert layer.weight is original
    assert nn.equal(layer.weight, value)
    assert type(layer) is nn.Linear
    assert [name for name, _ in layer.named_parameters()] == ["bias", "weight"]
    layer = symmetric()
    before = layer.parametrizations.weight.original.detach().clone()
    parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    assert nn.equal(layer.weight, before)


def test_two_tensors_of_a_module():
    layer = parametrize.register_parametrization(symmetric(), "bias", Scaled())
    parametrize.remove_parametrizations(layer, "weight")
    assert parametrize.is_parametrized(layer)
    assert not parametrize.is_parametrized(layer, "weight")
    assert nn.equal(layer.bias, 2 * layer.parametrizations.bias.original)
    assert parametrize.type_before_parametrizations(layer) is nn.Linear


def test_a_buffer_stays_a_buffer():
    layer = nn.BatchNorm1d(2)
    parametrize.register_parametrization(layer, "running_mean", Scaled(), unsafe=True)
    assert "parametrizations.running_mean.original" in dict(layer.named_buffers())
    parametrize.remove_parametrizations(layer, "running_mean")
    assert "running_mean" in dict(layer.named_buffers())


def test_cached_computes_once_until_it_ends():
    layer, calls = symmetric(), []
    layer.parametrizations.weight.register_forward_hook(lambda *args: calls.append(1))
    with parametrize.cached():
        with parametrize.cached():
            first = layer.weight
        assert layer.weight is first
        layer(nn.ones(1, 3)).sum().backward()
    assert len(calls) == 1
    assert layer.weight is not first
    assert layer.parametrizations.weight.original.grad is not None


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"])
def test_copies_have_a_life_of_their_own(twin):
    layer = symmetric()
    other = twin(layer)
    assert nn.equal(other.weight, layer.weight)
    parametrize.remove_parametrizations(other, "weight")
    assert type(other) is nn.Linear
    assert parametrize.is_parametrized(layer, "weight")
    assert not nn.equal(layer.weight, layer.parametrizations.weight.original)


@pytest.mark.parametrize("made", [P.weight_norm, P.spectral_norm, P.orthogonal])
def test_layers_of_each_ready_parametrisation_have_pickles(made):
    layer = made(nn.Linear(3, 3)).eval()
    other = pickle.loads(pickle.dumps(layer))
    x = nn.ones(2, 3)
    assert nn.equal(other(x), layer(x))
    if made is P.weight_norm:
        older = nn.utils.weight_norm(nn.Linear(3, 3))
        other.load_state_dict(older.state_dict())
        assert nn.allclose(other(x), older(x))


def test_modes_types_and_state_reach_all_parts():
    layer = parametrize.register_parametrization(nn.Linear(3, 3), "weight", Scaled()).double().eval()
    assert layer.weight.dtype == nn.float64
    assert not layer.parametrizations.weight[0].training
    other = parametrize.register_parametrization(nn.Linear(3, 3), "weight", Scaled()).double()
    other.load_state_dict(layer.state_dict())
    assert nn.equal(other.weight, layer.weight)


def test_transfer_shares_the_parametrisation_and_copies_the_originals():
    layer, other = symmetric(), nn.Linear(3, 3)
    parametrize.transfer_parametrizations_and_params(layer, other)
    assert nn.equal(other.weight, layer.weight)
    assert other.parametrizations.weight.original is not layer.parametrizations.weight.original
    assert other.parametrizations.weight[0] is layer.parametrizations.weight[0]


class Halved(nn.Module):
    def forward(self, x):
        return x[:1]


class Nothing(nn.Module):
    def forward(self, x):
        return None


class Text(nn.Module):
    def forward(self, x):
        return x

    def right_inverse(self, y):
        return "no"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: parametrize.register_parametrization(m, "kernel", Scaled()), ValueError,
         "register_parametrization: Linear has no parameter or buffer 'kernel'; name one"),
        (lambda m: parametrize.register_parametrization(m, "weight", Halved()), ValueError,
         r"must be float32 of shape \(3, 3\) as before, got float32 of shape \(1, 3\); pass unsafe=True"),
        (lambda m: parametrize.register_parametrization(m, "weight", Nothing()), ValueError,
         "must be a tensor, got NoneType"),
        (lambda m: parametrize.register_parametrization(m, "weight", Text()), ValueError,
         "Text.right_inverse must return a tensor or a sequence of tensors, got str"),
        (lambda m: parametrize.register_parametrization(symmetric(), "weight", Halved()), ValueError,
         r"what Halved.forward returns must be float32 of shape \(3, 3\) as before"),
        (lambda m: parametrize.remove_parametrizations(m, "weight"), ValueError,
         "remove_parametrizations: 'weight' of Linear is not parametrised"),
        (lambda m: parametrize.transfer_parametrizations_and_params(m, m), ValueError,
         "Linear has no parametrised tensor"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    layer = nn.Linear(3, 3)
    with pytest.raises(error, match=message):
        call(layer)
    assert list(layer.state_dict()) == ["weight", "bias"]


def test_text_names_state_and_gradients_are_torch_s(rng):
    torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")

    def parts(lib, module):
        class Symmetric(module):
            def forward(self, x):
                return x.triu() + x.triu(1).mT

            def right_inverse(self, y):
                return y.triu()

        class Product(module):
            def forward(self, a, b):
                return a * b

            def right_inverse(self, y):
                return y * 2, lib.full_like(y, 0.5)

        return Symmetric(), Product()

    layers = []
    weight = rng.normal(size=(3, 3))
    for lib, modules, tools in ((nn, nn, parametrize), (torch, torch.nn, torch.nn.utils.parametrize)):
        layer = modules.Linear(3, 3).double()
        with lib.no_grad():
            layer.weight.copy_(lib.tensor(weight))
            layer.bias.copy_(lib.tensor(weight[0]))
        symmetric, product = parts(lib, modules.Module)
        tools.register_parametrization(layer, "weight", symmetric)
        tools.register_parametrization(layer, "bias", product)
        layers.append(layer)
    ours, theirs = layers
    assert repr(ours) == repr(theirs)
    x = rng.normal(size=(2, 3))
    (ours(nn.tensor(x)) ** 2).sum().backward()
    (theirs(torch.tensor(x)) ** 2).sum().backward()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for (name, p), (other, q) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert name == other
        np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), rtol=1e-12)
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-12)
