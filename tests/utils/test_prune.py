"""Pruning: what is least is 0 and stays 0, again and again, and PyTorch's names, masks, values and gradients."""

import copy
import importlib
import pickle

import numpy as np
import pytest

import nn
from nn.utils import prune


def layer_with(weight, top=nn, lib=nn):
    layer = lib.Linear(weight.shape[1], weight.shape[0]).double()
    layer.weight = lib.Parameter(top.tensor(weight))
    layer.bias = lib.Parameter(top.tensor(weight[:, 0]))
    return layer


class TestWhatIsPruned:
    def test_the_least_numbers_are_0_and_stay_so_in_training(self, rng):
        layer = layer_with(rng.normal(size=(4, 3)))
        least = np.argsort(np.abs(layer.weight.detach().numpy()).reshape(-1))[:5]
        prune.l1_unstructured(layer, "weight", amount=5)
        optimizer = nn.optim.SGD(layer.parameters(), lr=0.1)
        for _ in range(3):
            layer(nn.tensor(rng.normal(size=(2, 3)))).sum().backward()
            optimizer.step()
        layer(nn.zeros(1, 3, dtype=nn.float64))
        assert np.flatnonzero(layer.weight.detach().numpy().reshape(-1) == 0).tolist() == sorted(least.tolist())
        assert (layer.weight_orig.detach().numpy() != 0).all()

    def test_amounts_are_fractions_of_what_is_left(self):
        layer = nn.Linear(10, 10)
        for left in (50, 25, 13):
            prune.random_unstructured(layer, "weight", amount=0.5)
            assert int(layer.weight_mask.sum()) == left

    def test_rows_go_whole_and_never_twice(self, rng):
        layer = layer_with(rng.normal(size=(6, 3)))
        for rows in (2, 4):
            prune.random_structured(layer, "weight", amount=2, dim=0)
            mask = layer.weight_mask.numpy()
            assert (mask.sum(1) == 0).sum() == rows
            assert set(mask.sum(1)) <= {0, 3}

    def test_the_least_norm_goes_first(self):
        layer = layer_with(np.array([[3.0, 4.0], [5.0, 1.0], [9.0, 9.0]]))
        prune.ln_structured(layer, "weight", amount=1, n=1, dim=0)  # sums 7 and 6
        assert layer.weight_mask.tolist() == [[1, 1], [0, 0], [1, 1]]
        prune.ln_structured(layer, "weight", amount=1, n=2, dim=-1)
        assert layer.weight_mask.tolist() == [[1, 0], [0, 0], [1, 0]]

    def test_scores_can_stand_for_the_numbers_themselves(self):
        layer = layer_with(np.array([[1.0, 2.0], [3.0, 4.0]]))
        prune.l1_unstructured(layer, "weight", 1, importance_scores=nn.tensor([[4.0, 3.0], [2.0, 1.0]]))
        assert layer.weight_mask.tolist() == [[1, 1], [1, 0]]

    def test_one_comparison_of_several_modules(self):
        small, large = layer_with(np.full((2, 2), 0.1)), layer_with(np.full((2, 2), 9.0))
        pairs = [(small, "weight"), (large, "weight")]
        prune.global_unstructured(pairs, pruning_method=prune.L1Unstructured, amount=4)
        assert small.weight_mask.sum() == 0
        assert large.weight_mask.sum() == 4
        prune.global_unstructured(pairs, pruning_method=prune.L1Unstructured, amount=0.5)
        assert large.weight_mask.sum() == 2

    def test_a_method_without_a_module(self):
        method = prune.L1Unstructured(amount=1)
        assert method.prune(nn.tensor([3.0, -1.0, 2.0])).tolist() == [3, 0, 2]
        assert method.prune(nn.tensor([3.0, -1.0, 2.0]), nn.tensor([0.0, 1.0, 1.0])).tolist() == [0, 0, 2]


class EveryOther(prune.BasePruningMethod):
    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        mask = default_mask.clone()
        mask.view(-1)[::2] = 0
        return mask


class Misnamed(prune.BasePruningMethod):
    PRUNING_TYPE = "chaotic"

    def compute_mask(self, t, default_mask):
        return default_mask


