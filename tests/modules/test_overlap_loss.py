"""Dice and focal layers are their functions, with every option handed on."""

import pytest

import nn


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_a_layer_is_its_function(reduction, rng):
    x, t = nn.tensor(rng.normal(size=(4, 3))), nn.tensor(rng.integers(0, 2, (4, 3))).double()
    p = x.sigmoid()
    dice, focal = dict(smooth=0.5, reduction=reduction), dict(alpha=0.7, gamma=1.5, reduction=reduction)
    assert nn.DiceLoss(**dice)(p, t).tolist() == nn.dice_loss(p, t, **dice).tolist()
    assert nn.FocalLoss(**focal)(x, t).tolist() == nn.focal_loss(x, t, **focal).tolist()
    assert nn.DiceLoss(reduction=reduction)(p, t).tolist() != nn.DiceLoss(**dice)(p, t).tolist()
    assert nn.FocalLoss(reduction=reduction)(x, t).tolist() != nn.FocalLoss(**focal)(x, t).tolist()
