"""A pretrained model gets a fresh last layer for other classes."""

import numpy as np
import pytest

import nn
from nn.tuning import replace_head


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten())
        self.head = nn.Linear(4 * 36, 5)

    def forward(self, x):
        return self.head(self.backbone(x))


def test_a_head_is_replaced_by_one_for_other_classes():
    model = Net().eval()
    assert replace_head(model, 3) == "head"
    assert (model.head.in_features, model.head.out_features, model.head.training) == (144, 3, False)
    convolutional = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 10, 1, bias=False, dtype=np.float64)).double()
    assert replace_head(convolutional, 4) == "1"
    assert (convolutional[1].weight.shape, convolutional[1].bias) == ((4, 8, 1, 1), None)
    assert convolutional[1].weight.dtype == np.float64
    assert replace_head(model, nn.Identity(), "backbone.2") == "backbone.2"
    assert isinstance(model.backbone[2], nn.Identity)


def test_a_head_that_is_not_there_or_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="Net has no module 'haed'; did you mean 'head'"):
        replace_head(Net(), 3, "haed")
    with pytest.raises(ValueError, match=r"'backbone\.1' is a BatchNorm2d, from which no number of outputs"):
        replace_head(Net(), 3, "backbone.1")
    with pytest.raises(ValueError, match="ReLU has no Linear and no Conv2d"):
        replace_head(nn.ReLU(), 3)
    for wrong in (0, True, 2.5):
        with pytest.raises(ValueError, match="head must be a number of outputs, 1 or more, or a module, got"):
            replace_head(Net(), wrong)
