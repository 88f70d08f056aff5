"""Lazy layers: shapes from the first input."""

import copy
import pickle

import pytest

import nn


def test_a_lazy_layer_becomes_an_ordinary_one_at_its_first_call():
    lazy = nn.LazyLinear(3)
    assert (nn.is_lazy(lazy.weight), nn.is_lazy(lazy.bias)) == (True, True)
    names = [name for name, _ in lazy.named_parameters()]
    assert lazy(nn.ones(5, 4)).shape == (5, 3)
    assert type(lazy) is nn.Linear
    assert [name for name, _ in lazy.named_parameters()] == names == ["weight", "bias"]
    assert (lazy.in_features, lazy.weight.shape, type(lazy.weight)) == (4, (3, 4), nn.Parameter)
    assert lazy.weight.requires_grad
    lazy(nn.ones(2, 4)).sum().backward()
    assert lazy.weight.grad.shape == (3, 4)


def test_it_draws_what_an_ordinary_layer_draws():
    nn.manual_seed(3)
    lazy = nn.LazyLinear(3)
    lazy(nn.ones(1, 4))
    nn.manual_seed(3)
    assert nn.Linear(4, 3).weight.tolist() == lazy.weight.tolist()


def test_lazy_layers_in_a_model():
    model = nn.Sequential(nn.LazyLinear(3), nn.ReLU(), nn.LazyLinear(1, bias=False))
    assert repr(model[2]) == "LazyLinear(in_features=0, out_features=1, bias=False)"
    assert model(nn.zeros(2, 5)).shape == (2, 1)
    assert model[2].weight.shape == (1, 3)


def test_it_follows_the_dtype_before_it_has_a_shape():
    lazy = nn.LazyLinear(2).double()
    assert lazy(nn.ones(1, 3, dtype=nn.float64)).dtype == nn.float64


@pytest.mark.parametrize("read", [
    lambda p: p.shape, lambda p: p * 2, lambda p: p.numel(), lambda p: nn.sum(p), lambda p: p.tolist()])  # fmt: skip
def test_what_has_no_shape_cannot_be_read(read):
    with pytest.raises(RuntimeError, match="UninitializedParameter: it has no shape and no elements yet; run its mod"):
        read(nn.LazyLinear(2).weight)


def test_copies_and_pickles_stay_lazy():
    lazy = nn.LazyLinear(2)
    for other in (copy.deepcopy(lazy), pickle.loads(pickle.dumps(lazy))):
        assert nn.is_lazy(other.weight)
        assert other(nn.zeros(1, 3)).shape == (1, 2)
        assert type(other) is nn.Linear
    assert nn.is_lazy(lazy.weight)


def test_loading_gives_a_shape():
    lazy, source = nn.LazyLinear(2), nn.Linear(3, 2)
    lazy.load_state_dict(source.state_dict())
    assert lazy.weight.tolist() == source.weight.tolist()
    x = nn.ones(1, 3)
    assert lazy(x).tolist() == source(x).tolist()
    assert (type(lazy), lazy.in_features) == (nn.Linear, 3)


def test_the_state_of_a_lazy_layer_fits_another_lazy_layer_only():
    state = nn.LazyLinear(2).state_dict()
    assert nn.is_lazy(state["weight"])
    nn.LazyLinear(2).load_state_dict(state)
    with pytest.raises(RuntimeError, match="value of weight has no shape yet"):
        nn.Linear(3, 2).load_state_dict(state)


def test_a_lazy_layer_of_ones_own():
    class Scale(nn.Module):
        def __init__(self, size=0):
            super().__init__()
            self.table = nn.ones(size)
            self.register_buffer("count", nn.zeros(size))

        def forward(self, x):
            return x * self.count

    class LazyScale(nn.LazyModuleMixin, Scale):
        cls_to_become = Scale

        def __init__(self):
            super().__init__()
            self.register_buffer("count", nn.UninitializedBuffer())

        def initialize_parameters(self, x):
            self.count.materialize(x.shape[-1:])
            self.count.fill_(2)

    lazy = LazyScale()
    assert lazy(nn.ones(1, 3)).tolist() == [[2, 2, 2]]
    assert (type(lazy), type(lazy.count)) == (Scale, nn.Tensor)

    class Forgetful(LazyScale):
        def initialize_parameters(self, x):
            pass

    with pytest.raises(RuntimeError, match="initialize_parameters left a parameter without a shape"):
        Forgetful()(nn.ones(1))

    class Unwritten(nn.LazyModuleMixin, Scale):
        pass

    with pytest.raises(NotImplementedError, match="write a method initialize_parameters"):
        Unwritten()(nn.ones(1))
