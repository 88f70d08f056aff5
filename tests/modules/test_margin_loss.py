"""Layers of losses with a margin are their functions, with every option handed on."""

import pytest

import nn
import nn.functional as F

N = 20
SIGNS = [1.0, -1.0, 1.0, 1.0, -1.0] * 4
CASES = {
    "HingeEmbedding": ([(N,)], SIGNS, dict(margin=0.7)),
    "CosineEmbedding": ([(N, 3)] * 2, SIGNS, dict(margin=0.2)),
    "MarginRanking": ([(N,)] * 2, SIGNS, dict(margin=0.3)),
    "SoftMargin": ([(N,)], SIGNS, {}),
    "MultiMargin": ([(N, 3)], [0, 2, 1, 1, 0] * 4, dict(p=2, margin=0.5, weight=nn.tensor([1.0, 2.0, 3.0]).double())),
    "MultiLabelMargin": ([(N, 3)], [[0, 2, -1]] * N, {}),
    "MultiLabelSoftMargin": ([(N, 3)], [[0.0, 1.0, 1.0]] * N, dict(weight=nn.tensor([1.0, 2.0, 3.0]).double())),
    "TripletMargin": ([(N, 3)] * 3, None, dict(margin=0.4, p=1.0, swap=True)),
    "TripletMarginWithDistance": ([(N, 3)] * 3, None, dict(margin=0.4, swap=True,
                                  distance_function=lambda a, b: (a - b).abs().sum(-1))),
}  # fmt: skip
FUNCTIONS = {
    "MultiLabelMargin": "multilabel_margin_loss",
    "MultiLabelSoftMargin": "multilabel_soft_margin_loss",
}


def function_of(name):
    words = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
    return getattr(F, FUNCTIONS.get(name, f"{words}_loss"))


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("name", CASES)
def test_a_layer_is_its_function(name, reduction, rng):
    shapes, target, options = CASES[name]
    inputs = [nn.tensor(rng.normal(size=shape)) for shape in shapes]
    inputs += [] if target is None else [nn.tensor(target)]
    layer = getattr(nn, f"{name}Loss")(**options, reduction=reduction)
    assert layer(*inputs).tolist() == function_of(name)(*inputs, **options, reduction=reduction).tolist()
    plain = function_of(name)(*inputs, reduction=reduction)
    assert bool(options) == (layer(*inputs).tolist() != plain.tolist())


def test_the_weight_of_the_classes_moves_with_the_layer():
    layer = nn.MultiMarginLoss(weight=nn.ones(3)).double()
    assert layer.weight.dtype == nn.float64
    assert list(layer.state_dict()) == ["weight"]
