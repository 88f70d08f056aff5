"""What is frozen stays bit for bit, whatever the optimiser does; a pattern that matches nothing is refused."""

import copy
import pickle

import pytest
from trainings import fit, net, quiet

import nn
from nn.tuning import freeze, trainable, unfreeze


def named(model):
    return {name: parameter.requires_grad for name, parameter in model.named_parameters()}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten())
        self.head = nn.Linear(4 * 36, 5)

    def forward(self, x):
        return self.head(self.backbone(x))


OPTIMIZERS = [
    lambda p: nn.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.1),
    lambda p: nn.optim.AdamW(p, lr=0.1, weight_decay=0.1),
]


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_frozen_parts_stay_bit_identical_also_after_steps_with_momentum(make):
    model = Net()
    optimizer, x = make(model.parameters()), nn.randn(4, 1, 8, 8)

    def steps():
        for _ in range(3):
            optimizer.zero_grad()
            model.train()(x).square().sum().backward()
            optimizer.step()

    steps()  # so that there is momentum
    freeze(model, "backbone")
    before = {name: value.numpy().tobytes() for name, value in model.state_dict().items()}
    steps()
    after = {name: value.numpy().tobytes() for name, value in model.state_dict().items()}
    assert {name for name in before if before[name] != after[name]} == {"head.weight", "head.bias"}


def test_a_frozen_batch_norm_stays_in_evaluation_through_train_copies_and_the_trainer():
    model = net()
    freeze(model, "1")
    assert not model.train()[1].training
    assert model[3].training
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert not other.train()[1].training
    fit(quiet(), model)
    assert int(model[1].num_batches_tracked) == 0
    unfreeze(model, "1")
    assert model[1].training
    fit(quiet(), model)
    assert int(model[1].num_batches_tracked) > 0


def test_a_batch_norm_without_parameters_is_frozen_by_its_name_and_one_half_frozen_is_not():
    model = nn.Sequential(nn.BatchNorm1d(3, affine=False), nn.BatchNorm1d(3))
    assert freeze(model, "0", "1.bias") == ["1.bias"]
    assert [norm.training for norm in model.train()] == [False, True]


def test_patterns_name_parameters_modules_and_parts_of_names():
    model = Net()
    assert freeze(model, "*.bias") == ["backbone.0.bias", "backbone.1.bias", "head.bias"]
    assert freeze(model, ["head"]) == ["head.weight"]
    assert freeze(model, "backbone.?") == ["backbone.0.weight", "backbone.1.weight"]
    assert not any(named(model).values())
    assert unfreeze(model, "head") == ["head.weight", "head.bias"]
    assert trainable(model)[0] == 5 * (4 * 36 + 1)
    assert unfreeze(model) == ["backbone.0.weight", "backbone.0.bias", "backbone.1.weight", "backbone.1.bias"]
    assert freeze(model, []) == []


def test_a_tied_parameter_is_frozen_by_either_name():
    model = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 5, bias=False))
    model[1].weight = model[0].weight
    assert freeze(model, "1") == ["1.weight"]
    assert not model[0].weight.requires_grad


@pytest.mark.parametrize("change", [freeze, unfreeze])
def test_a_pattern_that_matches_nothing_names_the_nearest(change):
    with pytest.raises(ValueError, match=r"'backbon\.\*' matches no module and no parameter of Net; did you mean '"):
        change(Net(), "backbon.*")
    with pytest.raises(ValueError, match=r"'backbone\.2' matches only layers without parameters"):
        change(Net(), "backbone.2")
    with pytest.raises(TypeError, match="a pattern must be a text such as 'layer1"):
        change(Net(), Net().head)
    with pytest.raises(TypeError, match=r"model must be an nn\.Module, got list"):
        change([], "head")