class TestNames:
    def test_the_parameter_stays_the_same_object(self):
        layer = nn.Linear(2, 2)
        weight = layer.weight
        prune.l1_unstructured(layer, "weight", 1)
        assert layer.weight_orig is weight
        assert list(layer.state_dict()) == ["bias", "weight_orig", "weight_mask"]
        prune.remove(layer, "weight")
        assert layer.weight is weight
        assert list(layer.state_dict()) == ["bias", "weight"]
        assert (layer.weight == 0).sum() == 1
        assert not prune.is_pruned(layer)

    def test_the_methods_of_a_parameter_are_one_hook(self):
        layer = nn.Linear(4, 4)
        first = prune.L1Unstructured.apply(layer, "weight", amount=2)
        assert first._tensor_name == "weight"
        container = EveryOther.apply(layer, "weight")
        third = prune.RandomStructured.apply(layer, "weight", amount=1, dim=1)
        assert isinstance(container, prune.PruningContainer)
        assert third is container
        assert [type(method).__name__ for method in container] == ["L1Unstructured", "EveryOther", "RandomStructured"]
        assert len(container) == 3
        assert container[0] is first
        assert len(layer._hooks["forward_pre"]) == 1
        prune.remove(layer, "weight")
        assert not layer._hooks["forward_pre"]

    def test_a_state_is_loaded_with_its_mask(self):
        layer = prune.l1_unstructured(nn.Linear(3, 3), "weight", 4)
        other = prune.identity(nn.Linear(3, 3), "weight")
        other.load_state_dict(layer.state_dict())
        x = nn.randn(2, 3)
        assert nn.equal(other(x), layer(x))

    @pytest.mark.parametrize("twin", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"])
    def test_copies_prune_on(self, twin):
        layer = prune.l1_unstructured(nn.Linear(3, 3), "weight", 4)
        layer(nn.ones(1, 3)).sum().backward()
        other = prune.l1_unstructured(twin(layer), "weight", 2)
        assert int(other.weight_mask.sum()) == 3
        assert int(layer.weight_mask.sum()) == 5

    def test_recurrent_layers_compute_with_what_is_left(self):
        layer = nn.LSTM(2, 3)
        prune.l1_unstructured(layer, "weight_ih_l0", amount=1.0)
        x = nn.randn(4, 1, 2)
        assert nn.equal(layer(x)[0], layer(x * 5)[0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: prune.l1_unstructured(m, "kernel", 1), ValueError, "Linear has no parameter 'kernel'"),
        (lambda m: prune.l1_unstructured(m, "weight", -1), ValueError, "amount must be an int from 0, or a float from 0 to 1"),  # noqa: E501
        (lambda m: prune.l1_unstructured(m, "weight", 1.5), ValueError, "float from 0 to 1, got 1.5"),
        (lambda m: prune.l1_unstructured(m, "weight", "all"), TypeError, "amount must be a number, got 'all'"),
        (lambda m: prune.l1_unstructured(m, "weight", 10), ValueError, "at most what is left, 9, got 10"),
        (lambda m: prune.ln_structured(m, "bias", 1, 2, 0), ValueError, r"two axes or more, got \(3,\); take an unstructured"),  # noqa: E501
        (lambda m: prune.ln_structured(m, "weight", 1, 2, 2), IndexError, r"dim must be an axis of \(3, 3\), got 2"),
        (lambda m: prune.remove(m, "weight"), ValueError, "remove: 'weight' of Linear is not pruned"),
        (lambda m: prune.custom_from_mask(m, "bias", nn.ones(2)), ValueError, r"shape \(3,\), got \(2,\)"),
        (lambda m: prune.l1_unstructured(m, "bias", 1, nn.ones(2)), ValueError, r"'bias', \(3,\), got \(2,\)"),
        (lambda m: prune.global_unstructured([m], prune.L1Unstructured, amount=1), TypeError, r"expected pairs \(module, name\)"),  # noqa: E501
        (lambda m: prune.global_unstructured([(m, "weight")], prune.LnStructured, amount=1, n=2), TypeError, "prunes whole rows"),  # noqa: E501
        (lambda m: prune.BasePruningMethod.apply(m, "weight"), NotImplementedError, "BasePruningMethod: write compute_mask"),  # noqa: E501
        (lambda m: [Misnamed.apply(m, "bias") for _ in range(2)], ValueError, "PRUNING_TYPE must be one of .* got 'chaotic'"),  # noqa: E501
        (lambda m: prune.PruningContainer(3), TypeError, "expected a pruning method, got int"),
        (lambda m: prune.PruningContainer().add_pruning_method(3), TypeError, "expected a pruning method, got int"),
        (lambda m: prune.PruningContainer().add_pruning_method(prune.L1Unstructured.apply(m, "bias", 1)), ValueError,
         "it prunes '', got a method that prunes 'bias'"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call(nn.Linear(3, 3))


STEPS = {
    "l1": lambda p, m, lib: p.l1_unstructured(m, "weight", amount=0.3),
    "l1 number": lambda p, m, lib: p.l1_unstructured(m, "weight", amount=3),
    "rows": lambda p, m, lib: p.ln_structured(m, "weight", amount=1, n=2, dim=0),
    "columns": lambda p, m, lib: p.ln_structured(m, "weight", amount=0.4, n=float("inf"), dim=-1),
    "mask": lambda p, m, lib: p.custom_from_mask(m, "weight", lib.ones_like(m.weight).tril()),
    "identity": lambda p, m, lib: p.identity(m, "weight"),
    "global": lambda p, m, lib: p.global_unstructured([(m, "weight"), (m, "bias")], p.L1Unstructured, amount=2),
}


@pytest.mark.parametrize("second", STEPS)
@pytest.mark.parametrize("first", STEPS)
def test_pruning_twice_is_torch_s(first, second, rng):
    torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
    their_tools = importlib.import_module("torch.nn.utils.prune")
    weight, x = rng.normal(size=(5, 4)), rng.normal(size=(3, 4))
    layers = []
    for lib, modules, tools in ((nn, nn, prune), (torch, torch.nn, their_tools)):
        layer = layer_with(weight, lib, modules)
        STEPS[first](tools, layer, lib)
        STEPS[second](tools, layer, lib)
        (layer(lib.tensor(x)) ** 2).sum().backward()
        layers.append(layer)
    ours, theirs = layers
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert prune.is_pruned(ours)
    for name, value in theirs.state_dict().items():
        np.testing.assert_array_equal(ours.state_dict()[name].numpy(), value.numpy())
    for (name, p), (other, q) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert name == other
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-12)
    prune.remove(ours, "weight")
    their_tools.remove(theirs, "weight")
    assert list(ours.state_dict()) == list(theirs.state_dict())
    np.testing.assert_array_equal(ours.weight.detach().numpy(), theirs.weight.detach().numpy())
