"""Rates fall from the head to the input, and every parameter is in one group."""

import pytest

import nn
from nn.tuning import freeze, layerwise_groups


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(nn.ones(1))
        self.stem = nn.Linear(4, 4)
        self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4)) for _ in range(2)])
        self.head = nn.Linear(4, 2)


def test_each_layer_has_its_rate_and_each_parameter_one_group():
    model = Net()
    freeze(model, "stem")
    groups = layerwise_groups(model, lr=1.0, decay=0.5)
    assert [group["name"] for group in groups] == ["", "stem", "blocks.0.0", "blocks.0.1", "blocks.1.0", "blocks.1.1",
                                                   "head"]  # fmt: skip
    assert [group["lr"] for group in groups] == [0.5**i for i in range(6, -1, -1)]
    assert sum(len(group["params"]) for group in groups) == len(list(model.parameters()))
    assert nn.optim.AdamW(groups, lr=9.0).param_groups[0]["lr"] == 0.5**6


def test_layers_may_be_named_and_what_none_of_them_matches_is_trained_with_the_last():
    groups = layerwise_groups(Net(), 1.0, 0.1, layers=["stem", ["blocks.0", "blocks.1"], "head"])
    assert [group["name"] for group in groups] == ["stem", "blocks.0, blocks.1", "head"]
    assert [len(group["params"]) for group in groups] == [2, 8, 3]
    assert [group["lr"] for group in groups] == pytest.approx([0.01, 0.1, 1.0])


def test_biases_and_norms_are_not_decayed():
    groups = layerwise_groups(Net(), 1.0, weight_decay=0.1, layers=["stem", "blocks.*", "head"])
    for group in groups:
        assert {p.ndim > 1 for p in group["params"]} == {group["weight_decay"] == 0.1}
    assert [group["name"] for group in groups][:2] == ["stem", "stem (1 axis)"]


def test_tied_weights_are_in_one_group():
    model = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 5, bias=False))
    model[1].weight = model[0].weight
    assert [group["name"] for group in layerwise_groups(model, 1.0)] == ["0"]
    nn.optim.SGD(layerwise_groups(model, 1.0))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"decay": 0}, "decay must be above 0 and at most 1, got 0"),
        ({"decay": float("nan")}, "decay must be above 0"),
        ({"lr": -1}, "lr must be 0 or more, got -1"),
        ({"layers": ["stam"]}, "'stam' matches no module and no parameter of Net; did you mean 'stem'"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        layerwise_groups(**{"model": Net(), "lr": 1.0, **options})
    with pytest.raises(ValueError, match="ReLU has no parameters to group"):
        layerwise_groups(nn.ReLU(), 1.0)
