"""Residual networks: a block adds to its input, and the stages halve the picture."""

import numpy as np
import pytest

import nn
from nn.models import BasicBlock, Bottleneck, ResNet, resnet18, resnet34


@pytest.mark.parametrize("block", [BasicBlock, Bottleneck])
def test_a_block_whose_correction_is_0_is_the_identity_of_what_is_positive(block, rng):
    layer = block(8, 8 // block.expansion)
    last = layer.bn3 if block is Bottleneck else layer.bn2
    nn.init.zeros_(last.weight)
    x = nn.tensor(rng.random((2, 8, 5, 5)).astype(np.float32))
    assert layer.downsample is None
    assert np.array_equal(layer(x).detach().numpy(), x.numpy())


@pytest.mark.parametrize("block", [BasicBlock, Bottleneck])
def test_zero_init_residual_starts_every_block_so(block):
    model = ResNet(block, [1, 2], 3, zero_init_residual=True, in_channels=1, width=4, small=True)
    last = [m.bn3 if block is Bottleneck else m.bn2 for m in model.modules() if isinstance(m, block)]
    assert len(last) == 3
    assert all((norm.weight == 0).all() for norm in last)
    assert (model.layer1[0].bn1.weight == 1).all()


def test_each_stage_but_the_first_halves_the_picture_and_the_stem_quarters_it():
    large, small = resnet18(5), ResNet(BasicBlock, [1, 1, 1], 5, in_channels=1, width=4, small=True)
    assert large.features(nn.zeros(1, 3, 64, 64)).shape == (1, 512, 2, 2)
    assert small.features(nn.zeros(1, 1, 8, 8)).shape == (1, 16, 2, 2)
    assert large.fc.out_features == 5


def test_a_deep_one_has_the_parameters_of_the_paper():
    assert sum(p.numel() for p in resnet34().parameters()) == 21797672


def test_a_network_without_stages_is_refused():
    for layers in ([], [2, 0]):
        with pytest.raises(
            ValueError, match=r"^ResNet: layers must be numbers of blocks, at least 1 for each .* got \["
        ):
            ResNet(BasicBlock, layers)
