"""Loss modules are their functions; their weights are buffers."""

import numpy as np
import pytest

import nn
import nn.functional as F


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_a_module_is_its_function(reduction, rng):
    x, t = nn.tensor(rng.normal(size=(5, 3))), nn.tensor(rng.uniform(size=(5, 3)))
    c, w = nn.tensor(rng.integers(0, 3, 5)), nn.tensor(rng.uniform(0.5, 2, 3))
    for module, target, wanted in [
        (nn.MSELoss(reduction), t, F.mse_loss(x, t, reduction)),
        (nn.BCEWithLogitsLoss(w, reduction, w), t, F.binary_cross_entropy_with_logits(x, t, w, reduction, w)),
        (nn.NLLLoss(w, 1, reduction), c, F.nll_loss(x, c, w, 1, reduction)),
        (nn.CrossEntropyLoss(w, 1, reduction, 0.1), c, F.cross_entropy(x, c, w, 1, reduction, 0.1)),
        (nn.CrossEntropyLoss(reduction=reduction), t, F.cross_entropy(x, t, reduction=reduction)),
    ]:
        assert module(x, target).tolist() == wanted.tolist()
    assert (
        nn.BCELoss(w, reduction)(x.sigmoid(), t).tolist()
        == F.binary_cross_entropy(x.sigmoid(), t, w, reduction).tolist()
    )


def test_weights_follow_the_module_s_dtype():
    loss = nn.CrossEntropyLoss(weight=nn.ones(3))
    assert list(loss.state_dict()) == ["weight"]
    assert loss.double().weight.dtype == np.float64
    assert not list(loss.parameters())


def test_an_unknown_reduction_is_refused():
    with pytest.raises(ValueError, match="mse_loss: reduction must be one of none, mean, sum; got 'avg'"):
        nn.MSELoss(reduction="avg")(nn.zeros(1), nn.zeros(1))
