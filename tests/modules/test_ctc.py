"""The layer is the function, with its options."""

import pytest

import nn
import nn.functional as F


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_a_layer_is_its_function(reduction, rng):
    x = nn.tensor(rng.normal(size=(5, 2, 4))).log_softmax(-1)
    given = (x, nn.tensor([[1, 2], [3, 0]]), (5, 4), (2, 1))
    layer = nn.CTCLoss(reduction=reduction)
    assert layer(*given).tolist() == F.ctc_loss(*given, reduction=reduction).tolist()
    assert not layer.state_dict()


def test_the_blank_and_the_zero_for_impossible_targets_are_handed_on(rng):
    x = nn.tensor(rng.normal(size=(2, 1, 3))).log_softmax(-1)
    given = (x, nn.tensor([[0, 0]]), (2,), (2,))  # which takes three times
    assert nn.CTCLoss(blank=2, zero_infinity=True)(*given).item() == 0
    assert nn.CTCLoss(blank=2)(*given).item() == float("inf")
